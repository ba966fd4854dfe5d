package gsm

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCount(t *testing.T) {
	type counts struct {
		Encoding     Encoding
		Units, Parts int
	}
	repeat := strings.Repeat
	for _, c := range []struct {
		text string
		want counts
	}{
		{"", counts{GSM7, 0, 1}},
		{repeat("a", 160), counts{GSM7, 160, 1}},
		{repeat("a", 161), counts{GSM7, 161, 2}},
		{repeat("a", 306), counts{GSM7, 306, 2}},
		{repeat("è", 307), counts{GSM7, 307, 3}},
		{repeat("€", 80), counts{GSM7, 160, 1}},
		{repeat("€", 81), counts{GSM7, 162, 2}},
		{repeat("€", 153), counts{GSM7, 306, 3}}, // 76 pairs a part: 152 septets
		{repeat("€", 152), counts{GSM7, 304, 2}},
		{repeat("a", 152) + "€" + repeat("a", 152), counts{GSM7, 306, 3}},
		{repeat("a", 151) + "€" + repeat("a", 153), counts{GSM7, 306, 2}},
		{repeat("ж", 70), counts{UCS2, 70, 1}},
		{repeat("ж", 71), counts{UCS2, 71, 2}},
		{repeat("a", 70) + "ж", counts{UCS2, 71, 2}},
		{repeat("€", 69) + "ж", counts{UCS2, 70, 1}},
		{repeat("ж", 134), counts{UCS2, 134, 2}},
		{repeat("ж", 135), counts{UCS2, 135, 3}},
		{repeat("😀", 35), counts{UCS2, 70, 1}},
		{repeat("😀", 36), counts{UCS2, 72, 2}},
		{repeat("😀", 67), counts{UCS2, 134, 3}}, // 33 pairs a part
		{repeat("a", 66) + "😀" + repeat("a", 66), counts{UCS2, 134, 3}},
		{repeat("a", 67) + "😀" + repeat("a", 65), counts{UCS2, 134, 2}},
		{repeat("a", 134) + "ж", counts{UCS2, 135, 3}},
		{repeat("\xff", 70), counts{UCS2, 70, 1}},
		{repeat("a", 153*255), counts{GSM7, 153 * 255, 255}},
		{repeat("a", 153*255+1), counts{GSM7, 153*255 + 1, 256}},
	} {
		var got counts
		got.Encoding, got.Units, got.Parts = Count(c.text)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%.20q… (%d): %s", c.text, len(c.text), diff)
		}
	}
}

// Of other gateways: UCS-2 or escape sequences were cut at the seam.
func TestField_second_part_garbled(t *testing.T) {
	for width, pair := range map[string]string{"escape": "€", "surrogate": "😀"} {
		for before := range 160 {
			text := strings.Repeat("a", before) + pair + strings.Repeat("b", 160)
			var whole strings.Builder
			for i, segment := range Split(text, 9) {
				part := decodeSegment(segment)
				if !utf8.ValidString(part) || strings.ContainsRune(part, '\uFFFD') || strings.ContainsRune(part, ' ') {
					t.Fatalf("%s after %d: part %d is %q", width, before, i+1, part)
				}
				whole.WriteString(part)
			}
			if whole.String() != text {
				t.Fatalf("%s after %d: came back as %q", width, before, whole.String())
			}
		}
	}
}

func decodeSegment(s Segment) string {
	if s.Encoding == UCS2 {
		return DecodeUCS2(s.Payload)
	}
	return DecodeGSM(s.Payload)
}

func TestSplit_headers(t *testing.T) {
	segments := Split(strings.Repeat("a", 306), 0xCC)
	if len(segments) != 2 {
		t.Fatalf("%d segments", len(segments))
	}
	for i, segment := range segments {
		want := append([]byte{5, 0, 3, 0xCC, 2, byte(i + 1)}, strings.Repeat("a", 153)...)
		if diff := cmp.Diff(want, segment.UserData()); diff != "" {
			t.Error(diff)
		}
	}
	if got := len(Split(strings.Repeat("a", 66)+"😀", 1)); got != 1 {
		t.Errorf("68 units are %d parts", got)
	}
	segments = Split(strings.Repeat("a", 66)+"😀abc", 1)
	if len(segments) != 2 || cmp.Diff(octets(t, "050003010202d83dde00006100620063"), segments[1].UserData()) != "" {
		t.Errorf("the pair moves whole: %x", segments)
	}
}

