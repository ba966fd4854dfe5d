package gsm

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestObstacles(t *testing.T) {
	for text, want := range map[string][]Obstacle{
		"":                      nil,
		"fits: è € {}":          nil,
		"l’amica":               {{1, "’", "'", true}},
		"“ciao” 😀":              {{0, "“", "\"", true}, {5, "”", "\"", true}, {7, "😀", "", false}},
		"è così… –":             {{6, "…", "...", true}, {8, "–", "-", true}},
		"cafe\u0301 a\u0323":    {{3, "e\u0301", "é", true}, {6, "a\u0323", "a", true}},
		"a\u200Bb":              {{1, "\u200B", "", true}},
		"2½":                    {{1, "½", " 1/2", true}},
		"\u0301":                {{0, "\u0301", "", false}},
		"a\xffb":                {{1, "\xff", "", false}},
		"ç, Ç":                  {{0, "ç", "c", true}},
		strings.Repeat("😀", 99): slicesOf(5),
	} {
		if diff := cmp.Diff(want, Obstacles(text, 5)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// slicesOf is so many obstacles of one text of emoji.
func slicesOf(n int) (all []Obstacle) {
	for i := range n {
		all = append(all, Obstacle{i, "😀", "", false})
	}
	return all
}

func TestNearest(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"fits: è € {}":          "fits: è € {}",
		"“ciao” 😀 l’amica":      "\"ciao\" 😀 l'amica",
		"“Привет”":              "\"Πривет\"",
		strings.Repeat("…", 70): strings.Repeat("...", 70),
	} {
		if got := Nearest(text); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestPieces(t *testing.T) {
	for _, test := range []struct {
		text string
		want []Piece
	}{
		{"", []Piece{{"", 0}}},
		{strings.Repeat("a", 160), []Piece{{strings.Repeat("a", 160), 160}}},
		{strings.Repeat("a", 161), []Piece{{strings.Repeat("a", 153), 153}, {strings.Repeat("a", 8), 8}}},
		{strings.Repeat("a", 152) + "€" + strings.Repeat("b", 8), []Piece{{strings.Repeat("a", 152), 152}, {"€" + strings.Repeat("b", 8), 10}}},
		{strings.Repeat("è", 66) + "😀ab…", []Piece{{strings.Repeat("è", 66), 66}, {"😀ab…", 5}}},
	} {
		if diff := cmp.Diff(test.want, Pieces(test.text)); diff != "" {
			t.Errorf("%q: %s", test.text, diff)
		}
	}
}

// Pieces are the text, cut where Split cuts it; obstacles are the characters that Foreign names, and without them
// nothing is left to replace.
func TestPieces_properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText.Draw(t, "text")
		pieces, segments := Pieces(text), Split(text, 7)
		whole, units := "", 0
		for i, p := range pieces {
			whole += p.Text
			units += p.Units
			if segments != nil {
				width := map[Encoding]int{GSM7: 1, UCS2: 2}[segments[i].Encoding]
				if len(segments[i].Payload) != p.Units*width {
					t.Fatalf("part %d of %q: %d units, %d octets", i, text, p.Units, len(segments[i].Payload))
				}
			}
		}
		if _, want, parts := Count(text); whole != text || units != want || parts != len(pieces) {
			t.Fatalf("%q: %d pieces of %d units, want %d of %d", text, len(pieces), units, parts, want)
		}
		obstacles := Obstacles(text, len(text)+1)
		if (len(obstacles) == 0) != Fits(text) {
			t.Fatalf("%q: %v", text, obstacles)
		}
		characters := []rune(text)
		for _, o := range obstacles {
			if utf8.ValidString(text) && !strings.HasPrefix(string(characters[o.Position:]), o.Character) {
				t.Fatalf("%q has no %q at %d", text, o.Character, o.Position)
			}
		}
		if whole, ok := Transliterate(text); ok && Nearest(text) != whole {
			t.Fatalf("%q: %q, %q", text, Nearest(text), whole)
		}
	})
}
