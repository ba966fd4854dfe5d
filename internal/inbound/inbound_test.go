package inbound

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// whole is the text of one delivery.
func whole(in sms.Inbound) (string, sms.Encoding) {
	p := Read(&in)
	return Text([]Part{p}, p.Total)
}

func withHeader(octets []byte, elements ...gsm.Element) []byte {
	return append(gsm.UDH{Elements: elements}.Append(nil), octets...)
}

func TestCodings(t *testing.T) {
	packed := gsm.Pack(nil, []byte("packed!"), 0) // seven septets leave seven bits over
	behind := gsm.Pack(nil, []byte("seven"), gsm.FillBits(4))
	turkish, _ := gsm.EncodeNational(nil, "ışığı", gsm.Turkish, gsm.Turkish)
	hindi, _ := gsm.EncodeNational(nil, "हिन्दी", gsm.Hindi, gsm.Default)
	for name, c := range map[string]struct {
		in       sms.Inbound
		want     string
		encoding sms.Encoding
	}{
		"nothing":           {sms.Inbound{}, "", sms.GSM7},
		"GSM":               {sms.Inbound{Octets: []byte{0, 'a', 0x1b, 0x65}}, "@a€", sms.GSM7},
		"packed":            {sms.Inbound{Alphabet: sms.AlphabetPacked, Octets: packed}, "packed!", sms.GSM7},
		"packed, header":    {sms.Inbound{Alphabet: sms.AlphabetPacked, ESMClass: 0x40, Octets: append([]byte{3, 0x24, 1, 1}, behind...)}, "seven", sms.GSM7},
		"Latin-1 by custom": {sms.Inbound{Alphabet: sms.AlphabetLatin1, Octets: []byte{'@', 0xe9}}, "@é", sms.UCS2},
		"ASCII by custom":   {sms.Inbound{Alphabet: sms.AlphabetASCII, Octets: []byte("@{}")}, "@{}", sms.UCS2},
		"ASCII":             {sms.Inbound{DataCoding: 1, Octets: []byte("@{}")}, "@{}", sms.UCS2},
		"Latin-1":           {sms.Inbound{DataCoding: 3, Octets: []byte{0xfc}}, "ü", sms.UCS2},
		"Cyrillic":          {sms.Inbound{DataCoding: 6, Octets: []byte{0xbf, 0xe0, 0xd8, 0xd2, 0xd5, 0xe2, 0xf0, 0xa1}}, "Привет№Ё", sms.UCS2},
		"Hebrew":            {sms.Inbound{DataCoding: 7, Octets: []byte{0xf9, 0xec, 0xe5, 0xed, 0xfa}}, "שלוםת", sms.UCS2},
		"UCS-2":             {sms.Inbound{DataCoding: 8, Octets: []byte{0xd8, 0x3d, 0xde, 0x00}}, "😀", sms.UCS2},
		"8 bit":             {sms.Inbound{DataCoding: 4, Octets: []byte{0, 0xab}}, "00AB", sms.Octets},
		"unspecified":       {sms.Inbound{DataCoding: 2, Octets: []byte{1}}, "01", sms.Octets},
		"Japanese":          {sms.Inbound{DataCoding: 5, Octets: []byte{0x30, 0x21}}, "3021", sms.Octets},
		"class 0":           {sms.Inbound{DataCoding: 0x10, Octets: []byte("flash")}, "flash", sms.GSM7},
		"class 1, 8 bit":    {sms.Inbound{DataCoding: 0x15, Octets: []byte{7}}, "07", sms.Octets},
		"class 2, UCS-2":    {sms.Inbound{DataCoding: 0x1a, Octets: []byte{0, 'x'}}, "x", sms.UCS2},
		"compressed":        {sms.Inbound{DataCoding: 0x20, Octets: []byte{7}}, "07", sms.Octets},
		"waiting":           {sms.Inbound{DataCoding: 0xc8, Octets: []byte("mail")}, "mail", sms.GSM7},
		"waiting, UCS-2":    {sms.Inbound{DataCoding: 0xe0, Octets: []byte{0, 'x'}}, "x", sms.UCS2},
		"class, GSM":        {sms.Inbound{DataCoding: 0xf1, Octets: []byte("x")}, "x", sms.GSM7},
		"class, 8 bit":      {sms.Inbound{DataCoding: 0xf5, Octets: []byte("x")}, "78", sms.Octets},
		"reserved":          {sms.Inbound{DataCoding: 0x90, Octets: []byte("x")}, "78", sms.Octets},
		"Turkish":           {sms.Inbound{ESMClass: 0x40, Octets: withHeader(turkish, gsm.LockingShift(gsm.Turkish), gsm.SingleShift(gsm.Turkish))}, "ışığı", sms.GSM7},
		"Hindi":             {sms.Inbound{ESMClass: 0x40, Octets: withHeader(hindi, gsm.LockingShift(gsm.Hindi))}, "हिन्दी", sms.GSM7},
		"no header at all":  {sms.Inbound{ESMClass: 0x40, Octets: []byte("hello")}, "hello", sms.GSM7},
		"NUL":               {sms.Inbound{DataCoding: 3, Octets: []byte{'a', 0}}, "a\uFFFD", sms.UCS2},
	} {
		if got, encoding := whole(c.in); got != c.want || encoding != c.encoding {
			t.Errorf("%s: %q %d, want %q %d", name, got, encoding, c.want, c.encoding)
		}
	}
}

