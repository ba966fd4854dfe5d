package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/staffetta/staffetta/internal/sms"
)

// errTrailing is for text after the object.
var errTrailing = errors.New("text after the object")

// malformed says in words what is wrong with a text that is not JSON, and where.
func (b *body) malformed(err error) error {
	if _, judged := errors.AsType[*sms.Error](err); judged { // it is about what the text says, not about its form
		return err
	}
	offset := b.decoder.InputOffset()
	pointer := jsontext.Pointer("")
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset, pointer = syntax.ByteOffset, syntax.JSONPointer
	}
	at := min(max(int(offset), 0), len(b.text))
	reason := b.reason(err, at, pointer)
	field := fieldOf(pointer)
	return &sms.Error{Code: sms.Invalid, Message: "the body is not valid JSON: " + reason,
		Fields: []sms.FieldError{{Field: field, Message: reason}}}
}

func (b *body) reason(err error, at int, pointer jsontext.Pointer) string {
	where := position(b.text, at)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Sprintf("the member %q stands twice, the second time at %s", brief(pointer.LastToken()), where)
	case errors.Is(err, errTrailing):
		return "there is text after the object, at " + where
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early, at " + where
	}
	rest := b.text[at:]
	if first, size := utf8.DecodeRune(rest); first == utf8.RuneError && size == 1 {
		return "what is not UTF-8 stands at " + where
	} else if surrogate(rest) {
		return "an unpaired surrogate stands at " + where
	} else if first == '\\' {
		return "an unknown escape stands at " + where
	} else if size > 0 {
		return fmt.Sprintf("unexpected %q at %s", first, where)
	}
	return "it is wrong at " + where
}

// surrogate reports whether the text begins with the escape of U+D800 to U+DFFF.
func surrogate(text []byte) bool {
	return len(text) > 3 && text[0] == '\\' && text[1] == 'u' && (text[2] == 'd' || text[2] == 'D') &&
		strings.IndexByte("89abcdefABCDEF", text[3]) >= 0
}

// position counts as an editor does: lines and columns from 1, columns in characters.
func position(text []byte, at int) string {
	before := text[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

// fieldOf names the member in which something is wrong the way validation does: placeholders.key.
func fieldOf(pointer jsontext.Pointer) string {
	var names []string
	for name := range pointer.Tokens() {
		names = append(names, name)
	}
	if len(names) == 0 {
		return document
	}
	return brief(strings.Join(names[:min(len(names), 2)], "."))
}
