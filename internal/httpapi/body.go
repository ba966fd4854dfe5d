package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/staffetta/staffetta/internal/sms"
)

const (
	bodyLimit  = 1 << 20  // octets of a body with one message
	bulkLimit  = 16 << 20 // octets of a body with many
	firstRead  = 8 << 10  // octets made ready for a body, whatever its Content-Length claims
	keepLimit  = 64 << 10 // a buffer that has grown past this is not kept for the next request
	drainLimit = 8 << 20  // octets of a too large body that are read and thrown away

	mostFaults  = 50  // members that one answer names
	longestName = 100 // octets of such a name
)

// body is one JSON body: its octets and the decoder over them. It is reused; nothing may point into it once
// it was released.
type body struct {
	counted counted
	limited io.LimitedReader
	buffer  bytes.Buffer
	text    []byte       // what was read, without a byte order mark
	source  bytes.Buffer // text, as the decoder wants it
	decoder jsontext.Decoder
	wrong   []sms.FieldError // members of a wrong type, in the order of the text
}

const blanks = " \t\r\n" // RFC 8259 §2

var bodies = sync.Pool{New: func() any { return new(body) }}

// readBody reads the body of a request, of at most 1 MiB, after judging what its headers say. Release it when it is
// decoded.
func readBody(c *call) (*body, error) { return readBodyUpTo(c, bodyLimit) }

// readBodyUpTo is readBody with another limit in octets.
func readBodyUpTo(c *call, limit int64) (*body, error) {
	if err := checkHeaders(c.r, limit); err != nil {
		return nil, err
	}
	b := bodies.Get().(*body)
	b.buffer.Grow(firstRead)
	b.counted = counted{c.r.Body, c}
	b.limited = io.LimitedReader{R: &b.counted, N: limit + 1}
	if _, err := b.buffer.ReadFrom(&b.limited); errors.Is(err, errCrowded) {
		b.release()
		return nil, errCrowded
	} else if err != nil {
		b.release()
		return nil, invalidDocument("the body could not be read to its end")
	}
	if int64(b.buffer.Len()) > limit {
		b.release()
		return nil, tooLarge(c.r, limit)
	}
	b.text = bytes.TrimPrefix(b.buffer.Bytes(), []byte("\xef\xbb\xbf"))
	if len(bytes.TrimLeft(b.text, blanks)) == 0 {
		b.release()
		return nil, errBodyEmpty
	}
	b.source = *bytes.NewBuffer(b.text)
	b.decoder.Reset(&b.source)
	return b, nil
}

func (b *body) release() {
	if b.buffer.Cap() > keepLimit {
		return
	}
	b.buffer.Reset()
	b.text, b.wrong, b.limited.R, b.counted = nil, nil, nil, counted{}
	bodies.Put(b)
}

var (
	errBodyEmpty   = invalidDocument("the body is empty; it must be a JSON object")
	errContentType = sms.Errorf(sms.Unsupported, "the Content-Type of a body must be application/json")
	errCompressed  = sms.Errorf(sms.Unsupported, "a body with a Content-Encoding is not read; send it as it is")
)

func checkHeaders(r *http.Request, limit int64) error {
	if r.ContentLength > limit {
		return tooLarge(r, limit)
	}
	if r.ContentLength == 0 {
		return errBodyEmpty
	}
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";") // JSON is UTF-8 whatever a charset says, RFC 8259 §8.1
	if !strings.EqualFold(strings.TrimSpace(mediaType), jsonType) {
		return errContentType
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return errCompressed
	}
	return nil
}

// tooLarge refuses a body after reading some more of it. Many clients do not look for an answer before they have
// sent everything; they would see a broken connection instead. One that asked first (Expect) has sent nothing.
func tooLarge(r *http.Request, limit int64) error {
	if most := max(drainLimit, 2*limit); r.ContentLength <= most && r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, r.Body, most) // it is thrown away, whole or not
	}
	return sms.Errorf(sms.TooLarge, "the body is larger than %d MiB", limit>>20)
}

// document is the name under which an error of the whole body stands in errors.
const document = "$"

func invalidDocument(message string) error {
	return &sms.Error{Code: sms.Invalid, Message: message, Fields: []sms.FieldError{{Field: document, Message: message}}}
}

// members reads the one object that the body must be. It calls take with the name of each member and the decoder
// in front of its value, which take must consume with one of the readers below. Names are given as they stand in the text
// when they hold no escapes, without copying: they are valid until the decoder moves.
func (b *body) members(take func(b *body, name []byte) error) error {
	if b.decoder.PeekKind() != '{' {
		return b.notAnObject()
	}
	if err := b.object(take); err != nil {
		return b.malformed(err)
	}
	end := int(b.decoder.InputOffset())
	if rest := bytes.TrimLeft(b.text[end:], blanks); len(rest) > 0 {
		return b.malformed(&jsontext.SyntacticError{ByteOffset: int64(len(b.text) - len(rest)), Err: errTrailing})
	}
	if len(b.wrong) > 0 {
		return &sms.Error{Code: sms.Invalid, Message: "validation failed", Fields: b.wrong}
	}
	return nil
}

// object reads one object, whose opening brace is next, with the decoder's own errors.
func (b *body) object(take func(b *body, name []byte) error) error {
	if _, err := b.decoder.ReadToken(); err != nil {
		return err
	}
	for b.decoder.PeekKind() != '}' {
		quoted, err := b.decoder.ReadValue()
		if err != nil {
			return err
		}
		name := quoted[1 : len(quoted)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name, _ = jsontext.AppendUnquote(nil, quoted) // the decoder has checked it
		}
		if err := take(b, name); err != nil {
			return err
		}
	}
	_, err := b.decoder.ReadToken()
	return err
}

func (b *body) notAnObject() error {
	if _, err := b.decoder.ReadValue(); err != nil {
		return b.malformed(err)
	}
	return invalidDocument("the body must be a JSON object")
}

// fault remembers that a member cannot be what it is; of very many only the first.
func (b *body) fault(field, message string) {
	if len(b.wrong) < mostFaults {
		b.wrong = append(b.wrong, sms.FieldError{Field: brief(field), Message: message})
	}
}

// brief cuts a name that a client made up.
func brief(name string) string {
	if len(name) <= longestName {
		return name
	}
	return strings.ToValidUTF8(name[:longestName], "") + "…"
}