// A writer who appends to one part must not reach into the next.
func TestSplit_parts_apart(t *testing.T) {
	segments := Split(strings.Repeat("a", 306), 1)
	_ = append(segments[0].Payload, 'X')
	_ = append(segments[0].UDH, 'X')
	if got := DecodeGSM(segments[0].Payload[:1]) + string(segments[1].UDH[:1]); got != "a\x05" {
		t.Errorf("%q", got)
	}
	one := Split("abc", 1)
	if got := one[0].UserData(); &got[0] != &one[0].Payload[0] {
		t.Error("a single part is copied")
	}
}

func TestSplit_too_many(t *testing.T) {
	if got := len(Split(strings.Repeat("a", 153*255), 1)); got != 255 {
		t.Errorf("%d segments", got)
	}
	if got := Split(strings.Repeat("a", 153*255+1), 1); got != nil {
		t.Errorf("%d segments cannot be numbered", len(got))
	}
	if got := Split(strings.Repeat("😀", 33*255+1), 1); got != nil {
		t.Errorf("%d segments cannot be numbered", len(got))
	}
}

func TestSplit_allocations(t *testing.T) {
	for text, most := range map[string]float64{
		strings.Repeat("a", 100):  1,
		strings.Repeat("€è", 50):  1,
		strings.Repeat("ж", 70):   1,
		strings.Repeat("a", 1000): 2,
		strings.Repeat("ж", 1000): 2,
	} {
		if n := testing.AllocsPerRun(100, func() { Split(text, 1) }); n > most {
			t.Errorf("%v allocations for %d octets", n, len(text))
		}
	}
}

func TestSplit_properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(anyText.Draw(t, "text"), rapid.IntRange(1, 40).Draw(t, "times"))
		if err := checkSplit(text); err != nil {
			t.Fatal(err)
		}
	})
}

// checkSplit holds Split against Count, the limits of a message, and the text itself.
func checkSplit(text string) error {
	encoding, units, parts := Count(text)
	segments := Split(text, 0xA5)
	if parts > MaxParts {
		if segments != nil {
			return fmt.Errorf("%d segments of %d parts", len(segments), parts)
		}
		return nil
	}
	if len(segments) != parts {
		return fmt.Errorf("%d segments, %d parts", len(segments), parts)
	}
	var whole strings.Builder
	total := 0
	for i, segment := range segments {
		if err := checkSegment(segment, encoding, i+1, parts); err != nil {
			return err
		}
		whole.WriteString(decodeSegment(segment))
		total += len(segment.Payload)
	}
	if encoding == UCS2 {
		total /= 2
	}
	if want := string([]rune(text)); whole.String() != want || total != units || (encoding == GSM7) != Fits(text) {
		return fmt.Errorf("%q came back as %q, %d units of %d", want, whole.String(), total, units)
	}
	return nil
}

func checkSegment(segment Segment, encoding Encoding, index, parts int) error {
	if segment.Encoding != encoding || len(segment.AppendPacked(nil)) > MaxOctets {
		return fmt.Errorf("part %d: %s, %d octets", index, segment.Encoding, len(segment.AppendPacked(nil)))
	}
	if len(segment.Payload) > Capacity(encoding, len(segment.UDH)) || encoding == UCS2 && !ValidUCS2(segment.Payload) {
		return fmt.Errorf("part %d: payload %x", index, segment.Payload)
	}
	if parts == 1 {
		if segment.UDH != nil {
			return fmt.Errorf("a single part has a header")
		}
		return nil
	}
	header, rest, err := ParseUDH(segment.UserData())
	if err != nil || string(rest) != string(segment.Payload) {
		return fmt.Errorf("part %d: header %x, %w", index, segment.UDH, err)
	}
	if ref, total, place, ok := header.Concatenation(); ref != 0xA5 || total != parts || place != index || !ok {
		return fmt.Errorf("part %d of %d: header %x", index, parts, segment.UDH)
	}
	return nil
}

