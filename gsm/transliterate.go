package gsm

import (
	"unicode"
	"unicode/utf8"
)

// Transliterate replaces the characters outside GSM-7 by near ones: typographic quotation marks and dashes, special
// spaces, letters with accents by the letter they are built on, ligatures, capitals of Greek and Cyrillic that look
// like those of GSM-7, full-width forms. Characters without a shape, such as joiners, are left out.
//
// It returns the new text and true only when the whole of it fits GSM-7 and takes no more parts than before. In every
// other case, and when text fits already, it returns text unchanged and false: a text is never half replaced.
func Transliterate(text string) (string, bool) {
	encoding, _, parts := Count(text)
	if encoding == GSM7 {
		return text, false
	}
	replaced, whole := replace(text, false)
	if !whole || replaced == "" {
		return text, false
	}
	if _, _, now := Count(replaced); now > parts {
		return text, false
	}
	return replaced, true
}

// TransliterateLossy replaces as [Transliterate] does, and what has no near character by "?". The result always fits
// GSM-7; it can be longer than text, and empty when text has only characters without a shape.
func TransliterateLossy(text string) string {
	if Fits(text) {
		return text
	}
	replaced, _ := replace(text, true)
	return replaced
}

// replace returns text in characters of GSM-7. Unless lossy, it gives up at the first without a near one.
func replace(text string, lossy bool) (string, bool) {
	near := make([]byte, 0, len(text))
	for _, character := range text {
		if codeOf(character) != foreign {
			near = utf8.AppendRune(near, character)
			continue
		}
		longer, ok := appendNear(near, character)
		switch {
		case ok:
			near = longer
		case lossy:
			near = append(near, '?')
		default:
			return "", false
		}
	}
	return string(near), true
}

// appendNear appends the near form of a foreign character, which can depend on what stands before it.
func appendNear(text []byte, character rune) ([]byte, bool) {
	if character >= firstAccent && character <= lastAccent {
		return accent(text, character)
	}
	if fraction, ok := nearFractions[character]; ok {
		if last, _ := utf8.DecodeLastRune(text); unicode.IsDigit(last) {
			text = append(text, ' ')
		}
		return append(text, fraction...), true
	}
	if form, ok := near(character); ok {
		return append(text, form...), true
	}
	return text, false
}

// The combining accents.
const (
	firstAccent = 0x0300
	lastAccent  = 0x036F
)

// accent joins a combining accent with the letter before it, or leaves it out: the plain letter is near. Without a
// letter it has no near form.
func accent(text []byte, mark rune) ([]byte, bool) {
	letter, size := utf8.DecodeLastRune(text)
	if joined, ok := composed[[2]rune{letter, mark}]; ok {
		return utf8.AppendRune(text[:len(text)-size], joined), true
	}
	return text, unicode.IsLetter(letter)
}

// near returns the near form of a foreign character on its own.
func near(character rune) (string, bool) {
	if form, ok := latin(character); ok {
		return form, true
	}
	if character >= fullWidthFirst && character <= fullWidthLast {
		character -= fullWidthFirst - '!'
		if codeOf(character) != foreign {
			return string(character), true
		}
	}
	if form, ok := latinNear[character]; ok {
		return form, true
	}
	form, ok := nearSymbols[character]
	return form, ok
}

// The full-width forms of U+0021 to U+007E.
const (
	fullWidthFirst = 0xFF01
	fullWidthLast  = 0xFF5E
)

// latin returns the plain letter that a letter of the Latin blocks is built on.
func latin(character rune) (string, bool) {
	base, first := latinBase, rune(0xC0)
	if character >= 0x1E00 {
		base, first = latinAdditionalBase, 0x1E00
	}
	if i := int(character - first); i >= 0 && i < len(base) && base[i] != ' ' {
		return base[i : i+1], true
	}
	return "", false
}
