package gsm

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wholeAlphabet is the default alphabet in the order of its septets, less the escape; TS 23.038 §6.2.1.
const wholeAlphabet = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

// wholeExtension is the extension table in the order of its septets; TS 23.038 §6.2.1.1.
const wholeExtension = "\f^{}\\[~]|€"

func TestFits(t *testing.T) {
	if !Fits(wholeAlphabet) || !Fits(wholeExtension) || !Fits("") {
		t.Error("the alphabet does not fit itself")
	}
	in := map[rune]bool{}
	for _, character := range wholeAlphabet + wholeExtension {
		in[character] = true
	}
	if len(in) != 127+10 {
		t.Fatalf("%d characters", len(in))
	}
	for character := range rune(0x11000) {
		if 0xD800 <= character && character < 0xE000 {
			continue
		}
		if got := Fits(string(character)); got != in[character] {
			t.Errorf("Fits(%U) = %v", character, got)
		}
	}
	for _, text := range []string{"ç", "`", "\x1b", "\x00", "\t", "\xff", "abc😀"} {
		if Fits(text) {
			t.Errorf("Fits(%q)", text)
		}
	}
}

func TestForeign(t *testing.T) {
	for text, want := range map[string][]rune{
		"":                  nil,
		wholeAlphabet + "€": nil,
		"perché così":       nil,
		"“ab” “cd” ç":       {'“', '”', 'ç'},
		"a\xffb\xfe😀":       {'\uFFFD', '😀'},
	} {
		if diff := cmp.Diff(want, Foreign(text)); diff != "" {
			t.Errorf("Foreign(%q): %s", text, diff)
		}
	}
}

func TestCharacters(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "è€😀": 3, "\xff\xff": 2} {
		if got := Characters(text); got != want {
			t.Errorf("Characters(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestEncodingString(t *testing.T) {
	got := []string{GSM7.String(), UCS2.String(), Binary.String(), Encoding(9).String()}
	if diff := cmp.Diff([]string{"GSM-7", "UCS-2", "8-bit", "unknown"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFits_allocates_nothing(t *testing.T) {
	text := strings.Repeat("perché € ", 30)
	if n := testing.AllocsPerRun(100, func() { Fits(text); Foreign(text); Count(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
