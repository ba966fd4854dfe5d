package storetest

import (
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

var receiptTests = map[string]func(*testing.T, Opener){
	"delivered":             delivered,
	"twice":                 receiptTwice,
	"final stays":           finalStays,
	"intermediate":          intermediate,
	"unknown then real":     unknownThenReal,
	"foreign destination":   foreignDestination,
	"used again":            idUsedAgain,
	"early and used again":  earlyAndUsedAgain,
	"early in another form": earlyInAnotherForm,
	"early twice":           earlyTwice,
	"parked too long":       parkedTooLong,
	"exact only":            exactOnly,
	"words":                 receiptInWords,
	"other carrier":         otherCarrier,
	"one for all, any id":   wholeReceipt,
	"inbound":               inbound,
}

// fieldTests are the failures in the field that concern a store.
var fieldTests = map[string]func(*testing.T, Opener){
	"receipt_before_response": receiptBeforeResponse,
	"id_formats":              idFormats,
	"multipart_receipt":       multipartReceipt,
	"charged_for_nothing":     chargedForNothing,
	"duplicate_receipt":       duplicateReceipt,
	"inbound_parts":           inboundParts,
	"duplicate_inbound":       duplicateInbound,
}

func delivered(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.sent(message(w.account(100), 1), "r")
	at := later(0)
	w.report(sms.Report{Ref: "r", Destination: m.Destination, State: sms.Delivered, Code: "000", At: at})
	r := w.read(m.ID)
	p := r.Message.Progress[0]
	if r.State != sms.Delivered || !r.Final.Equal(at) || p.Code != "000" || p.Ref != "r" || !p.At.Equal(at) {
		t.Errorf("%+v %+v", r, p)
	}
	if n := w.rows(`SELECT COUNT(*) FROM carrier_ref`); n != 0 {
		t.Errorf("%d receipts are still awaited", n)
	}
}

func receiptTwice(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.sent(message(w.account(100), 1), "0a")
	for _, ref := range []string{"0a", "0a", "10", "10"} {
		w.report(sms.Report{Ref: ref, Destination: m.Destination, State: sms.Delivered})
	}
	if n := w.Counters.ReportsRepeated.Load(); n < 1 {
		t.Errorf("%d repeated", n)
	}
	w.report(sms.Report{Ref: "0a", Destination: m.Destination, State: sms.Failed})
	w.wantState(m.ID, sms.Delivered)
}

func finalStays(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	all := []sms.State{sms.Sent, sms.Delivered, sms.Failed, sms.Expired, sms.Unknown}
	for _, final := range []sms.State{sms.Delivered, sms.Failed, sms.Expired} {
		m := w.sent(message(account, 1), final.String())
		w.report(sms.Report{Ref: final.String(), State: final})
		before := w.read(m.ID)
		for _, late := range all {
			w.report(sms.Report{Ref: final.String(), State: late, At: later(1e9)})
		}
		if after := w.read(m.ID); after.State != final || !after.Final.Equal(before.Final) {
			t.Errorf("%v became %+v", final, after)
		}
	}
	w.wantBalance(account, 70, 0)
}

func intermediate(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.sent(message(w.account(100), 1), "r")
	for range 2 {
		w.report(sms.Report{Ref: "r", State: sms.Sent})
	}
	if r := w.read(m.ID); r.State != sms.Sent || !r.Message.Progress[0].Seen {
		t.Errorf("%+v", r)
	}
	w.report(sms.Report{Ref: "r", State: sms.Delivered})
	w.report(sms.Report{Ref: "r", State: sms.Sent})
	w.wantState(m.ID, sms.Delivered)
}

func unknownThenReal(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	for _, final := range []sms.State{sms.Delivered, sms.Failed, sms.Expired} {
		ref := final.String()
		m := w.sent(message(account, 1), ref)
		w.report(sms.Report{Ref: ref, State: sms.Unknown})
		w.wantState(m.ID, sms.Unknown)
		w.report(sms.Report{Ref: ref, State: final})
		w.wantState(m.ID, final)
	}
	w.wantBalance(account, 70, 0)
}

func receiptBeforeResponse(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 1))
	mark := w.mark(m)
	w.report(sms.Report{Ref: "r", Destination: m.Destination, State: sms.Sent})
	w.report(sms.Report{Ref: "r", Destination: m.Destination, State: sms.Delivered, Code: "7"})
	w.wantState(m.ID, sms.Queued)
	w.record(outcome(m, part(sms.Sent, "r")), mark)
	r := w.read(m.ID)
	if p := r.Message.Progress[0]; r.State != sms.Delivered || !p.Seen || p.Code != "7" {
		t.Errorf("%+v %+v", r, p)
	}
	w.wantBalance(account, 90, 0)
	if n := w.rows(`SELECT COUNT(*) FROM parked`) + w.rows(`SELECT COUNT(*) FROM carrier_ref`); n != 0 {
		t.Errorf("%d rows left", n)
	}
}

