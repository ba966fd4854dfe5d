package marker

import (
	"testing"

	"pgregory.net/rapid"
)

func TestTextCarriesItsNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, 9_999_999_999).Draw(t, "n")
		text := AppendText(nil, n)
		if got, ok := Parse(text); !ok || got != n || len(text) != TextLen {
			t.Fatalf("Parse(%q) = %d, %t; length %d", text, got, ok, len(text))
		}
		if got, ok := Parse([]byte(ID(n))); !ok || got != n {
			t.Fatalf("Parse(%q) = %d, %t", ID(n), got, ok)
		}
	})
}

func TestParseRefusesForeignTexts(t *testing.T) {
	for _, text := range []string{"", "m-", "m-00000000", "m-00000000x0", "x-0000000001", "hello world, hello"} {
		if n, ok := Parse([]byte(text)); ok {
			t.Errorf("Parse(%q) = %d", text, n)
		}
	}
}
