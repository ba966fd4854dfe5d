package gsm

import (
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func octets(t testing.TB, text string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// Of other gateways: the wrong alphabet was declared, "@" became "?", UTF-16 had to be made by hand.
func TestField_octets_unchanged(t *testing.T) {
	for _, c := range []struct {
		text     string
		encoding Encoding
		hex      string
	}{
		{"@", GSM7, "00"},
		{"@£$¥èéùìòÇ\nØø\rÅå", GSM7, "000102030405060708090a0b0c0d0e0f"},
		{"Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ", GSM7, "101112131415161718191a1c1d1e1f"},
		{"info@example.com", GSM7, "696e666f006578616d706c652e636f6d"},
		{"^{}\\[~]|€\f", GSM7, "1b14 1b28 1b29 1b2f 1b3c 1b3d 1b3e 1b40 1b65 1b0a"},
		{"¡¿ÄÖÑÜ§äöñüà_$", GSM7, "40605b5c5d5e5f7b7c7d7e7f1102"},
		{"Perché no? 5€", GSM7, "5065726368 05 206e6f3f2035 1b65"},
		{"ça", UCS2, "00e70061"},
		{"Привет", UCS2, "041f04400438043204350442"},
		{"😀", UCS2, "d83dde00"},
		{"\U0010FFFF\uFFFF", UCS2, "dbffdfffffff"},
		{"a\xffb", UCS2, "0061fffd0062"},
		{"", GSM7, ""},
	} {
		segments := Split(c.text, 1)
		if len(segments) != 1 || segments[0].UDH != nil {
			t.Fatalf("%q: %d segments", c.text, len(segments))
		}
		want := Segment{Encoding: c.encoding, Payload: octets(t, c.hex)}
		if diff := cmp.Diff(want, segments[0]); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

func TestEncodeGSM(t *testing.T) {
	if got, ok := EncodeGSM([]byte{9}, "a€"); !ok || !cmp.Equal(got, octets(t, "09611b65")) {
		t.Errorf("%x, %v", got, ok)
	}
	if got, ok := EncodeGSM(nil, "ab`c"); ok || string(got) != "ab" {
		t.Errorf("stopped at %q, %v", got, ok)
	}
	for _, text := range []string{strings.Repeat("a", 100), strings.Repeat("{€è", 40)} {
		if n := testing.AllocsPerRun(100, func() { EncodeGSM(nil, text) }); n > 1 {
			t.Errorf("%v allocations for %q", n, text)
		}
	}
}

func TestDecodeGSM(t *testing.T) {
	var all []byte
	for septet := range byte(128) {
		if septet != escape {
			all = append(all, septet)
		}
	}
	if diff := cmp.Diff(wholeAlphabet, DecodeGSM(all)); diff != "" {
		t.Error(diff)
	}
	for octetsOf, want := range map[string]string{
		"1b65":       "€",
		"1b41":       "A",      // no such extension: the character of the default alphabet, §6.2.1.1
		"611b":       "a ",     // nothing follows
		"1b1b65":     " e",     // reserved for a further table: a space
		"1b0d":       "\r",     // not in the table
		"1b0a":       "\f",     // page break
		"6180ff62":   "a��b",   // no septets
		"1b1b1b651b": " € ",    // the third escape begins anew
		"1b3c411b3e": "[A]",    //
		"":           "",       //
		"1b00":       "@",      //
		"2020201b20": "    ",   //
		"1b1461":     "^a",     //
		"1b91":       "\uFFFD", // escape before no septet
	} {
		if got := DecodeGSM(octets(t, octetsOf)); got != want {
			t.Errorf("DecodeGSM(%s) = %q, want %q", octetsOf, got, want)
		}
	}
}

func TestNationalLanguages(t *testing.T) {
	for _, c := range []struct {
		text            string
		locking, single Language
		hex             string
	}{
		{"Şişli ığĞİ€ç", Turkish, Default, "1c691d6c6920070c0b400460"},
		{"Şişli ığĞİ€ç", Default, Turkish, "1b53691b736c69201b691b671b471b491b651b63"},
		{"¿Qué? ÁÍÓÚáíóúç", Default, Spanish, "605175053f201b411b491b4f1b551b611b691b6f1b751b09"},
		{"São João, êçãõ∞€", Portuguese, Portuguese, "537b6f204a6f7b6f2c2004097b7c1518"},
		{"ÊÀΦΓâÔ", Default, Portuguese, "1b1f1b4112131b7f1b0b"},
		{"नमस्ते", Hindi, Hindi, "2f424c5f2759"},
		{"०A", Hindi, Hindi, "1b1c1b41"},
		{"আমি", Bengali, Bengali, "044251"},
		{"தமிழ்", Tamil, Tamil, "274251485f"},
		{"௮௯", Tamil, Tamil, "1b241b25"},
		{"ಡಪ", Kannada, Kannada, "243d"},
		{"سلام", Urdu, Urdu, "3d4d004e"},
		{"ગુજ", Gujarati, Gujarati, "17531d"},
		{"മല", Malayalam, Malayalam, "4246"},
		{"ଓଡ", Oriya, Oriya, "1324"},
		{"ਪੰ", Punjabi, Punjabi, "3d7b"},
		{"తె", Telugu, Telugu, "2758"},
	} {
		got, ok := EncodeNational(nil, c.text, c.locking, c.single)
		if !ok {
			t.Errorf("%q does not fit %v/%v", c.text, c.locking, c.single)
		}
		if diff := cmp.Diff(octets(t, c.hex), got); diff != "" {
			t.Errorf("%q: %x\n%s", c.text, got, diff)
		}
		if back := Decode(got, c.locking, c.single); back != c.text {
			t.Errorf("%q came back as %q", c.text, back)
		}
	}
}

func TestNationalLanguages_fallback(t *testing.T) {
	if got := Decode([]byte{0x1B, 0x1D, 0x1B, 0x00}, Turkish, Turkish); got != "ş@" {
		t.Errorf("escape falls back to the locking table: %q", got)
	}
	if got := Decode([]byte{0x00, 0x07, 0x1B, 0x65}, 77, 200); got != "@ì€" {
		t.Errorf("reserved languages are the default one: %q", got)
	}
	if got := Decode([]byte{0x00}, Tamil, Tamil); got != " " {
		t.Errorf("a code without a character: %q", got)
	}
	if got, ok := EncodeNational(nil, "aж", Urdu, Urdu); ok || string(got) != "a" {
		t.Errorf("%q, %v", got, ok)
	}
	if _, ok := EncodeNational(nil, "\x00", Tamil, Tamil); ok {
		t.Error("U+0000 took an empty place")
	}
	if got := []string{Default.String(), Oriya.String(), Language(14).String()}; !cmp.Equal(got, []string{"default", "Oriya", "language 14"}) {
		t.Error(got)
	}
}

func TestUCS2(t *testing.T) {
	for _, c := range []struct {
		hex, want string
		valid     bool
	}{
		{"", "", true},
		{"00610416d83dde00", "aЖ😀", true},
		{"dbffdfff", "\U0010FFFF", true},
		{"d83d0061", "\uFFFDa", false},
		{"de000061", "\uFFFDa", false},
		{"0061d83d", "a\uFFFD", false},
		{"d83dd83dde00", "\uFFFD😀", false},
		{"de00de00", "\uFFFD\uFFFD", false},
		{"d83dd83d0061", "\uFFFD\uFFFDa", false},
		{"006100", "a\uFFFD", false},
		{"d7ffe000fffe", "\uD7FF\uE000\uFFFE", true},
	} {
		if got := DecodeUCS2(octets(t, c.hex)); got != c.want {
			t.Errorf("DecodeUCS2(%s) = %q, want %q", c.hex, got, c.want)
		}
		if got := ValidUCS2(octets(t, c.hex)); got != c.valid {
			t.Errorf("ValidUCS2(%s) = %v", c.hex, got)
		}
	}
}

func TestCodec_round_trip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := gsmText.Draw(t, "gsm")
		septets, ok := EncodeGSM(nil, text)
		if back := DecodeGSM(septets); !ok || back != text {
			t.Fatalf("%q came back as %q", text, back)
		}
		text = anyText.Draw(t, "any")
		if back := DecodeUCS2(EncodeUCS2(nil, text)); back != strings.ToValidUTF8(text, "\uFFFD") && utf8.ValidString(text) {
			t.Fatalf("%q came back as %q", text, back)
		}
	})
}

func TestNational_round_trip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		locking := Language(rapid.IntRange(0, 14).Draw(t, "locking"))
		single := Language(rapid.IntRange(0, 14).Draw(t, "single"))
		septets := rapid.SliceOf(rapid.ByteRange(0, 127)).Draw(t, "septets")
		text := Decode(septets, locking, single)
		again, ok := EncodeNational(nil, text, locking, single)
		if !ok {
			t.Skip("a space stands for a code without a character")
		}
		if back := Decode(again, locking, single); back != text {
			t.Fatalf("%q came back as %q", text, back)
		}
	})
}

// gsmText draws texts of the default alphabet and its extension; anyText draws all mixtures, invalid UTF-8 included.
var (
	gsmText = rapid.StringOf(rapid.RuneFrom([]rune(wholeAlphabet + wholeExtension + "€€€{{{{abcdefg")))
	anyText = rapid.OneOf(
		gsmText,
		rapid.String(),
		rapid.StringOf(rapid.RuneFrom([]rune("abc €è😀👩‍👩‍👧‍👦жçé\u0301"))),
		rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(t, "octets")) }),
	)
)
