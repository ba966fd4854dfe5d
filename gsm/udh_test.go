package gsm

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseUDH(t *testing.T) {
	userData := octets(t, "0b 0003420302 7a01ff 24010d 41")
	got, rest, err := ParseUDH(userData)
	if err != nil {
		t.Fatal(err)
	}
	want := UDH{Elements: []Element{
		{ID: 0x00, Data: []byte{0x42, 3, 2}},
		{ID: 0x7A, Data: []byte{0xFF}},
		{ID: 0x24, Data: []byte{13}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if string(rest) != "A" {
		t.Errorf("rest %x", rest)
	}
	if diff := cmp.Diff(userData[:len(userData)-1], got.Append(nil)); diff != "" {
		t.Error(diff)
	}
	if got.Len() != len(userData)-1 {
		t.Errorf("Len %d", got.Len())
	}
}

func TestParseUDH_malformed(t *testing.T) {
	for whole, want := range map[string]string{
		"":                 "", // no length octet
		"05":               "",
		"0500034203":       "", // the header is cut
		"ff00":             "",
		"010041":           "41", // an identifier without a length
		"05000442030241":   "41", // an element goes beyond the header
		"0600034203020041": "41",
	} {
		_, rest, err := ParseUDH(octets(t, whole))
		if !errors.Is(err, ErrHeader) {
			t.Errorf("%s: %v", whole, err)
		}
		if diff := cmp.Diff(string(octets(t, want)), string(rest)); diff != "" {
			t.Errorf("%s: %s", whole, diff)
		}
	}
	if header, rest, err := ParseUDH([]byte{0, 'x'}); err != nil || header.Elements != nil || string(rest) != "x" {
		t.Errorf("an empty header: %v, %q, %v", header, rest, err)
	}
}

func TestConcatenation(t *testing.T) {
	type place struct {
		Ref, Total, Index int
		OK                bool
	}
	for hex, want := range map[string]place{
		"00":                             {},
		"050003cc0302":                   {0xCC, 3, 2, true},
		"060804abcd0201":                 {0xABCD, 2, 1, true},
		"050003cc0300":                   {}, // index 0
		"050003cc0304":                   {}, // beyond the total
		"050003cc0000":                   {},
		"040002cc03":                     {},              // of a wrong length
		"0a 0003010301 0003020302":       {2, 3, 2, true}, // the last counts
		"0b 0003010301 0804000a0202":     {10, 2, 2, true},
		"0b 0804000a0202 0003010301":     {1, 3, 1, true},
		"0a 0003010301 0003020309":       {1, 3, 1, true}, // the last is ignored
		"0b 05040b8423f0 0003cc0201":     {0xCC, 2, 1, true},
		"0b 700100 710100 0003cc0201 41": {0xCC, 2, 1, true},
		"08 2401 0d 0003cc0201":          {0xCC, 2, 1, true},
		"03 240101":                      {},
	} {
		header, _, err := ParseUDH(octets(t, hex))
		if err != nil {
			t.Fatalf("%s: %v", hex, err)
		}
		var got place
		got.Ref, got.Total, got.Index, got.OK = header.Concatenation()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", hex, diff)
		}
	}
}

func TestUDH_languages_and_ports(t *testing.T) {
	header := UDH{Elements: []Element{
		LockingShift(Turkish), SingleShift(Spanish), LockingShift(Urdu), LockingShift(14), {ID: 0x24, Data: nil},
		Ports16(2948, 9200), Concat16(0x1234, 9, 8),
	}}
	wire := header.Append([]byte("x"))
	if diff := cmp.Diff(octets(t, "78 1a 250101 240102 25010d 25010e 2400 05040b8423f0 080412340908"), wire); diff != "" {
		t.Errorf("%x: %s", wire, diff)
	}
	back, _, err := ParseUDH(wire[1:])
	if err != nil {
		t.Fatal(err)
	}
	if locking, single := back.Languages(); locking != Urdu || single != Spanish {
		t.Errorf("%v, %v", locking, single)
	}
	if destination, source, ok := back.Ports(); destination != 2948 || source != 9200 || !ok {
		t.Errorf("%d, %d, %v", destination, source, ok)
	}
	if destination, source, ok := (UDH{Elements: []Element{{ID: 4, Data: []byte{240, 241}}}}).Ports(); destination != 240 || source != 241 || !ok {
		t.Errorf("%d, %d, %v", destination, source, ok)
	}
	if _, _, ok := (UDH{Elements: []Element{{ID: 5, Data: []byte{1}}, Concat8(1, 2, 1)}}).Ports(); ok {
		t.Error("ports out of nothing")
	}
}

func TestUDH_too_long(t *testing.T) {
	long := UDH{Elements: []Element{{ID: 1, Data: make([]byte, 254)}}}
	if got := long.Append([]byte("x")); string(got) != "x" {
		t.Errorf("wrote %d octets", len(got))
	}
	long.Elements[0].Data = long.Elements[0].Data[:253]
	if back, rest, err := ParseUDH(long.Append(nil)); err != nil || len(rest) != 0 || !cmp.Equal(back, long) {
		t.Errorf("%v, %v", rest, err)
	}
}

func TestUDH_round_trip(t *testing.T) {
	element := rapid.Custom(func(t *rapid.T) Element {
		return Element{ID: rapid.Byte().Draw(t, "id"), Data: rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "data")}
	})
	rapid.Check(t, func(t *rapid.T) {
		header := UDH{Elements: rapid.SliceOfN(element, 1, 18).Draw(t, "elements")}
		wire := append(header.Append(nil), "text"...)
		back, rest, err := ParseUDH(wire)
		if err != nil || string(rest) != "text" {
			t.Fatalf("%q, %v", rest, err)
		}
		if diff := cmp.Diff(header, back); diff != "" {
			t.Fatal(diff)
		}
	})
}
