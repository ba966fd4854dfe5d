package gsm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPack(t *testing.T) {
	for _, c := range []struct {
		text string
		fill int
		hex  string
	}{
		{"", 0, ""},
		{"", 3, ""},
		{"1", 0, "31"},
		{"12", 0, "3119"}, // the figure of TS 23.038 §6.1.2.1.1
		{"1234567", 0, "31d98c56b3dd00"},
		{"12345678", 0, "31d98c56b3dd70"},
		{"123456789", 0, "31d98c56b3dd7039"},
		{"hellohello", 0, "e8329bfd4697d9ec37"},
		{"How are you?", 0, "c8f71d14969741f977fd07"},
		{"@@", 0, "0000"},
		{"a", 1, "c2"},
		{"Hello", 1, "906536fb0d"},
		{"ab", 6, "40580c"},
		{"a", 7, "8030"},
	} {
		septets, _ := EncodeGSM(nil, c.text)
		packed := Pack([]byte{0xAA}, septets, c.fill)
		if diff := cmp.Diff(octets(t, "aa"+c.hex), packed); diff != "" {
			t.Errorf("%q: %x\n%s", c.text, packed[1:], diff)
		}
		if got := Unpack(nil, packed[1:], len(septets), c.fill); DecodeGSM(got) != c.text {
			t.Errorf("%q came back as %q", c.text, DecodeGSM(got))
		}
	}
}

// A message of several parts as handsets exchange it: header, one fill bit, septets.
func TestSegment_packed(t *testing.T) {
	segment := Segment{Encoding: GSM7, UDH: octets(t, "050003cc0202"), Payload: []byte("Hello")}
	if diff := cmp.Diff(octets(t, "050003cc0202906536fb0d"), segment.AppendPacked(nil)); diff != "" {
		t.Error(diff)
	}
	segment = Segment{Encoding: UCS2, UDH: octets(t, "050003cc0202"), Payload: octets(t, "0416")}
	if diff := cmp.Diff(octets(t, "050003cc02020416"), segment.AppendPacked(nil)); diff != "" {
		t.Error(diff)
	}
	full := Split(string(make153("x"))+"y€z", 7)[0].AppendPacked(nil)
	if len(full) != MaxOctets {
		t.Errorf("a full part has %d octets", len(full))
	}
}

func make153(text string) (long []byte) {
	for len(long) < MaxPartSeptets+10 {
		long = append(long, text...)
	}
	return long
}

func TestUnpack_limits(t *testing.T) {
	for _, c := range []struct {
		packed        string
		septets, fill int
		want          string
	}{
		{"3119", 99, 0, "3132"},
		{"3119", -1, 0, "3132"},
		{"31d98c56b3dd00", -1, 0, "3132333435363700"}, // seven spare bits read as one more septet
		{"31d98c56b3dd00", 7, 0, "31323334353637"},
		{"", 5, 0, ""},
		{"ff", 1, 7, ""},
		{"ff", 1, -3, "7f"},
		{"ffff", 1, 99, "7f"},
	} {
		if diff := cmp.Diff(octets(t, c.want), Unpack([]byte{}, octets(t, c.packed), c.septets, c.fill)); diff != "" {
			t.Errorf("%+v: %s", c, diff)
		}
	}
}

func TestFillBits(t *testing.T) {
	for header, want := range []int{0, 6, 5, 4, 3, 2, 1, 0, 6} {
		if got := FillBits(header); got != want {
			t.Errorf("FillBits(%d) = %d, want %d", header, got, want)
		}
	}
}

func TestUSSD(t *testing.T) {
	for text, want := range map[string]string{
		"*100#":     "aa180c3602",
		"1234567":   "31d98c56b3dd1a", // a carriage return instead of a ghost "@"
		"1234567\r": "31d98c56b3dd1a0d",
		"12345678":  "31d98c56b3dd70",
		"":          "",
	} {
		packed := PackUSSD(nil, []byte(text))
		if diff := cmp.Diff(octets(t, want), append([]byte{}, packed...)); diff != "" {
			t.Errorf("%q: %x\n%s", text, packed, diff)
		}
		if got := string(UnpackUSSD(nil, packed)); got != text && got != text+"\r" {
			t.Errorf("%q came back as %q", text, got)
		}
	}
	if got := string(UnpackUSSD(nil, octets(t, "31d98c56b3dd1a"))); got != "1234567" {
		t.Errorf("padding shown: %q", got)
	}
}

func TestPack_round_trip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		septets := rapid.SliceOf(rapid.ByteRange(0, 127)).Draw(t, "septets")
		fill := rapid.IntRange(0, 7).Draw(t, "fill")
		packed := Pack(nil, septets, fill)
		if len(septets) > 0 && len(packed) != (len(septets)*7+fill+7)/8 {
			t.Fatalf("%d octets for %d septets", len(packed), len(septets))
		}
		back := Unpack([]byte{}, packed, len(septets), fill)
		if diff := cmp.Diff(append([]byte{}, septets...), back); diff != "" {
			t.Fatal(diff)
		}
	})
}
