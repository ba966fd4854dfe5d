package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/staffetta/staffetta/proof/marker"
)

// reader reads HTTP/1.1 answers from a connection that is kept. It knows just what the servers under test send:
// a status line, Content-Length, a body.
type reader struct {
	from io.Reader
	buf  []byte // what has arrived and is not yet taken starts at 0
	n    int
}

var (
	errLength   = errors.New("an answer without Content-Length")
	headerEnd   = []byte("\r\n\r\n")
	lengthName  = []byte("\ncontent-length:")
	lengthCanon = []byte("\nContent-Length:")
)

// next returns the status and body of one answer; body is valid until the next call.
func (r *reader) next() (status int, body []byte, err error) {
	head := -1
	for head < 0 {
		if err := r.fill(); err != nil {
			return 0, nil, err
		}
		head = bytes.Index(r.buf[:r.n], headerEnd)
	}
	status, length, err := parseHead(r.buf[:head+2])
	if err != nil {
		return 0, nil, err
	}
	end := head + len(headerEnd) + length
	for r.n < end {
		if err := r.fill(); err != nil {
			return 0, nil, err
		}
	}
	if r.n > end {
		return 0, nil, errors.New("more octets than one answer")
	}
	r.n = 0
	return status, r.buf[head+len(headerEnd) : end], nil
}

func (r *reader) fill() error {
	if r.n == len(r.buf) {
		r.buf = append(r.buf, make([]byte, max(4096, len(r.buf)))...)
	}
	n, err := r.from.Read(r.buf[r.n:])
	r.n += n
	if n > 0 {
		return nil
	}
	return err
}

func parseHead(head []byte) (status, length int, err error) {
	if len(head) < len("HTTP/1.1 200") || !bytes.HasPrefix(head, []byte("HTTP/1.1 ")) {
		return 0, 0, fmt.Errorf("no HTTP/1.1 answer: %.40q", head)
	}
	code, ok := marker.Digits(head[9:12])
	if !ok {
		return 0, 0, fmt.Errorf("no status: %.40q", head)
	}
	at := bytes.Index(head, lengthCanon)
	if at < 0 {
		at = bytes.Index(bytes.ToLower(head), lengthName)
	}
	if at < 0 {
		return 0, 0, errLength
	}
	value, _, _ := bytes.Cut(head[at+len(lengthName):], []byte("\r"))
	n, ok := marker.Digits(bytes.TrimSpace(value))
	if !ok || n > 4<<20 {
		return 0, 0, errLength
	}
	return int(code), int(n), nil
}
