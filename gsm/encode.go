package gsm

import (
	"math"
	"unicode/utf8"
)

// EncodeGSM appends text as unpacked septets, the escape before each character of the extension table, and returns
// the extended slice. At the first character outside both tables it stops and returns false, with what came before
// it appended. It allocates at most once, and not at all when dst has room for twice the octets of text.
func EncodeGSM(dst []byte, text string) ([]byte, bool) {
	dst, taken := appendGSM(grow(dst, 2*len(text)), text, math.MaxInt)
	return dst, taken == len(text)
}

// grow makes room for more octets in one allocation, which slices.Grow does not promise.
func grow(dst []byte, more int) []byte {
	if cap(dst)-len(dst) >= more {
		return dst
	}
	return append(make([]byte, 0, len(dst)+more), dst...)
}

// appendGSM appends at most limit septets of text and returns the octets of text that it took. It stops before a
// foreign character, and before an escape pair that does not fit whole.
func appendGSM(dst []byte, text string, limit int) (septets []byte, taken int) {
	for taken < len(text) {
		code, size := uint8(foreign), 1
		if octet := text[taken]; octet < utf8.RuneSelf {
			code = codes[octet]
		} else {
			code, size = codeAt(text[taken:])
		}
		if code < extended {
			if limit--; limit < 0 {
				return dst, taken
			}
			dst = append(dst, code)
		} else {
			if limit -= 2; limit < 0 || code == foreign {
				return dst, taken
			}
			dst = append(dst, escape, code&^extended)
		}
		taken += size
	}
	return dst, taken
}

// EncodeUCS2 appends text as UTF-16, big endian. Characters above U+FFFF become surrogate pairs, TS 23.038 §6.2.3.
func EncodeUCS2(dst []byte, text string) []byte {
	dst, _ = appendUCS2(dst, text, math.MaxInt)
	return dst
}

// appendUCS2 appends at most limit UTF-16 units of text and returns the octets of text that it took. It stops before
// a surrogate pair that does not fit whole.
func appendUCS2(dst []byte, text string, limit int) (octets []byte, taken int) {
	for taken < len(text) {
		character, size := rune(text[taken]), 1
		if character >= utf8.RuneSelf {
			character, size = utf8.DecodeRuneInString(text[taken:])
		}
		if character < supplementary {
			if limit--; limit < 0 {
				return dst, taken
			}
			dst = append(dst, byte(character>>8), byte(character))
		} else {
			if limit -= 2; limit < 0 {
				return dst, taken
			}
			dst = appendPair(dst, character-supplementary)
		}
		taken += size
	}
	return dst, taken
}

// supplementary is the first character that takes a surrogate pair.
const supplementary = 0x10000

func appendPair(dst []byte, offset rune) []byte {
	high, low := surrogateHigh+offset>>10, surrogateLow+offset&0x3FF
	return append(dst, byte(high>>8), byte(high), byte(low>>8), byte(low))
}

const (
	surrogateHigh = 0xD800
	surrogateLow  = 0xDC00
)
