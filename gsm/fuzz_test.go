package gsm

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

func FuzzUDH(f *testing.F) {
	for _, seed := range []string{"", "00", "050003cc020148656c6c6f", "060804abcd0201", "0605040b8423f0", "0325010d41", "ff", "010041", "0a00030103010003020302"} {
		f.Add(octets(f, seed))
	}
	f.Fuzz(func(t *testing.T, userData []byte) {
		header, rest, err := ParseUDH(userData)
		if err != nil {
			if header.Elements != nil || len(rest) > len(userData) {
				t.Fatalf("%v with %v, %x", err, header, rest)
			}
			return
		}
		if whole := append(header.Append(nil), rest...); !bytes.Equal(whole, userData) {
			t.Fatalf("%x came back as %x", userData, whole)
		}
		if header.Len() != len(userData)-len(rest) {
			t.Fatalf("Len %d of %d", header.Len(), len(userData)-len(rest))
		}
		if _, total, index, ok := header.Concatenation(); ok != (index >= 1 && index <= total && total <= 255) {
			t.Fatalf("part %d of %d: %v", index, total, ok)
		}
		header.Ports()
		locking, single := header.Languages()
		Decode(rest, locking, single)
		if segment, err := SplitWithUDH(string(rest), userData[:header.Len()]); err == nil && len(segment.AppendPacked(nil)) > MaxOctets {
			t.Fatalf("%d octets", len(segment.AppendPacked(nil)))
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "a", "€", "😀", "è€ж", "\xff", "\x1b", "👩‍👩‍👧‍👦", strings.Repeat("a", 152) + "€", strings.Repeat("ж", 66) + "😀"} {
		f.Add(seed, uint16(1))
		f.Add(seed, uint16(400))
	}
	f.Fuzz(func(t *testing.T, text string, times uint16) {
		text = strings.Repeat(text, min(int(times), 1+20000/(len(text)+1)))
		if err := checkSplit(text); err != nil {
			t.Fatal(err)
		}
		if _, _, parts := Count(Truncate(text)); parts != 1 {
			t.Fatalf("truncated to %d parts", parts)
		}
		if got, ok := Transliterate(text); ok && !Fits(got) || !ok && got != text {
			t.Fatalf("%q became %q", text, got)
		}
		if lossy := TransliterateLossy(text); !Fits(lossy) {
			t.Fatalf("%q became %q", text, lossy)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{}, 0, 0)
	f.Add(octets(f, "31d98c56b3dd00"), -1, 0)
	f.Add(octets(f, "906536fb0d"), 5, 1)
	f.Add(octets(f, "ffffffff"), 99, 7)
	f.Fuzz(func(t *testing.T, packed []byte, septets, fill int) {
		unpacked := Unpack(nil, packed, septets, fill)
		if len(unpacked)*7 > len(packed)*8 || septets >= 0 && len(unpacked) > septets {
			t.Fatalf("%d septets out of %d octets", len(unpacked), len(packed))
		}
		again := Unpack(nil, Pack(nil, unpacked, fill), len(unpacked), fill)
		if !bytes.Equal(unpacked, again) {
			t.Fatalf("%x came back as %x", unpacked, again)
		}
		for language := range Language(15) {
			Decode(packed, language, language)
		}
		if text := DecodeUCS2(packed); ValidUCS2(packed) != bytes.Equal(EncodeUCS2(nil, text), packed) && !hasReplacement(packed) {
			t.Fatalf("%x is %q", packed, text)
		}
		PackUSSD(nil, UnpackUSSD(nil, packed))
	})
}

// hasReplacement reports whether U+FFFD itself stands in octets.
func hasReplacement(octets []byte) bool {
	for ; len(octets) >= 2; octets = octets[2:] {
		if binary.BigEndian.Uint16(octets) == 0xFFFD {
			return true
		}
	}
	return false
}