// idFormats: an id in another notation counts only when its exact text matches nothing and the destination agrees.
func idFormats(t *testing.T, open Opener) {
	for name, ids := range map[string]struct{ ours, theirs string }{
		"decimal of hex":            {"1a2b3c", "1715004"},
		"decimal, ten digits":       {"1A2B3C", "0001715004"},
		"hex of decimal":            {"1715004", "1A2B3C"},
		"hex, eight digits":         {"1715004", "001a2b3c"},
		"zeros gone":                {"0000012345", "12345"},
		"zeros added":               {"12345", "0000012345"},
		"eight hex digits, decimal": {"001A2B3C", "1715004"},
		"lower case":                {"ABCDEF-GH", "abcdef-gh"},
		"upper case":                {"abcdef-gh", "ABCDEF-GH"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open)
			account := w.account(100)
			m := w.sent(message(account, 1), ids.ours)
			w.report(sms.Report{Ref: ids.theirs, State: sms.Delivered})
			w.report(sms.Report{Ref: ids.theirs, Destination: 393999999999, State: sms.Delivered})
			w.wantState(m.ID, sms.Sent)
			w.report(sms.Report{Ref: ids.theirs, Destination: m.Destination, State: sms.Delivered})
			w.wantState(m.ID, sms.Delivered)
			if n := w.Counters.ReportsMatchedByForm.Load(); n != 1 {
				t.Errorf("%d matched by form", n)
			}
			parked := w.rows(`SELECT COUNT(*) FROM parked`)
			w.report(sms.Report{Ref: ids.theirs, Destination: m.Destination, State: sms.Delivered})
			if n := w.rows(`SELECT COUNT(*) FROM parked`); n != parked {
				t.Error("the repetition of a receipt in another notation is parked")
			}
		})
	}
	t.Run("exact first", func(t *testing.T) {
		w := newWorld(t, open)
		account := w.account(100)
		hex := w.sent(message(account, 1), "10")
		decimal := w.sent(message(account, 1), "16")
		w.report(sms.Report{Ref: "16", Destination: hex.Destination, State: sms.Delivered})
		w.wantState(decimal.ID, sms.Delivered)
		w.wantState(hex.ID, sms.Sent)
		w.report(sms.Report{Ref: "16", Destination: hex.Destination, State: sms.Delivered}) // repeated, not news of the other
		w.wantState(hex.ID, sms.Sent)
	})
	t.Run("the carrier's habit first", func(t *testing.T) {
		w := newWorld(t, open)
		account := w.account(100)
		first := w.sent(message(account, 1), "26")
		asHex := w.sent(message(account, 1), "10")     // of which 16 is the decimal form
		asDecimal := w.sent(message(account, 1), "22") // of which 16 is the hexadecimal form
		w.report(sms.Report{Ref: "1A", Destination: first.Destination, State: sms.Delivered})
		w.wantState(first.ID, sms.Delivered)
		w.report(sms.Report{Ref: "16", Destination: first.Destination, State: sms.Delivered})
		w.wantState(asDecimal.ID, sms.Delivered)
		w.wantState(asHex.ID, sms.Sent)
	})
}

// multipartReceipt: delivered when all parts are, and failed with the first that fails.
func multipartReceipt(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.sent(message(account, 3), "1", "2", "3")
	for i, ref := range []string{"3", "1", "2"} {
		w.wantState(m.ID, sms.Sent)
		w.report(sms.Report{Ref: ref, State: sms.Delivered})
		if i < 2 && !w.read(m.ID).Final.IsZero() {
			t.Error("final before all parts are")
		}
	}
	w.wantState(m.ID, sms.Delivered)

	m = w.sent(message(account, 2), "4", "5")
	w.report(sms.Report{Ref: "4", State: sms.Failed})
	w.wantState(m.ID, sms.Failed)
	w.report(sms.Report{Ref: "5", State: sms.Delivered})
	r := w.read(m.ID)
	if r.State != sms.Failed || r.Message.Progress[1].State != sms.Delivered {
		t.Errorf("%+v %+v", r, r.Message.Progress)
	}

	m = w.sent(message(account, 2), "same", "same") // a carrier that gives both parts one id
	w.report(sms.Report{Ref: "same", State: sms.Delivered})
	w.wantState(m.ID, sms.Sent)
	w.report(sms.Report{Ref: "same", State: sms.Delivered})
	w.wantState(m.ID, sms.Delivered)
	w.wantBalance(account, 30, 0)
}

