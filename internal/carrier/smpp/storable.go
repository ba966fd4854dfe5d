package smpp

import (
	"strings"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// storable copies what a carrier wrote (a PDU's strings share memory with all that came along with it) in a form that
// every database takes: an octet that is not UTF-8, and U+0000, is written as \x and two hexadecimal digits. Specifications
// ask for ASCII; ids of the field hold what they like. The same octets give the same text, in the answer and in the receipt.
func storable(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return strings.Clone(text)
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == 0 || r == utf8.RuneError && size == 1 {
			b.WriteString(`\x`)
			b.WriteByte(hexDigits[text[0]>>4])
			b.WriteByte(hexDigits[text[0]&0xf])
		} else {
			b.WriteString(text[:size])
		}
		text = text[size:]
	}
	return b.String()
}
