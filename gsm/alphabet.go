package gsm

import "unicode/utf8"

// table gives the character of each septet; 0 where there is none.
type table [128]uint16

// escape leads into the extension or single shift table, TS 23.038 §6.2.1. It is not a character.
const escape = 0x1B

// A code of the default alphabet is its septet, with the extended bit when the escape stands before it.
const (
	extended = 0x80
	foreign  = 0xFF // no code: septet 0x7F of the extension table is unassigned
)

// codes gives the code of each character below U+0400; the euro sign is the only one above.
var codes = invert(&defaultAlphabet, &defaultExtension)

const (
	codesEnd = 0x400
	euro     = '€'
	euroCode = extended | 0x65
)

func invert(alphabet, extension *table) *[codesEnd]uint8 {
	inverse := new([codesEnd]uint8)
	for i := range inverse {
		inverse[i] = foreign
	}
	fill := func(t *table, mark uint8) {
		for septet, character := range t {
			if character != 0 && character < codesEnd {
				inverse[character] = uint8(septet) | mark
			}
		}
	}
	fill(extension, extended)
	fill(alphabet, 0)
	return inverse
}

// codeAt returns the code of the first character of text, which is not empty, and the octets that it takes there.
func codeAt(text string) (code uint8, size int) {
	character, size := utf8.DecodeRuneInString(text)
	return codeOf(character), size
}

func codeOf(character rune) uint8 {
	if uint32(character) < codesEnd {
		return codes[character]
	}
	if character == euro {
		return euroCode
	}
	return foreign
}

// Fits reports whether every character of text is in the default alphabet or its extension table. U+001B and U+0000
// are not: the first is the escape itself.
func Fits(text string) bool {
	for _, character := range text {
		if codeOf(character) == foreign {
			return false
		}
	}
	return true
}

// Foreign returns the distinct characters of text that force Unicode, in order of appearance; nil when it fits.
func Foreign(text string) []rune {
	var found []rune
	seen := map[rune]struct{}{}
	for _, character := range text {
		if codeOf(character) != foreign {
			continue
		}
		if _, known := seen[character]; !known {
			seen[character] = struct{}{}
			found = append(found, character)
		}
	}
	return found
}

// Characters returns the number of Unicode characters in text. An accent that stands as a character of its own, and
// each member of a joined emoji, counts as one.
func Characters(text string) int { return utf8.RuneCountInString(text) }