// wholeReceipt: where one receipt speaks for all parts, it may come under the id of any of them, before the response
// too; parts without an id of their own go with it, and those that wait for another attempt do not.
func wholeReceipt(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	all := func(state sms.State, refs ...string) []sms.Part {
		list := parts(state, refs...)
		for i := range list {
			list[i].Whole = true
		}
		return list
	}
	for _, ref := range []string{"1", "2", "3"} {
		m := message(account, 3)
		w.accept(m)
		w.record(outcome(m, all(sms.Sent, "1", "2", "3")...), w.mark(m))
		w.report(sms.Report{Ref: ref, Destination: m.Destination, State: sms.Sent})
		w.wantState(m.ID, sms.Sent)
		w.report(sms.Report{Ref: ref, Destination: m.Destination, State: sms.Delivered, Code: "000"})
		w.wantState(m.ID, sms.Delivered)
		for i, p := range w.read(m.ID).Message.Progress {
			if p.State != sms.Delivered || !p.Seen || !p.Whole || p.Code != "000" {
				t.Errorf("under %s, part %d: %+v", ref, i, p)
			}
		}
		if n := w.rows(`SELECT COUNT(*) FROM carrier_ref`); n != 0 {
			t.Errorf("%d receipts are still awaited", n)
		}
		early := message(account, 3)
		w.accept(early)
		mark := w.mark(early)
		w.report(sms.Report{Ref: "e" + ref, Destination: early.Destination, State: sms.Failed})
		w.record(outcome(early, all(sms.Sent, "e1", "e2", "e3")...), mark)
		w.wantState(early.ID, sms.Failed)
		if n := w.rows(`SELECT COUNT(*) FROM carrier_ref`); n != 0 {
			t.Errorf("early: %d receipts are still awaited", n)
		}
	}
	m := message(account, 3) // one id for all parts
	w.accept(m)
	w.record(outcome(m, all(sms.Sent, "p", "", "")...), w.mark(m))
	w.report(sms.Report{Ref: "p", Destination: m.Destination, State: sms.Delivered})
	w.wantState(m.ID, sms.Delivered)

	m = message(account, 2) // a part waits for its next attempt
	w.accept(m)
	w.record(outcome(m, all(sms.Sent, "q")[0], part(sms.Queued, "")), w.mark(m))
	w.report(sms.Report{Ref: "q", Destination: m.Destination, State: sms.Delivered})
	w.wantState(m.ID, sms.Queued)
	if p := w.read(m.ID).Message.Progress; p[0].State != sms.Delivered || p[1].State != sms.Queued {
		t.Errorf("%+v", p)
	}
}

// chargedForNothing: what no carrier took is not paid for.
func chargedForNothing(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	for _, state := range []sms.State{sms.Failed, sms.Expired} {
		m := w.accept(message(account, 2))
		w.wantBalance(account, 100, 20)
		w.record(outcome(m, part(state, ""), part(state, "")), nil)
		w.wantBalance(account, 100, 0)
	}
}

func duplicateReceipt(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	final := message(account, 2)
	final.ChargeFinal = true
	m := w.sent(final, "a", "b")
	for range 5 {
		w.report(sms.Report{Ref: "a", Destination: m.Destination, State: sms.Delivered})
	}
	w.wantState(m.ID, sms.Sent)
	w.wantBalance(account, 90, 10)
	if n := w.rows(`SELECT COUNT(*) FROM parked`); n != 0 {
		t.Errorf("%d repetitions are parked", n)
	}
	if n := w.Counters.ReportsRepeated.Load(); n != 4 {
		t.Errorf("%d repeated, want 4", n)
	}
}

// foreignDestination: a parked receipt for another number is not for the message that gets its id.
func foreignDestination(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := message(w.account(100), 1)
	w.report(sms.Report{Ref: "r", Destination: m.Destination + 1, State: sms.Failed})
	w.sent(m, "r")
	w.wantState(m.ID, sms.Sent)
	w.report(sms.Report{Ref: "r", State: sms.Delivered})
	w.wantState(m.ID, sms.Delivered)
}

// idUsedAgain: the message to the destination of the receipt, the newest of those; else the newest at all.
func idUsedAgain(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	send := func(to sms.Number) *sms.Message {
		m := message(account, 1)
		m.Destination = to
		return w.sent(m, "r")
	}
	const a, b, c = 391111111, 392222222, 393333333
	oldA, newA, onlyB, newest := send(a), send(a), send(b), send(c)
	w.report(sms.Report{Ref: "r", Destination: b, State: sms.Delivered})
	w.wantState(onlyB.ID, sms.Delivered)
	w.report(sms.Report{Ref: "r", Destination: a, State: sms.Delivered})
	w.wantState(newA.ID, sms.Delivered)
	w.wantState(oldA.ID, sms.Sent)
	w.report(sms.Report{Ref: "r", State: sms.Delivered})
	w.wantState(newest.ID, sms.Delivered)
}

