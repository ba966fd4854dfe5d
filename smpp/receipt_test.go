package smpp

import (
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type receiptCase struct {
	name string
	d    DeliverSM
	want Receipt
}

func text(s string) DeliverSM { return DeliverSM{ESMClass: ESMClassReceipt, ShortMessage: []byte(s)} }

func ucs2(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return b
}

// receiptCases are the forms in which carriers write receipts.
func receiptCases() []receiptCase {
	t1 := time.Date(2026, 3, 2, 10, 11, 0, 0, time.UTC)
	t2 := t1.Add(4*time.Minute + 59*time.Second)
	full := Receipt{ID: "0198f2aa", State: StateDelivered, ErrorCode: "000", Submitted: t1, Done: t1, Text: "Hello there", Sub: 1, Dlvrd: 1}
	return append(receiptTLVCases(full), []receiptCase{
		{"appendix B", text("id:0198f2aa sub:001 dlvrd:001 submit date:2603021011 done date:2603021011 stat:DELIVRD err:000 text:Hello there"), full},
		{"upper-case keys, Text", text("ID:0198f2aa SUB:001 DLVRD:001 SUBMIT DATE:2603021011 DONE DATE:2603021011 STAT:DELIVRD ERR:000 Text:Hello there"), full},
		{"lower-case state", text("id:0198f2aa sub:001 dlvrd:001 submit date:2603021011 done date:2603021011 stat:delivrd err:000 text:Hello there"), full},
		{"spaces behind colons", text("id: 0198f2aa sub: 001 dlvrd: 001 submit date: 2603021011 done date: 2603021011 stat: DELIVRD err: 000 text:Hello there"), full},
		{"spaces left away", text("id:0198f2aasub:001dlvrd:001submit date:2603021011done date:2603021011stat:DELIVRDerr:000text:Hello there"), full},
		{"joined keys", text("id:0198f2aa sub:001 dlvrd:001 submitdate:2603021011 donedate:2603021011 stat:DELIVRD err:000 text:Hello there"), full},
		{"underscores", text("id:0198f2aa sub:001 dlvrd:001 submit_date:2603021011 done_date:2603021011 stat:DELIVRD err:000 text:Hello there"), full},
		{"commas", text("id:0198f2aa,sub:001,dlvrd:001,submit date:2603021011,done date:2603021011,stat:DELIVRD,err:000,text:Hello there"), full},
		{"lines", text("id:0198f2aa\r\nsub:001\r\ndlvrd:001\r\nsubmit date:2603021011\r\ndone date:2603021011\r\nstat:DELIVRD\r\nerr:000\r\ntext:Hello there"), full},
		{"NUL at the end", text("id:0198f2aa sub:001 dlvrd:001 submit date:2603021011 done date:2603021011 stat:DELIVRD err:000 text:Hello there\x00"), full},
		{"another order", text("stat:DELIVRD err:000 done date:2603021011 submit date:2603021011 dlvrd:001 sub:001 id:0198f2aa text:Hello there"), full},
		{"text in the middle", text("stat:DELIVRD text:Hello there id:0198f2aa"),
			Receipt{ID: "0198f2aa", State: StateDelivered, Text: "Hello there "}},
		{"fields of a carrier's own", text("id:0198f2aa sub:001 dlvrd:001 submit date:2603021011 net:22210 done date:2603021011 stat:DELIVRD err:000 mccmnc:22210 text:Hello there"), full},
		{"seconds", text("id:A-1 submit date:260302101100 done date:260302101559 stat:UNDELIV err:01B"),
			Receipt{ID: "A-1", State: StateUndeliverable, ErrorCode: "01B", Submitted: t1, Done: t2}},
		{"year of four digits", text("id:1 submit date:20260302101100 done date:202603021011 stat:EXPIRED err:0"),
			Receipt{ID: "1", State: StateExpired, ErrorCode: "0", Submitted: t1, Done: t1}},
		{"punctuated dates", text("id:1 submit date:2026-03-02 10:11:00 done date:2026-03-02T10:15:59 stat:EXPIRED"),
			Receipt{ID: "1", State: StateExpired, Submitted: t1, Done: t2}},
		{"absolute time", text("id:1 submit date:260302111100004+ done date:260302101559000+ stat:REJECTD"),
			Receipt{ID: "1", State: StateRejected, Submitted: t1, Done: t2}},
		{"impossible dates", text("id:1 submit date:9999999999 done date:0 stat:ACCEPTD"), Receipt{ID: "1", State: StateAccepted}},
		{"only id and state", text("id:5b3f stat:ENROUTE"), Receipt{ID: "5b3f", State: StateEnroute}},
		{"no id", text("stat:DELIVRD err:000"), Receipt{State: StateDelivered, ErrorCode: "000"}},
		{"empty id, then the next key", text("id: sub:001 stat:DELIVRD"), Receipt{State: StateDelivered, Sub: 1}},
		{"status", text("id:1 status:DELIVERED error:0"), Receipt{ID: "1", State: StateDelivered, ErrorCode: "0"}},
		{"state as a number", text("id:1 stat:5"), Receipt{ID: "1", State: StateUndeliverable}},
		{"a word of its own", text("id:1 stat:LOST"), Receipt{ID: "1", State: StateUnknown}},
		{"equals signs", text("id=1 stat=DELETED err=7"), Receipt{ID: "1", State: StateDeleted, ErrorCode: "7"}},
		{"a message like a receipt", text("id:1 stat:UNDELIV err:1 text:id:2 stat:DELIVRD err:0"),
			Receipt{ID: "1", State: StateUndeliverable, ErrorCode: "1", Text: "id:2 stat:DELIVRD err:0"}},
		{"a longer key is no id", text("msgid:9 id:1 stat:DELIVRD"), Receipt{ID: "1", State: StateDelivered}},
		{"counts that are none", text("id:1 sub:-1 dlvrd:x stat:DELIVRD"), Receipt{ID: "1", State: StateDelivered}},
		{"nothing to read", text("hello"), Receipt{}},
		{"UCS-2", DeliverSM{ESMClass: ESMClassReceipt, DataCoding: DataCodingUCS2, ShortMessage: ucs2("id:1 stat:DELIVRD text:ciào")},
			Receipt{ID: "1", State: StateDelivered, Text: "ciào"}},
		{"behind a header", DeliverSM{ESMClass: ESMClassReceipt | ESMClassUDHI, ShortMessage: append([]byte{5, 0, 3, 1, 1, 1}, "id:1 stat:DELIVRD"...)},
			Receipt{ID: "1", State: StateDelivered}},
	}...)
}

func receiptTLVCases(full Receipt) []receiptCase {
	const fullText = "id:0198f2aa sub:001 dlvrd:001 submit date:2603021011 done date:2603021011 stat:DELIVRD err:000 text:Hello there"
	won := full
	won.ID, won.State, won.ErrorCode = "26866346", StateUndeliverable, "3:0021"
	tlvs := TLVs{{TagReceiptedMessageID, []byte("26866346\x00")}, {TagMessageState, []byte{5}}, {TagNetworkErrorCode, []byte{3, 0, 21}}}
	return []receiptCase{
		{"optional parameters win", DeliverSM{ESMClass: ESMClassReceipt, ShortMessage: []byte(fullText), TLVs: tlvs}, won},
		{"esm_class 0 with optional parameters", DeliverSM{TLVs: tlvs},
			Receipt{ID: "26866346", State: StateUndeliverable, ErrorCode: "3:0021"}},
		{"id without its NUL", DeliverSM{TLVs: TLVs{{TagReceiptedMessageID, []byte("77")}}}, Receipt{ID: "77"}},
		{"broken optional parameters", DeliverSM{ESMClass: ESMClassReceipt, ShortMessage: []byte(fullText),
			TLVs: TLVs{{TagReceiptedMessageID, []byte{0}}, {TagMessageState, nil}, {TagNetworkErrorCode, []byte{1}}}}, full},
		{"intermediate", DeliverSM{ESMClass: ESMClassIntermediate, ShortMessage: []byte("id:1 stat:ENROUTE")},
			Receipt{ID: "1", State: StateEnroute}},
		{"in message_payload", DeliverSM{ESMClass: ESMClassReceipt, TLVs: TLVs{{TagMessagePayload, []byte(fullText)}}}, full},
		{"states of 5.0", DeliverSM{TLVs: TLVs{{TagReceiptedMessageID, []byte("77")}, {TagMessageState, []byte{9}}}},
			Receipt{ID: "77", State: StateRejected}},
	}
}

func TestParseReceipt(t *testing.T) {
	for _, c := range receiptCases() {
		t.Run(c.name, func(t *testing.T) {
			got, ok := ParseReceipt(&c.d)
			if !ok {
				t.Fatal("not taken for a receipt")
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoReceipt(t *testing.T) {
	for _, d := range []DeliverSM{
		{ShortMessage: []byte("id:1 stat:DELIVRD")}, // anybody can write that
		{ESMClass: ESMClassUDHI, ShortMessage: []byte("hello")},
		{ESMClass: ESMClassDeliveryAck, ShortMessage: []byte("id:1 stat:DELIVRD")},
		{ESMClass: ESMClassManualAck, TLVs: TLVs{{TagReceiptedMessageID, []byte("1")}}},
		{TLVs: TLVs{{TagMessageState, []byte{2}}}},
	} {
		if r, ok := ParseReceipt(&d); ok {
			t.Errorf("%+v taken for the receipt %+v", d, r)
		}
	}
}

func TestParseDataReceipt(t *testing.T) {
	d := &DataSM{ESMClass: ESMClassReceipt, TLVs: TLVs{{TagMessagePayload, []byte("id:1 stat:DELIVRD")}}}
	if r, ok := ParseDataReceipt(d); !ok || r.ID != "1" || r.State != StateDelivered {
		t.Error(r, ok)
	}
}

func TestAppendReceipt(t *testing.T) {
	at := time.Date(2026, 3, 2, 11, 11, 30, 0, time.FixedZone("", 3600))
	got := string(AppendReceipt([]byte(">"), &Receipt{ID: "m-1", State: StateUndeliverable, ErrorCode: "3:0021",
		Submitted: at, Sub: 1, Text: "twenty octets and moré"}))
	want := ">id:m-1 sub:001 dlvrd:000 submit date:2603021011 done date: stat:UNDELIV err:021 text:twenty octets and mo"
	if got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
	if s := string(AppendReceipt(nil, &Receipt{Text: "nineteen octets ...é"})); !strings.HasSuffix(s, "text:nineteen octets ...") {
		t.Errorf("%q cuts a character", s)
	}
}

// TestReceiptRoundTrip: what a server writes, a client reads.
func TestReceiptRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		want := Receipt{
			ID:        rapid.StringMatching(`[0-9A-Za-z-]{1,64}`).Draw(t, "id"),
			State:     MessageState(rapid.IntRange(1, 8).Draw(t, "state")),
			ErrorCode: rapid.SampledFrom([]string{"000", "01B", "255", "3:0021", "255:65535"}).Draw(t, "error"),
			Submitted: minute.Add(time.Duration(rapid.IntRange(0, 1e6).Draw(t, "submitted")) * time.Minute),
			Done:      minute.Add(time.Duration(rapid.IntRange(0, 1e6).Draw(t, "done")) * time.Minute),
			Sub:       rapid.IntRange(0, 1200).Draw(t, "sub"),
			Dlvrd:     rapid.IntRange(0, 1200).Draw(t, "dlvrd"),
			Text:      rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "text"),
		}
		var d DeliverSM
		if err := d.SetReceipt(&want); err != nil {
			t.Fatal(err)
		}
		frame, err := AppendPDU(nil, ESME_ROK, 1, &d)
		if err != nil {
			t.Fatal(err)
		}
		_, p, err := Decode(frame)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := ParseReceipt(p.(*DeliverSM))
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Fatal(ok, diff)
		}
		if got.State.Final() && p.(*DeliverSM).ESMClass != ESMClassReceipt {
			t.Fatalf("esm_class %#x", p.(*DeliverSM).ESMClass)
		}
	})
}

func TestSetReceiptRefusesALongID(t *testing.T) {
	var d DeliverSM
	if err := d.SetReceipt(&Receipt{ID: strings.Repeat("x", 65)}); err == nil {
		t.Error("taken")
	}
}
