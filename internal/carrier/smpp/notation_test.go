package smpp

import (
	"testing"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// What a carrier answers and what it reports are known by the same id, by its setting; with auto the store looks further.
func TestReceiptIDs(t *testing.T) {
	for _, test := range []struct {
		setting, answered, reported string
		same                        bool
		id                          string // under which the part is known
	}{
		{"auto", "1A2B3C", "1A2B3C", true, "1A2B3C"},
		{"auto", "1A2B3C", "1715004", false, "1A2B3C"},
		{"exact", "00a", "00a", true, "00a"},
		{"exact", "00a", "00A", false, "00a"},
		{"folded", "000ABC-d", "abc-D", true, "abc-d"},
		{"folded", "0", "0", true, "0"},
		{"folded", "12", "13", false, "12"},
		{"decimal", "1A2B3C", "1715004", true, "1715004"},
		{"decimal", "001a2b3c", "0001715004", true, "1715004"},
		{"decimal", "0x1A2B3C", "1715004", true, "1715004"},
		{"decimal", "10", "10", false, "16"},
		{"decimal", "0123456789abcdef0123456789abcdef", "1512366075204170929049582354406559215", true, "1512366075204170929049582354406559215"},
		{"decimal", "no-number", "no-number", true, "no-number"},
		{"decimal", "", "", true, ""},
		{"hex", "1715004", "1A2B3C", true, "1715004"},
		{"hex", "0001715004", "001a2b3c", true, "1715004"},
		{"hex", "12-3", "12-3", true, "12-3"},
	} {
		a, err := ParseAddress("smpp://me@a?receipt_ids=" + test.setting)
		if err != nil {
			t.Fatal(err)
		}
		answered, reported := a.answeredID(test.answered), a.reportedID(test.reported)
		if answered != test.id || (answered == reported) != test.same {
			t.Errorf("%s: %q is known as %q, %q speaks of %q", test.setting, test.answered, answered, test.reported, reported)
		}
	}
}

// On the wire: the answer and the receipt of one message, with each setting.
func TestReceiptIDs_on_the_wire(t *testing.T) {
	for setting, want := range map[string]string{"auto": "00001A2B", "exact": "00001A2B", "folded": "1a2b", "decimal": "6699", "hex": "00001A2B"} {
		t.Run(setting, func(t *testing.T) {
			smsc := smpptest.NewSMSC(t)
			smsc.On(smpp.CommandSubmitSM, smpptest.AcceptAs("00001A2B"))
			w, s := startWith(t, smsc, "receipt_ids="+setting)
			if got := await(t, s.submit(t.Context(), message("hello"))); got.Verdict != dispatch.Accepted || got.Ref != want {
				t.Errorf("answered %+v", got)
			}
			text := map[string]string{"auto": "00001A2B", "exact": "00001A2B", "folded": "1A2b", "decimal": "0000006699", "hex": "00001A2B"}[setting]
			deliver(t, smsc, receiptText("id:"+text+" sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:DELIVRD err:000 text:hi"))
			got := await(t, w.recorder.reports)
			got.done(nil)
			if setting != "hex" && got.it.Ref != want || setting == "hex" && got.it.Ref != "6699" || got.it.Exact != (setting == "exact") {
				t.Errorf("reported %+v", got.it)
			}
			smsc.Await(t, smpp.CommandDeliverSMResp, 1)
		})
	}
}

// A receipt in message_payload, and one on another session than the message.
func TestReceipt_where_carriers_put_it(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM, smpptest.AcceptAs("r-1"))
	w, s := startWith(t, smsc, "sessions=3")
	for range 2 { // all are bound
		await(t, w.sessions)
	}
	if got := await(t, s.submit(t.Context(), message("hello"))); got.Ref != "r-1" {
		t.Errorf("%+v", got)
	}
	const text = "id:r-1 sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:DELIVRD err:000 text:hi"
	payload := receiptText("")
	payload.TLVs.Add(smpp.TagMessagePayload, []byte(text))
	for i, conn := range smsc.AwaitConns(t, 3) {
		p := receiptText(text)
		if i == 1 {
			p = payload
		}
		if _, err := conn.Request(p); err != nil {
			t.Fatal(err)
		}
		got := await(t, w.recorder.reports)
		got.done(nil)
		if got.it.Ref != "r-1" || got.it.Carrier != 7 {
			t.Errorf("on session %d: %+v", i, got.it)
		}
	}
	smsc.Await(t, smpp.CommandDeliverSMResp, 3)
}