func TestSplitWithUDH(t *testing.T) {
	port := octets(t, "0605040b8423f0")
	concat := octets(t, "050003010201")
	urdu := octets(t, "03 25010d")
	repeat := strings.Repeat
	for _, c := range []struct {
		text     string
		udh      []byte
		encoding Encoding
		length   int
		err      error
	}{
		{repeat("a", 153), concat, GSM7, 153, nil},
		{repeat("a", 154), concat, GSM7, 0, ErrTooLong},
		{repeat("a", 152), port, GSM7, 152, nil},
		{repeat("a", 153), port, GSM7, 0, ErrTooLong},
		{repeat("ж", 67), concat, UCS2, 134, nil},
		{repeat("ж", 68), concat, UCS2, 0, ErrTooLong},
		{repeat("ж", 66), port, UCS2, 132, nil},
		{repeat("ж", 67), port, UCS2, 0, ErrTooLong}, // 133 octets: half a unit is no room
		{"سلام", urdu, GSM7, 4, nil},
		{"سلام", concat, UCS2, 8, nil},
		{"", concat, GSM7, 0, nil},
		{"a", nil, GSM7, 0, ErrHeader},
		{"a", concat[:5], GSM7, 0, ErrHeader},
		{"a", append(concat[:6:6], 0), GSM7, 0, ErrHeader},
		{"a", make([]byte, 200), GSM7, 0, ErrHeader},
	} {
		got, err := SplitWithUDH(c.text, c.udh)
		if !errors.Is(err, c.err) {
			t.Errorf("%x %q: %v", c.udh, c.text, err)
			continue
		}
		if err != nil {
			if diff := cmp.Diff(Segment{}, got); diff != "" {
				t.Error(diff)
			}
			continue
		}
		if got.Encoding != c.encoding || len(got.Payload) != c.length || !cmp.Equal(got.UDH, c.udh) {
			t.Errorf("%x %q: %+v", c.udh, c.text, got)
		}
	}
}

func TestWithUDH(t *testing.T) {
	concat := octets(t, "050003010201")
	if got, err := WithUDH(make([]byte, 134), concat); err != nil || got.Encoding != Binary || len(got.UserData()) != MaxOctets {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := WithUDH(make([]byte, 135), concat); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
	if got, err := WithUDH(make([]byte, 140), []byte{}); err != nil || got.UDH != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := WithUDH(nil, []byte{9}); !errors.Is(err, ErrHeader) {
		t.Error(err)
	}
	if got := []int{Capacity(GSM7, 0), Capacity(UCS2, 0), Capacity(Binary, 6), Capacity(GSM7, 200), Capacity(UCS2, -5), Capacity(UCS2, 7)}; !cmp.Equal(got, []int{160, 140, 134, 0, 140, 132}) {
		t.Error(got)
	}
}

func TestTruncate(t *testing.T) {
	repeat := strings.Repeat
	for text, want := range map[string]string{
		"":                            "",
		repeat("a", 160):              repeat("a", 160),
		repeat("a", 161):              repeat("a", 160),
		repeat("a", 159) + "€":        repeat("a", 159),
		repeat("ж", 71):               repeat("ж", 70),
		repeat("ж", 69) + "😀":         repeat("ж", 69),
		repeat("a", 100) + "ж":        repeat("a", 100),
		repeat("a", 10) + "ж" + "abc": repeat("a", 10) + "ж" + "abc",
	} {
		if got := Truncate(text); got != want {
			t.Errorf("Truncate(%.20q…) = %.20q…, %d octets", text, got, len(got))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(anyText.Draw(t, "text"), rapid.IntRange(1, 9).Draw(t, "times"))
		cut := Truncate(text)
		if _, _, parts := Count(cut); parts != 1 || !strings.HasPrefix(text, cut) {
			t.Fatalf("%d parts: %q", parts, cut)
		}
		if cut != text {
			_, size := utf8.DecodeRuneInString(text[len(cut):])
			if _, _, parts := Count(text[:len(cut)+size]); parts == 1 {
				t.Fatalf("%q could be longer", cut)
			}
		}
	})
}
