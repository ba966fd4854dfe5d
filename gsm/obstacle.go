package gsm

import "unicode/utf8"

// Obstacle is one place of a text that forces Unicode. An accent that stands as a character of its own is told together
// with the letter before it.
type Obstacle struct {
	Position  int    // Unicode characters before it
	Character string // as it stands in the text
	Near      string // what stands for it in GSM-7, perhaps nothing: an unseen joiner is left out
	HasNear   bool   // false: nothing is near
}

// Obstacles returns the places of text that force Unicode, in order, at most the given number; nil when it fits.
func Obstacles(text string, most int) (found []Obstacle) {
	near := make([]byte, 0, len(text))
	position := -1
	before := "" // the character before
	for rest := text; rest != "" && len(found) < most; {
		character, size := utf8.DecodeRuneInString(rest)
		here := rest[:size]
		rest = rest[size:]
		position++
		if codeOf(character) != foreign {
			near = utf8.AppendRune(near, character)
			before = here
			continue
		}
		o, longer := obstacleAt(near, before, here, character)
		o.Position = position - utf8.RuneCountInString(o.Character) + 1
		found, near, before = append(found, o), longer, here
	}
	return found
}

// obstacleAt describes a foreign character behind a text of which near is the near form, and before the last character.
func obstacleAt(near []byte, before, here string, character rune) (Obstacle, []byte) {
	longer, ok := appendNear(near, character)
	if !ok {
		return Obstacle{Character: here}, utf8.AppendRune(near, character)
	}
	if character >= firstAccent && character <= lastAccent {
		_, size := utf8.DecodeLastRune(longer)
		return Obstacle{Character: before + here, Near: string(longer[len(longer)-size:]), HasNear: true}, longer
	}
	return Obstacle{Character: here, Near: string(longer[len(near):]), HasNear: true}, longer
}

// Nearest replaces the characters outside GSM-7 that have a near one, as [Transliterate] does, and leaves the others as
// they are: what it returns may still force Unicode.
func Nearest(text string) string {
	if Fits(text) {
		return text
	}
	near := make([]byte, 0, len(text))
	for _, character := range text {
		if codeOf(character) != foreign {
			near = utf8.AppendRune(near, character)
			continue
		}
		longer, ok := appendNear(near, character)
		if !ok {
			longer = utf8.AppendRune(near, character)
		}
		near = longer
	}
	return string(near)
}

// Piece is what one part carries of a text, and how many septets (GSM-7) or units (UCS-2) that takes.
type Piece struct {
	Text  string
	Units int
}

// Pieces cuts a text where [Split] does, and returns it as text. The encoding is that of [Count]. A text beyond
// [MaxParts] is cut too.
func Pieces(text string) []Piece {
	encoding, units, parts := Count(text)
	if parts == 1 {
		return []Piece{{text, units}}
	}
	form := forms[encoding]
	pieces := make([]Piece, 0, parts)
	buffer := make([]byte, 0, form.limit*form.octets)
	for text != "" {
		filled, taken := form.encode(buffer, text, form.limit)
		pieces = append(pieces, Piece{text[:taken], len(filled) / form.octets})
		text = text[taken:]
	}
	return pieces
}