// earlyAndUsedAgain: an early receipt whose id was used before waits for its message all the same.
func earlyAndUsedAgain(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	first := w.sent(message(account, 1), "1")
	w.report(sms.Report{Ref: "1", Destination: first.Destination, State: sms.Delivered})
	m := message(account, 1)
	m.Destination++
	w.report(sms.Report{Ref: "1", Destination: m.Destination, State: sms.Delivered})
	w.sent(m, "1")
	w.wantState(m.ID, sms.Delivered)
}

func earlyInAnotherForm(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := message(account, 1)
	w.report(sms.Report{Ref: "0001715004", Destination: m.Destination, State: sms.Delivered})
	w.sent(m, "1a2b3c")
	w.wantState(m.ID, sms.Delivered)
	silent := message(account, 1) // a receipt that does not say its destination counts only by its exact text
	w.report(sms.Report{Ref: "0001715005", State: sms.Delivered})
	w.sent(silent, "1a2b3d")
	w.wantState(silent.ID, sms.Sent)
}

func earlyTwice(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := message(w.account(100), 2)
	for _, ref := range []string{"a", "a", "b", "b"} {
		w.report(sms.Report{Ref: ref, State: sms.Delivered})
	}
	w.sent(m, "a", "b")
	w.wantState(m.ID, sms.Delivered)
	if n := w.rows(`SELECT COUNT(*) FROM parked`); n != 0 {
		t.Errorf("%d parked", n)
	}
}

// parkedTooLong: an old receipt must not settle a new message.
func parkedTooLong(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := message(w.account(100), 1)
	w.report(sms.Report{Ref: "r", Destination: m.Destination, State: sms.Failed})
	w.change(`UPDATE parked SET until = until - 3600000`)
	w.sent(m, "r")
	w.wantState(m.ID, sms.Sent)
	if removed, err := w.Tidy(t.Context()); removed != 1 || err != nil {
		t.Errorf("%d removed, error %v", removed, err)
	}
}

// exactOnly: where a carrier's setting says so, no other notation counts, of an early receipt neither.
func exactOnly(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.sent(message(account, 1), "1a2b3c")
	w.report(sms.Report{Ref: "1715004", Destination: m.Destination, State: sms.Delivered, Exact: true})
	w.wantState(m.ID, sms.Sent)
	w.report(sms.Report{Ref: "1a2b3c", Destination: m.Destination, State: sms.Delivered, Exact: true})
	w.wantState(m.ID, sms.Delivered)
	early := message(account, 1)
	w.report(sms.Report{Ref: "0001715005", Destination: early.Destination, State: sms.Delivered, Exact: true})
	w.sent(early, "1a2b3d")
	w.wantState(early.ID, sms.Sent)
	other := message(account, 1)
	w.report(sms.Report{Ref: "1a2b3e", Destination: other.Destination, State: sms.Delivered, Exact: true})
	w.sent(other, "1a2b3e")
	w.wantState(other.ID, sms.Delivered)
}

// receiptInWords: what a code means is told with it, when the receipt came early too.
func receiptInWords(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	w.sent(told(account, 1), "a")
	failure := sms.Report{Ref: "a", State: sms.Failed, Code: "027", Words: "absent subscriber"}
	w.report(failure)
	failure.Ref = "b"
	w.report(failure)
	w.sent(told(account, 1), "b")
	events := w.events(account)
	for _, e := range events {
		if e.Code != "027" || e.Reason != "absent subscriber" || e.State != sms.Failed {
			t.Errorf("%+v", e)
		}
	}
	if len(events) != 2 {
		t.Errorf("%d events", len(events))
	}
}

func otherCarrier(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.sent(message(w.account(100), 1), "r")
	w.report(sms.Report{Carrier: 2, Ref: "r", Destination: m.Destination, State: sms.Delivered})
	w.wantState(m.ID, sms.Sent)
}

func inbound(t *testing.T, open Opener) {
	w := newWorld(t, open)
	done := make(chan error, 2)
	for _, octets := range [][]byte{{5, 0, 3, 1, 2, 1, 'h', 'i'}, {}} {
		w.Inbound(sms.Inbound{Carrier: 1, Source: "39340", Destination: "4040", ESMClass: 0x40, DataCoding: 8, Octets: octets, At: later(0)},
			func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := w.rows(`SELECT COUNT(*) FROM inbound WHERE source = '39340' AND esm_class = 64 AND data_coding = 8`); n != 2 {
		t.Errorf("%d stored", n)
	}
}
