package gsm

import "unicode/utf8"

// Count says how text is encoded, how many septets (GSM-7) or UTF-16 units (UCS-2) it takes without headers, and in
// how many parts it travels: the number of segments that [Split] makes. One character outside GSM-7 makes the whole
// text UCS-2. A pair that would be cut moves whole to the next part, so parts can be more than units divided by the
// limit. An empty text is one part. parts is right beyond [MaxParts] too. Count reads the text once and does not
// allocate.
func Count(text string) (enc Encoding, units, parts int) {
	c := counter{limit: MaxPartSeptets, parts: 1}
	characters := 0
	for i := 0; i < len(text); {
		code, size := uint8(foreign), 1
		if octet := text[i]; octet < utf8.RuneSelf {
			code = codes[octet]
		} else {
			code, size = codeAt(text[i:])
		}
		if code == foreign {
			return countUCS2(text[i:], characters)
		}
		c.add(1 + int(code>>7))
		characters++
		i += size
	}
	units, parts = c.result(MaxSeptets)
	return GSM7, units, parts
}

// countUCS2 goes on where the first foreign character stands, after characters of GSM-7: one unit each.
func countUCS2(rest string, characters int) (enc Encoding, units, parts int) {
	full := characters / MaxPartUnits
	c := counter{limit: MaxPartUnits, units: characters, parts: full + 1, filled: characters - full*MaxPartUnits}
	for i := 0; i < len(rest); {
		character, size := rune(rest[i]), 1
		if character >= utf8.RuneSelf {
			character, size = utf8.DecodeRuneInString(rest[i:])
		}
		width := 1
		if character >= supplementary {
			width = 2
		}
		c.add(width)
		i += size
	}
	units, parts = c.result(MaxUnits)
	return UCS2, units, parts
}

// counter fills parts of limit units, one character after the other.
type counter struct{ limit, units, parts, filled int }

func (c *counter) add(width int) {
	c.units += width
	if c.filled += width; c.filled > c.limit {
		c.parts++
		c.filled = width
	}
}

// result returns the units and parts; a text of at most single units needs no header and is one part.
func (c *counter) result(single int) (units, parts int) {
	if c.units <= single {
		return c.units, 1
	}
	return c.units, c.parts
}

// Truncate returns the longest beginning of text that travels in one part.
func Truncate(text string) string {
	septets, units := 0, 0
	plain := true
	for i, character := range text {
		code := codeOf(character)
		plain = plain && code != foreign
		septets += 1 + int(code>>7)
		units++
		if character >= supplementary {
			units++
		}
		if plain && septets > MaxSeptets || !plain && units > MaxUnits {
			return text[:i]
		}
	}
	return text
}