// What a part says of its place, and what is no part.
func TestPlace(t *testing.T) {
	for name, c := range map[string]struct {
		in   sms.Inbound
		want Part
	}{
		"8 bit":          {sms.Inbound{ESMClass: 0x40, Octets: withHeader(nil, gsm.Concat8(7, 3, 2))}, Part{Reference: 7, Total: 3, Index: 2, Ports: -1}},
		"16 bit":         {sms.Inbound{ESMClass: 0x40, Octets: withHeader(nil, gsm.Concat16(0x1234, 3, 2))}, Part{Reference: 0x1234, Total: 3, Index: 2, Ports: -1}},
		"with ports":     {sms.Inbound{ESMClass: 0x40, Octets: withHeader(nil, gsm.Ports16(2948, 9200), gsm.Concat8(7, 3, 2))}, Part{Reference: 7, Total: 3, Index: 2, Ports: 2948<<16 | 9200}},
		"of one":         {sms.Inbound{ESMClass: 0x40, Octets: withHeader(nil, gsm.Concat8(7, 1, 1))}, Part{Total: 1, Index: 1, Ports: -1}},
		"beyond the end": {sms.Inbound{ESMClass: 0x40, Octets: withHeader(nil, gsm.Concat8(7, 3, 4))}, Part{Total: 1, Index: 1, Ports: -1}},
		"no flag":        {sms.Inbound{Octets: withHeader(nil, gsm.Concat8(7, 3, 2))}, Part{Total: 1, Index: 1, Ports: -1}},
		"odd receipt":    {sms.Inbound{ESMClass: 0x44, Octets: withHeader(nil, gsm.Concat8(7, 3, 2))}, Part{Total: 1, Index: 1, Ports: -1, Receipt: true}},
	} {
		got := Read(&c.in)
		got.octets, got.coding = nil, coding{}
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Part{}, coding{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// cut delivers a message in parts.
func cut(dataCoding byte, elements []gsm.Element, octets ...[]byte) (parts []Part) {
	for i, o := range octets {
		in := sms.Inbound{ESMClass: 0x40, DataCoding: dataCoding, Octets: withHeader(o, append(slices.Clone(elements), gsm.Concat8(1, byte(len(octets)), byte(i+1)))...)}
		parts = append(parts, Read(&in))
	}
	return parts
}

// What a handset cut in the wrong place is whole again.
func TestField_second_part_garbled(t *testing.T) {
	for name, c := range map[string]struct {
		parts []Part
		want  string
	}{
		"escape":    {cut(0, nil, []byte{'a', 0x1b}, []byte{0x65, 'b'}), "a€b"},
		"surrogate": {cut(8, nil, []byte{0, 'a', 0xd8, 0x3d}, []byte{0xde, 0x00, 0, 'b'}), "a😀b"},
		"half unit": {cut(8, nil, []byte{0, 'a', 0}, []byte{'b'}), "ab"},
		"languages": {cut(0, []gsm.Element{gsm.LockingShift(gsm.Turkish)}, []byte{0x07}, []byte{0x0c}), "ığ"},
		"binary":    {cut(4, nil, []byte{1}, []byte{0xff}), "01FF"},
	} {
		if got, _ := Text(c.parts, len(c.parts)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	mixed := append(cut(0, nil, []byte("a"), nil)[:1], cut(8, nil, nil, []byte{0x04, 0x4f})[1])
	if got, encoding := Text(mixed, 2); got != "aя" || encoding != sms.UCS2 {
		t.Errorf("mixed: %q %d", got, encoding)
	}
}

func TestMissingParts(t *testing.T) {
	parts := cut(0, nil, []byte("a"), []byte("b"), []byte("c"), []byte("d"), []byte("e"))
	for _, c := range []struct {
		came []int
		want string
	}{
		{[]int{1, 2, 3, 4, 5}, "abcde"},
		{[]int{2, 4}, "[part 1 of 5 is missing]b[part 3 of 5 is missing]d[part 5 of 5 is missing]"},
		{[]int{1}, "a[parts 2 to 5 of 5 are missing]"},
		{[]int{5}, "[parts 1 to 4 of 5 are missing]e"},
		{nil, "[parts 1 to 5 of 5 are missing]"},
	} {
		var came []Part
		for _, index := range c.came {
			came = append(came, parts[index-1])
		}
		if got, _ := Text(came, 5); got != c.want {
			t.Errorf("%v: %q", c.came, got)
		}
	}
	if got, _ := Text(cut(0, nil, []byte{'a', 0x1b}, nil, []byte{0x65})[:1], 3); got != "a [parts 2 to 3 of 3 are missing]" {
		t.Errorf("%q", got)
	}
}

func TestKey(t *testing.T) {
	first := sms.Inbound{Source: "393401234567", Destination: "48883", Octets: []byte("yes")}
	key := func(change func(*sms.Inbound)) int64 {
		in := first
		change(&in)
		return Key(&in, Read(&in))
	}
	same := key(func(*sms.Inbound) {})
	if key(func(in *sms.Inbound) { in.Carrier, in.At = 5, time.Now() }) != same {
		t.Error("the same number by another carrier has another key")
	}
	seen := map[int64]bool{same: true}
	for i, change := range []func(*sms.Inbound){
		func(in *sms.Inbound) { in.Source = "393401234568" },
		func(in *sms.Inbound) { in.Destination = "4888" },
		func(in *sms.Inbound) { in.Octets = []byte("no") },
		func(in *sms.Inbound) { in.Mark = "1" },
		func(in *sms.Inbound) { in.ESMClass, in.Octets = 0x40, withHeader(nil, gsm.Concat8(7, 3, 1)) },
		func(in *sms.Inbound) { in.ESMClass, in.Octets = 0x40, withHeader(nil, gsm.Concat8(7, 2, 1)) },
		func(in *sms.Inbound) { in.ESMClass, in.Octets = 0x40, withHeader(nil, gsm.Concat8(8, 3, 1)) },
	} {
		if k := key(change); seen[k] {
			t.Errorf("change %d has the key of another", i)
		} else {
			seen[k] = true
		}
	}
	part := func(index byte) func(*sms.Inbound) {
		return func(in *sms.Inbound) {
			in.ESMClass, in.Octets = 0x40, withHeader([]byte{index}, gsm.Concat8(7, 3, index))
		}
	}
	if key(part(1)) != key(part(3)) {
		t.Error("two parts of one message have different keys")
	}
}

func TestKeywords(t *testing.T) {
	rows := []sms.ServiceNumber{{Keyword: "win", Account: 1}, {Keyword: "win big", Account: 2}, {Keyword: "straße", Account: 3}, {Account: 9}}
	for text, want := range map[string]sms.AccountID{
		"win": 1, "WIN": 1, "Win!": 1, "  win 5": 1, "\"win\"": 1, "win-big": 2, "WIN  BIG now": 2, "win bigger": 1, "winner": 9, "": 9, "i win": 9,
		"STRASSE": 9, "STRAßE 5": 3, "win\nbig": 2,
	} {
		if got := Choose(rows, text); got == nil || got.Account != want {
			t.Errorf("%q goes to %+v, want %d", text, got, want)
		}
	}
	if got := Choose(rows[:2], "what"); got != nil {
		t.Errorf("%+v", got)
	}
	for text, want := range map[string]string{"WIN": "win", " Win  BIG ": "win big", "Ünï": "ünï", "5": "5"} {
		if got, ok := Keyword(text); got != want || !ok {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, text := range []string{"", " ", "win!", "a-b", strings.Repeat("a", LongestKeyword+1)} {
		if _, ok := Keyword(text); ok {
			t.Errorf("%q is a keyword", text)
		}
	}
}

// FuzzText: whatever comes, every character of the text can be stored, and nothing panics.
func FuzzText(f *testing.F) {
	f.Add([]byte("hello"), byte(0), byte(0), byte(0))
	f.Add([]byte{5, 0, 3, 1, 2, 1, 'a'}, byte(0x40), byte(8), byte(1))
	f.Fuzz(func(t *testing.T, octets []byte, class, dataCoding, alphabet byte) {
		in := sms.Inbound{Octets: octets, ESMClass: class, DataCoding: dataCoding, Alphabet: sms.Alphabet(alphabet)}
		p := Read(&in)
		if p.Total < 1 || p.Index < 1 || p.Index > p.Total {
			t.Fatalf("%+v", p)
		}
		text, _ := Text([]Part{p}, p.Total)
		if strings.ToValidUTF8(text, "") != text || strings.ContainsRune(text, 0) {
			t.Fatalf("%q", text)
		}
	})
}
