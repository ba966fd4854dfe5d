package gsm

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTransliterate(t *testing.T) {
	for text, want := range map[string]string{
		"“Ciao” ‘ciao’ «ciao» l’amica":                  "\"Ciao\" 'ciao' \"ciao\" l'amica",
		"10–12 — già… 5\u00A0€":                         "10-12 - già... 5 €",
		"Çà, garçon, œuvre, Œ, ÿ":                       "Çà, garcon, oeuvre, OE, y",
		"È così, né á né ú":                             "E così, né a né u",
		"Zażółć gęślą jaźń":                             "Zazolc gesla jazn",
		"Příliš žluťoučký kůň":                          "Prilis zlutoucky kun",
		"İstanbul ığşçö":                                "Istanbul igscö",
		"Árvíztűrő tükörfúrógép":                        "Arviztürö tükörfurogép",
		"Đặng Tiếng Việt ậ":                             "Dang Tieng Viet a",
		"þing Ðæg ĳs ŉ ẞ":                               "thing Dæg ijs 'n SS",
		"ﬁrma eﬃcace":                                   "firma efficace",
		"ΚΑΛΗΜΕΡΑ ΑΘΉΝΑ":                                "KAΛHMEPA AΘHNA",
		"МОСКВА":                                        "MOCKBA",
		"e\u0301 e\u0300 i\u0302 N\u0303 a\u0308\u0301": "é è i Ñ ä",
		"zero\u200Bwidth\uFEFF soft\u00ADhyphen":        "zerowidth softhyphen",
		"ＦＵＬＬ　ｗｉｄｔｈ！｀":                                  "FULL width!'",
		"a\tb\u2028c":                                   "a b\nc",
		"½ e 2½":                                        "1/2 e 2 1/2",
		"© ® ™ № ª º × ÷ • ≤":                           "(C) (R) (TM) No a o x / * <=",
		"`x` 3′ 4″":                                     "'x' 3' 4\"",
		"\u212B \u2126 ǻ ǽ ǿ Ǟ":                         "Å Ω å æ ø Ä",
		"‘" + strings.Repeat("a", 69) + "’":             "'" + strings.Repeat("a", 69) + "'",
	} {
		got, ok := Transliterate(text)
		if got != want || !ok {
			t.Errorf("Transliterate(%q) = %q, %v, want %q", text, got, ok, want)
		}
		if lossy := TransliterateLossy(text); lossy != want {
			t.Errorf("TransliterateLossy(%q) = %q", text, lossy)
		}
	}
}

func TestTransliterate_all_or_nothing(t *testing.T) {
	for text, lossy := range map[string]string{
		"":                               "",
		"already fits: è € {}":           "already fits: è € {}",
		"“Привет”":                       "\"Π?????\"",
		"“ciao” 😀":                       "\"ciao\" ?",
		"20°C":                           "20?C",
		"10²":                            "10?",
		"καλημέρα":                       "????????",
		"\u0301a":                        "?a",
		"1\u0301":                        "1?",
		"\u200B\uFEFF":                   "",
		"a\xffb":                         "a?b",
		"\x00\x1b":                       "??",
		"日本":                             "??",
		strings.Repeat("…", 70):          strings.Repeat("...", 70), // one part of UCS-2 would become two
		strings.Repeat("“😀", 2):          "\"?\"?",
		"👩\u200D👩 ❤\uFE0F 1\uFE0F\u20E3": "?? ? 1",
	} {
		if got, ok := Transliterate(text); got != text || ok {
			t.Errorf("Transliterate(%q) = %q, %v", text, got, ok)
		}
		if got := TransliterateLossy(text); got != lossy {
			t.Errorf("TransliterateLossy(%q) = %q, want %q", text, got, lossy)
		}
	}
}

// Every near form is in the alphabet, and none replaces what is there already.
func TestNear_fits(t *testing.T) {
	for character := range rune(0x30000) {
		form, ok := near(character)
		if !ok {
			continue
		}
		if codeOf(character) != foreign {
			t.Errorf("%U needs no near form", character)
		}
		if !Fits(form) {
			t.Errorf("%U: %q does not fit", character, form)
		}
	}
	for fraction, form := range nearFractions {
		if codeOf(fraction) != foreign || !Fits(form) {
			t.Errorf("%U: %q", fraction, form)
		}
	}
	for pair, letter := range composed {
		if codeOf(letter) == foreign || codeOf(pair[0]) == foreign || pair[1] < firstAccent || pair[1] > lastAccent {
			t.Errorf("%U: %U", pair, letter)
		}
	}
}

func TestTransliterate_properties(t *testing.T) {
	near := rapid.StringOf(rapid.RuneFrom([]rune("aè“”…½ﬁőßΑА\u0301\u200B\u00A0 2")))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(anyText, near).Draw(t, "text")
		got, ok := Transliterate(text)
		_, _, before := Count(text)
		_, _, after := Count(got)
		switch {
		case ok && (!Fits(got) || Fits(text) || after > before || got == ""):
			t.Fatalf("%q became %q", text, got)
		case !ok && got != text:
			t.Fatalf("%q was half replaced: %q", text, got)
		}
		lossy := TransliterateLossy(text)
		if !Fits(lossy) || ok && lossy != got || Fits(text) && lossy != text {
			t.Fatalf("%q became %q", text, lossy)
		}
	})
}
