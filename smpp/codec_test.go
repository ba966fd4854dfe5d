package smpp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVectors holds both directions of the codec against octets.
func TestVectors(t *testing.T) {
	seen := map[CommandID]bool{}
	for _, v := range vectors() {
		t.Run(v.name, func(t *testing.T) {
			want := unhex(t, v.octet)
			seen[v.head.ID] = true
			got, err := AppendPDU(nil, v.head.Status, v.head.Sequence, v.pdu)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("encoded\n%x, %v, want\n%x", got, err, want)
			}
			h, p, err := Decode(want)
			if err != nil {
				t.Fatal(err)
			}
			v.head.Length = uint32(len(want))
			if h != v.head {
				t.Errorf("header %+v, want %+v", h, v.head)
			}
			if diff := cmp.Diff(v.pdu, p, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, id := range commands() {
		if !seen[id] {
			t.Errorf("no vector for %v", id)
		}
	}
}

// commands are the command ids that have a PDU.
func commands() []CommandID {
	var list []CommandID
	for id := range CommandID(0x200) {
		for _, id := range []CommandID{id, id.Response()} {
			if New(id) != nil {
				list = append(list, id)
			}
		}
	}
	return list
}

func TestEveryCommandHasItsPDUAndName(t *testing.T) {
	if n := len(commands()); n != 27 {
		t.Errorf("%d PDUs, want 27", n)
	}
	for _, id := range commands() {
		if got := New(id).CommandID(); got != id {
			t.Errorf("New(%v) is %v", id, got)
		}
		if strings.HasPrefix(id.String(), "0x") {
			t.Errorf("%v has no name", id)
		}
	}
	if s := CommandID(0x10203).String(); s != "0x00010203" {
		t.Error(s)
	}
	if s := CommandID(0x8000000B).String(); New(0x8000000B) != nil {
		t.Errorf("outbind has no response, but %s", s)
	}
}

// TestHalfPDU cuts every vector at every octet: what ends inside the mandatory
// parameters or inside an optional one is refused with a status, and nothing
// panics.
func TestHalfPDU(t *testing.T) {
	for _, v := range vectors() {
		body := unhex(t, v.octet)[HeaderLen:]
		for n := range body {
			p := New(v.head.ID)
			err := p.DecodeBody(v.head, body[:n:n])
			if err == nil {
				if whole, e := p.AppendBody(nil); e != nil || !bytes.Equal(whole, body[:n]) && n > 0 {
					t.Errorf("%s: %d of %d octets decode to %+v", v.name, n, len(body), p)
				}
				continue
			}
			e, ok := errors.AsType[*DecodeError](err)
			if !ok || e.Status == ESME_ROK || e.Field == "" || e.Reason == "" || e.Command != v.head.ID {
				t.Errorf("%s at %d: %#v", v.name, n, err)
			}
		}
	}
}

// TestDecodeReusesAndAliases: decoding into a used value allocates nothing and
// leaves nothing of the value before.
func TestDecodeReusesAndAliases(t *testing.T) {
	long, short := unhex(t, messageVectors()[0].octet), &SubmitSM{DestinationAddr: "1"}
	plain, err := AppendPDU(nil, 0, 1, short)
	if err != nil {
		t.Fatal(err)
	}
	var p SubmitSM
	n := testing.AllocsPerRun(100, func() {
		for _, frame := range [][]byte{long, plain} {
			h, _ := DecodeHeader(frame)
			if err := p.DecodeBody(h, frame[HeaderLen:]); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
	if diff := cmp.Diff(short, &p, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if cap(p.ShortMessage) != len(p.ShortMessage) {
		t.Error("an append to ShortMessage would write into the frame")
	}
}

func TestEncodeAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 512)
	for _, p := range []PDU{sampleSubmit(), sampleDeliver()} {
		if n := testing.AllocsPerRun(100, func() { buf, _ = AppendPDU(buf[:0], 0, 1, p) }); n != 0 {
			t.Errorf("%v: %v allocations", p.CommandID(), n)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	submit := func(change func(b []byte) []byte) []byte {
		b, err := AppendPDU(nil, 0, 1, &SubmitSM{SourceAddr: "a", DestinationAddr: "b", ShortMessage: []byte("text")})
		if err != nil {
			t.Fatal(err)
		}
		return change(b[HeaderLen:])
	}
	splice := func(at int, s string) func([]byte) []byte {
		return func(b []byte) []byte { return slices.Insert(b, at, []byte(s)...) }
	}
	for _, c := range []struct {
		name   string
		id     CommandID
		body   []byte
		field  string
		status CommandStatus
	}{
		{"empty", CommandSubmitSM, nil, "service_type", ESME_RINVCMDLEN},
		{"service_type too long", CommandSubmitSM, submit(splice(0, "ABCDEF")), "service_type", ESME_RINVSERTYP},
		{"source_addr too long", CommandSubmitSM, submit(splice(3, strings.Repeat("1", 20))), "source_addr", ESME_RINVSRCADR},
		{"destination_addr too long", CommandSubmitSM, submit(splice(7, strings.Repeat("1", 20))), "destination_addr", ESME_RINVDSTADR},
		{"schedule too long", CommandSubmitSM, submit(splice(12, strings.Repeat("1", 17))), "schedule_delivery_time", ESME_RINVSCHED},
		{"validity too long", CommandSubmitSM, submit(splice(13, strings.Repeat("1", 17))), "validity_period", ESME_RINVEXPIRY},
		{"one octet too few", CommandSubmitSM, submit(func(b []byte) []byte { return b[:len(b)-1] }), "sm_length", ESME_RINVMSGLEN},
		{"one octet too many", CommandSubmitSM, submit(func(b []byte) []byte { return append(b, 'x') }), "sm_length", ESME_RINVMSGLEN},
		{"255 octets", CommandSubmitSM, submit(func(b []byte) []byte {
			b[18] = 255
			return append(b, make([]byte, 251)...)
		}), "sm_length", ESME_RINVMSGLEN},
		{"TLV past the end", CommandSubmitSM, submit(func(b []byte) []byte { return append(b, 4, 0x24, 0, 9, 1) }),
			"optional parameters", ESME_RINVOPTPARSTREAM},
		{"half a TLV after one", CommandSubmitSM, submit(func(b []byte) []byte { return append(b, 4, 0x24, 0, 1, 1, 9) }),
			"optional parameters", ESME_RINVOPTPARSTREAM},
		{"a success without its body", CommandSubmitSMResp, nil, "message_id", ESME_RINVCMDLEN},
		{"message_id too long", CommandSubmitSMResp, bytes.Repeat([]byte("a"), 66), "message_id", ESME_RINVMSGID},
		{"message_id without its end", CommandSubmitSMResp, []byte("abc"), "message_id", ESME_RINVCMDLEN},
		{"password too long", CommandBindReceiver, []byte("me\x00" + strings.Repeat("p", 65) + "\x00\x00"), "password", ESME_RINVPASWD},
		{"system_id too long", CommandBindReceiver, bytes.Repeat([]byte("s"), 17), "system_id", ESME_RINVSYSID},
		{"no destinations", CommandSubmitMulti, []byte("\x00\x00\x00\x00\x00"), "number_of_dests", ESME_RINVNUMDESTS},
		{"unknown dest_flag", CommandSubmitMulti, []byte("\x00\x00\x00\x00\x01\x03"), "dest_flag", ESME_RINVDESTFLAG},
		{"254 destinations announced", CommandSubmitMulti, []byte("\x00\x00\x00\x00\xfe\x01"), "dest_addr_ton", ESME_RINVCMDLEN},
		{"255 failures announced", CommandSubmitMultiResp, []byte("\x00\xff\x01\x01\x00\x00"), "error_status_code", ESME_RINVCMDLEN},
		{"half a parameter", CommandEnquireLink, []byte{1}, "optional parameters", ESME_RINVOPTPARSTREAM},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := New(c.id).DecodeBody(Header{ID: c.id}, c.body)
			e, ok := errors.AsType[*DecodeError](err)
			if !ok || e.Field != c.field || e.Status != c.status {
				t.Errorf("got %v (%+v), want %s %v", err, e, c.field, c.status)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, c := range []struct {
		field string
		p     PDU
	}{
		{"source_addr", &SubmitSM{SourceAddr: strings.Repeat("1", 21)}},
		{"destination_addr", &SubmitSM{DestinationAddr: "1\x002"}},
		{"validity_period", &SubmitSM{ValidityPeriod: "tomorrow"}},
		{"schedule_delivery_time", &DeliverSM{ScheduleDeliveryTime: "1"}},
		{"short_message", &SubmitSM{ShortMessage: make([]byte, 255)}},
		{"optional parameters", &SubmitSM{TLVs: TLVs{{TagMessagePayload, make([]byte, 65536)}}}},
		{"number_of_dests", &SubmitMulti{}},
		{"number_of_dests", &SubmitMulti{DestAddresses: make([]DestAddress, 255)}},
		{"dest_flag", &SubmitMulti{DestAddresses: make([]DestAddress, 1)}},
		{"no_unsuccess", &SubmitMultiResp{UnsuccessSMEs: make([]UnsuccessSME, 256)}},
		{"password", &Bind{Password: strings.Repeat("p", 65)}},
		{"message_id", &QuerySM{MessageID: strings.Repeat("x", 65)}},
	} {
		before := []byte("before")
		got, err := AppendPDU(before, 0, 1, c.p)
		e, ok := errors.AsType[*EncodeError](err)
		if !ok || e.Field != c.field || e.Command != c.p.CommandID() {
			t.Errorf("%s of %v: %v", c.field, c.p.CommandID(), err)
		}
		if string(got) != "before" {
			t.Errorf("%s: %q is left", c.field, got)
		}
	}
}

func TestDecodeFrame(t *testing.T) {
	frame := unhex(t, "00000010000000150000000000000010")
	if _, _, err := Decode(frame[:15]); err != ErrShortHeader {
		t.Error(err)
	}
	if _, _, err := Decode(append(frame, 0)); !hasStatus(err, ESME_RINVCMDLEN) {
		t.Error(err)
	}
	frame[6] = 0x77
	if _, _, err := Decode(frame); !hasStatus(err, ESME_RINVCMDID) {
		t.Error(err)
	}
}

func hasStatus(err error, status CommandStatus) bool {
	e, ok := errors.AsType[*DecodeError](err)
	return ok && e.Status == status
}

// TestField_response_without_body: refusals come with and without a body.
func TestField_response_without_body(t *testing.T) {
	for _, id := range []CommandID{CommandSubmitSMResp, CommandBindTransceiverResp, CommandDeliverSMResp, CommandDataSMResp,
		CommandQuerySMResp, CommandSubmitMultiResp, CommandCancelSMResp, CommandReplaceSMResp} {
		for _, body := range []string{"", "\x00"} {
			if len(body) == 1 && (id == CommandQuerySMResp || id == CommandSubmitMultiResp ||
				id == CommandCancelSMResp || id == CommandReplaceSMResp) {
				continue // their body is no message_id alone
			}
			p := New(id)
			if err := p.DecodeBody(Header{ID: id, Status: ESME_RSYSERR}, []byte(body)); err != nil {
				t.Errorf("%v with body %q: %v", id, body, err)
			}
		}
	}
}

func TestTLVs(t *testing.T) {
	var list TLVs
	list.AddUint8(TagMessageState, 2)
	list.AddUint16(TagSourcePort, 0x1234)
	list.AddUint32(TagQOSTimeToLive, 0x01020304)
	list.AddString(TagReceiptedMessageID, "id")
	list.Add(TagReceiptedMessageID, []byte("second"))
	if v, ok := list.Uint8(TagMessageState); !ok || v != 2 {
		t.Error(v, ok)
	}
	if v, ok := list.Uint16(TagSourcePort); !ok || v != 0x1234 {
		t.Error(v, ok)
	}
	if v, ok := list.Uint32(TagQOSTimeToLive); !ok || v != 0x01020304 {
		t.Error(v, ok)
	}
	if v, ok := list.String(TagReceiptedMessageID); !ok || v != "id" {
		t.Error(v, ok)
	}
	if _, ok := list.Uint8(TagSourcePort); ok {
		t.Error("two octets read as one")
	}
	if v, ok := list.String(TagCallbackNum); ok || v != "" {
		t.Error(v)
	}
}

func TestMessagePayloadStandsForAnEmptyText(t *testing.T) {
	p := &SubmitSM{TLVs: TLVs{{TagMessagePayload, []byte("long")}}}
	if string(p.Message()) != "long" {
		t.Errorf("%q", p.Message())
	}
	p.ShortMessage = []byte("short")
	if string(p.Message()) != "short" {
		t.Errorf("%q", p.Message())
	}
}

func TestStatusNames(t *testing.T) {
	if s := ESME_RTHROTTLED.Error(); s != "smpp: ESME_RTHROTTLED: throttling error: ESME has exceeded allowed message limits" {
		t.Error(s)
	}
	if s := CommandStatus(0x400).Error(); s != "smpp: command_status 0x00000400" {
		t.Error(s)
	}
	if s := TLVTag(0x1401).String() + TagMessagePayload.String(); s != "0x1401message_payload" {
		t.Error(s)
	}
}
