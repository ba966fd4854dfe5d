package httpapi

import (
	"bytes"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// The readers of values: each consumes one value of the decoder. The error is the decoder's own, for a text that
// is not JSON; a value of a wrong type is a fault of the body under the name of the field. null leaves the
// target as it is: an optional member that is null is absent.

const zeroCharacter = "must not contain U+0000"

// stringInto reads a string.
func (b *body) stringInto(target *string, field string) error {
	value, err := b.decoder.ReadValue()
	if err != nil {
		return err
	}
	switch value.Kind() {
	case '"':
		*target = b.unquote(value, field)
	case 'n':
	default:
		b.fault(field, "must be a string, not "+kindName(value))
	}
	return nil
}

// boolInto reads true or false.
func (b *body) boolInto(target *bool, field string) error {
	value, err := b.decoder.ReadValue()
	if err != nil {
		return err
	}
	switch value.Kind() {
	case 't', 'f':
		*target = value.Kind() == 't'
	case 'n':
	default:
		b.fault(field, "must be true or false, not "+kindName(value))
	}
	return nil
}

// optionalBoolInto keeps absent (nil) apart from false.
func (b *body) optionalBoolInto(target **bool, field string) error {
	if b.decoder.PeekKind() == 'n' {
		return b.boolInto(new(bool), field)
	}
	*target = new(bool)
	return b.boolInto(*target, field)
}

// wholeInto reads a whole number; 3600.0 is one, "3600" is not.
func (b *body) wholeInto(target **int64, field string) error {
	value, err := b.decoder.ReadValue()
	if err != nil || value.Kind() == 'n' {
		return err
	}
	if value.Kind() != '0' {
		b.fault(field, "must be a whole number, not "+kindName(value))
		return nil
	}
	number, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		float, err := strconv.ParseFloat(string(value), 64)
		if err != nil || float != math.Trunc(float) || math.Abs(float) > 1<<53 {
			b.fault(field, "must be a whole number, such as 3600")
			return nil //nolint:nilerr // the text is JSON; its value is the caller's fault
		}
		number = int64(float)
	}
	*target = &number
	return nil
}

// textsInto reads an object of strings, numbers and booleans; a number becomes the text as it was written.
func (b *body) textsInto(target *map[string]string, field string) error {
	if b.decoder.PeekKind() != '{' {
		value, err := b.decoder.ReadValue()
		if err == nil && value.Kind() != 'n' {
			b.fault(field, "must be an object, not "+kindName(value))
		}
		return err
	}
	texts := make(map[string]string)
	*target = texts
	return b.object(func(b *body, name []byte) error {
		key := string(name)
		member := field + "." + key
		if bytes.IndexByte(name, 0) >= 0 {
			b.fault(member, zeroCharacter)
		}
		value, err := b.decoder.ReadValue()
		if err != nil {
			return err
		}
		switch value.Kind() {
		case '"':
			texts[key] = b.unquote(value, member)
		case '0', 't', 'f':
			texts[key] = string(value)
		default:
			b.fault(member, "must be a string, a number, true or false, not "+kindName(value))
		}
		return nil
	})
}

// skip reads a member that the contract does not know: its value does not matter, but its form does.
func (b *body) skip(name []byte) error {
	field := string(name)
	value, err := b.decoder.ReadValue()
	if err == nil && (bytes.IndexByte(name, 0) >= 0 || escapesZero(value)) {
		b.fault(field, zeroCharacter)
	}
	return err
}

// unquote copies a string out of the text. The decoder has checked that it is UTF-8 without lone surrogates.
func (b *body) unquote(quoted jsontext.Value, field string) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	text, _ := jsontext.AppendUnquote(make([]byte, 0, len(inner)), quoted)
	if bytes.IndexByte(text, 0) >= 0 {
		b.fault(field, zeroCharacter)
	}
	return string(text)
}

// escapesZero reports whether a JSON value holds U+0000 anywhere; it can stand there only as an escape.
func escapesZero(value []byte) bool {
	for {
		at := bytes.IndexByte(value, '\\')
		if at < 0 {
			return false
		}
		value = value[at+1:]
		if bytes.HasPrefix(value, []byte("u0000")) {
			return true
		}
		value = value[1:] // the octet after a backslash may be one itself
	}
}

func kindName(value jsontext.Value) string {
	switch value.Kind() {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	}
	return "an array"
}
