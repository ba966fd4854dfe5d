package gsm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"
	"unicode"
)

// scripts are the blocks of the languages, for the checks of its tables.
var scripts = map[Language]*unicode.RangeTable{
	Bengali: unicode.Bengali, Gujarati: unicode.Gujarati, Hindi: unicode.Devanagari, Kannada: unicode.Kannada,
	Malayalam: unicode.Malayalam, Oriya: unicode.Oriya, Punjabi: unicode.Gurmukhi, Tamil: unicode.Tamil,
	Telugu: unicode.Telugu, Urdu: unicode.Arabic,
}

// The letters of the Indian locking shift tables stand in the order of Unicode: a wrong one breaks the order.
func TestLockingTables_in_order(t *testing.T) {
	for language, script := range scripts {
		if language == Urdu {
			continue
		}
		last, letters := rune(0), 0
		for septet, held := range nationals[language].locking {
			character := rune(held)
			if character < 0x80 {
				continue
			}
			if !unicode.Is(script, character) && character != 0x0CD5 {
				t.Errorf("%s %#02x: %U is of another script", language, septet, character)
			}
			if character <= last {
				t.Errorf("%s %#02x: %U follows %U", language, septet, character, last)
			}
			last = character
			letters++
		}
		if letters < 45 {
			t.Errorf("%s has only %d letters", language, letters)
		}
	}
}

// Every language brings its ten digits in the single shift table, in order.
func TestSingleTables_digits(t *testing.T) {
	for language, script := range scripts {
		var digits []rune
		for _, held := range nationals[language].single {
			if character := rune(held); character > 0x80 && unicode.Is(unicode.Nd, character) {
				digits = append(digits, character)
			}
		}
		if len(digits) != 10 {
			t.Errorf("%s: %d digits", language, len(digits))
			continue
		}
		for i, digit := range digits {
			if digit != digits[0]+rune(i) || language != Urdu && !unicode.Is(script, digit) {
				t.Errorf("%s: digit %d is %U", language, i, digit)
			}
		}
		if last := digits[0] & 0xF; last != 6 && last != 0 {
			t.Errorf("%s: zero is %U", language, digits[0])
		}
	}
}

func TestTables_sound(t *testing.T) {
	for language, tables := range nationals {
		for _, kind := range []struct {
			name  string
			table *table
		}{{"locking", tables.locking}, {"single", tables.single}} {
			at := map[uint16]int{}
			for septet, held := range kind.table {
				if previous, twice := at[held]; twice && held != 0 && held != '*' && held != '¡' {
					t.Errorf("%s %s: %U at %#02x and %#02x", Language(language), kind.name, held, previous, septet)
				}
				at[held] = septet
			}
			if kind.table[escape] != 0 {
				t.Errorf("%s %s: the escape has a character", Language(language), kind.name)
			}
		}
		checkControls(t, Language(language))
	}
}

// What every table holds: line feed and carriage return in the locking one (and the digits), page break, the
// brackets and the euro sign in the single one.
func checkControls(t *testing.T, language Language) {
	t.Helper()
	tables := nationals[language]
	for septet, want := range map[int]rune{0x0A: '\n', 0x0D: '\r', 0x20: ' ', 0x21: '!', 0x30: '0', 0x39: '9', 0x61: 'a', 0x7A: 'z'} {
		if got := rune(tables.locking[septet]); got != want {
			t.Errorf("%s locking %#02x: %q, want %q", language, septet, got, want)
		}
	}
	for septet, want := range map[int]rune{0x0A: '\f', 0x0D: 0, 0x14: '^', 0x28: '{', 0x29: '}', 0x2F: '\\', 0x3C: '[', 0x3D: '~', 0x3E: ']', 0x40: '|', 0x65: '€'} {
		if got := rune(tables.single[septet]); got != want {
			t.Errorf("%s single %#02x: %q, want %q", language, septet, got, want)
		}
	}
}

// Three transcriptions of TS 23.038 by other authors (releases 16 and 18) were compared code by code, and the tables
// are what they agree on, their slips of the pen set right. The digests keep them so: who changes a table has to look
// at Annex A again.
func TestTables_as_compared(t *testing.T) {
	for language, want := range tableDigests {
		digest := sha256.New()
		for _, table := range []*table{nationals[language].locking, nationals[language].single} {
			if err := binary.Write(digest, binary.BigEndian, table[:]); err != nil {
				t.Fatal(err)
			}
		}
		if got := hex.EncodeToString(digest.Sum(nil)[:8]); got != want {
			t.Errorf("%s: digest %s, was %s", Language(language), got, want)
		}
	}
}

var tableDigests = [len(nationals)]string{
	Default:    "4a40a97b02d9a04a",
	Turkish:    "6fb3601ffa4fca78",
	Spanish:    "ca6ea6cb9c4d949b",
	Portuguese: "8b63aa6d397f9fa2",
	Bengali:    "bff1a400b03b1588",
	Gujarati:   "ef8e201a3a5e3e88",
	Hindi:      "e580b1ad44e87291",
	Kannada:    "c26dce4f01b6f66a",
	Malayalam:  "ffe1553d1393c079",
	Oriya:      "3b1a031289d3ba87",
	Punjabi:    "4df29e98ab7a0a44",
	Tamil:      "98b14468b45b7b42",
	Telugu:     "3adf5025f2e5ee69",
	Urdu:       "32f89daa7f4f808f",
}
