package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

var outcomeTests = map[string]func(*testing.T, Opener){
	"sent":                 outcomeSent,
	"failed":               outcomeFailed,
	"temporary":            outcomeTemporary,
	"unknown":              outcomeUnknown,
	"parts":                outcomeParts,
	"charge what arrives":  chargeFinal,
	"mark":                 markLives,
	"mark of many":         markOfMany,
	"unmark":               unmarkFrees,
	"no longer queued":     noLongerQueued,
	"receipt between":      receiptBetweenAttempts,
	"failed part between":  failedPartBetweenAttempts,
	"failed part waiting":  failedPartWhileWaiting,
	"old copy":             oldCopy,
	"incidents":            incidents,
	"many at once":         manyOutcomes,
	"outcome of the wrong": outcomeOfMissing,
}

func outcomeSent(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 1))
	o := outcome(m, sms.Part{State: sms.Sent, Ref: "r", Code: "c", Doubts: 2, At: later(0)})
	w.record(o, w.mark(m))
	r := w.read(m.ID)
	if diff := cmp.Diff(o.Parts, r.Message.Progress); diff != "" {
		t.Error(diff)
	}
	if r.State != sms.Sent || !r.Sent.Equal(o.Parts[0].At) || !r.Final.IsZero() || r.Message.Attempts != 1 {
		t.Errorf("%+v, %d attempts", r, r.Message.Attempts)
	}
	w.wantBalance(account, 90, 0)
}

func outcomeFailed(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 2))
	o := outcome(m, sms.Part{State: sms.Failed, Code: "0x0000000b", At: later(0)}, part(sms.Failed, ""))
	o.Reason = "refused by the carrier"
	w.record(o, w.mark(m))
	r := w.read(m.ID)
	if r.State != sms.Failed || r.Reason != o.Reason || !r.Final.Equal(o.At) || !r.Sent.IsZero() {
		t.Errorf("%+v", r)
	}
	w.wantBalance(account, 100, 0)
}

func outcomeTemporary(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 1))
	o := outcome(m, part(sms.Queued, ""))
	o.Retry = later(time.Hour)
	w.record(o, w.mark(m))
	r := w.read(m.ID)
	if r.State != sms.Queued || !r.Message.Due.Equal(o.Retry) || r.Message.Attempts != 1 {
		t.Errorf("%+v", r)
	}
	w.wantBalance(account, 100, 10)
	if got := w.due(); len(got) != 0 {
		t.Errorf("due an hour early: %v", got)
	}
	w.change(`UPDATE message SET due_at = due_at - 3600000`)
	got := w.due()
	if len(got) != 1 || got[0].ID != m.ID || got[0].Attempts != 1 || !got[0].Due.IsZero() {
		t.Fatalf("due %v", got)
	}
	w.sent(got[0], "r")
	w.wantBalance(account, 90, 0)
}

// outcomeUnknown: settled, and only a real receipt may still change it.
func outcomeUnknown(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 1))
	w.record(outcome(m, part(sms.Unknown, "")), w.mark(m))
	w.wantState(m.ID, sms.Unknown)
	w.wantBalance(account, 90, 0)
	final := message(account, 1)
	final.ChargeFinal = true
	w.accept(final)
	w.record(outcome(final, part(sms.Unknown, "")), w.mark(final))
	w.wantBalance(account, 90, 0)
}

// outcomeParts: what was taken is charged, what was refused is given back, what waits stays reserved.
func outcomeParts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 3))
	w.record(outcome(m, part(sms.Sent, "r1"), part(sms.Queued, ""), part(sms.Queued, "")), w.mark(m))
	w.wantState(m.ID, sms.Queued)
	w.wantBalance(account, 90, 20)
	again := w.due()[0]
	if diff := cmp.Diff(sms.Sent, again.Progress[0].State); diff != "" {
		t.Fatal(diff)
	}
	w.record(outcome(again, again.Progress[0], part(sms.Sent, "r2"), part(sms.Failed, "")), w.mark(again))
	w.wantState(m.ID, sms.Failed)
	w.wantBalance(account, 80, 0)
	if n := w.rows(`SELECT COUNT(*) FROM carrier_ref`); n != 2 {
		t.Errorf("%d receipts awaited, want 2", n)
	}
}

func chargeFinal(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	send := func(refs ...string) {
		m := message(account, len(refs))
		m.ChargeFinal = true
		w.sent(w.accept(m), refs...)
	}
	send("arrives")
	send("fails")
	send("expires")
	send("half arrives", "half fails")
	w.wantBalance(account, 100, 50)
	for ref, state := range map[string]sms.State{"arrives": sms.Delivered, "fails": sms.Failed, "expires": sms.Expired,
		"half arrives": sms.Delivered, "half fails": sms.Failed} {
		w.report(sms.Report{Ref: ref, State: state})
		w.report(sms.Report{Ref: ref, State: state})
	}
	w.wantBalance(account, 80, 0)
}

const marks = `SELECT COUNT(*) FROM mark`

// markLives: the mark is there from before the bytes until the commit of the outcome.
func markLives(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.accept(message(w.account(100), 1))
	if n := w.rows(marks); n != 0 {
		t.Fatalf("%d marks", n)
	}
	mark := w.mark(m)
	if n := w.rows(marks); n != 1 {
		t.Fatalf("%d marks", n)
	}
	w.record(outcome(m, part(sms.Sent, "r")), mark)
	if n := w.rows(marks); n != 0 {
		t.Errorf("%d marks", n)
	}
}

func markOfMany(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	var batch []*sms.Message
	for range 10 {
		batch = append(batch, w.accept(message(account, 1)))
	}
	mark := w.mark(batch...)
	for i, m := range batch {
		if n := w.rows(marks); n != 1 {
			t.Fatalf("%d marks before outcome %d", n, i)
		}
		switch i % 3 {
		case 0:
			w.record(outcome(m, part(sms.Sent, fmt.Sprint(i))), mark)
		case 1:
			w.record(outcome(m, part(sms.Queued, "")), mark)
		case 2:
			w.unmark(mark, m)
		}
	}
	if n := w.rows(marks); n != 0 {
		t.Errorf("%d marks after the last outcome", n)
	}
}

func unmarkFrees(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.accept(message(w.account(100), 1))
	w.unmark(w.mark(m), m)
	w.wantState(m.ID, sms.Queued)
	if got := w.read(m.ID); w.rows(marks) != 0 || got.Message.Attempts != 0 || got.Message.Progress != nil {
		t.Errorf("%d marks, %+v", w.rows(marks), got.Message)
	}
}

// noLongerQueued: an outcome changes nothing of a message that has reached a final state meanwhile.
func noLongerQueued(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 1))
	mark := w.mark(m)
	w.record(outcome(m, part(sms.Failed, "")), nil)
	w.record(outcome(m, part(sms.Sent, "r")), mark)
	w.wantState(m.ID, sms.Failed)
	w.wantBalance(account, 100, 0)
	if n := w.rows(marks); n != 0 {
		t.Errorf("%d marks", n)
	}
}

// receiptBetweenAttempts: a receipt for one part comes while another is sent again; the outcome of the second
// attempt must not undo it.
func receiptBetweenAttempts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 2))
	w.record(outcome(m, part(sms.Sent, "r1"), part(sms.Queued, "")), w.mark(m))
	again := w.due()[0]
	mark := w.mark(again)
	w.report(sms.Report{Ref: "r1", State: sms.Delivered})
	w.record(outcome(again, again.Progress[0], part(sms.Sent, "r2")), mark)
	w.wantState(m.ID, sms.Sent)
	w.report(sms.Report{Ref: "r2", State: sms.Delivered})
	w.wantState(m.ID, sms.Delivered)
	w.wantBalance(account, 80, 0)
}

// failedPartBetweenAttempts: a part fails for good while another is on its way: that one is still settled.
func failedPartBetweenAttempts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	for refs, second := range map[string]sms.Part{"a": part(sms.Sent, "a2"), "b": part(sms.Queued, "")} {
		m := w.accept(message(account, 2))
		w.record(outcome(m, part(sms.Sent, refs), part(sms.Queued, "")), w.mark(m))
		again := w.due()[0]
		mark := w.mark(again)
		w.report(sms.Report{Ref: refs, State: sms.Failed})
		w.record(outcome(again, again.Progress[0], second), mark)
		if r := w.read(m.ID); r.State != sms.Failed || r.Final.IsZero() || r.Reason == "" {
			t.Errorf("%+v", r)
		}
	}
	w.wantBalance(account, 70, 0) // the part that was refused for now and the first of both
	if got := w.due(); len(got) != 0 {
		t.Errorf("tried again: %v", got)
	}
}

// failedPartWhileWaiting: a part fails for good while another waits for its next attempt: there is none.
func failedPartWhileWaiting(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 2))
	w.record(outcome(m, part(sms.Sent, "r"), part(sms.Queued, "")), w.mark(m))
	w.report(sms.Report{Ref: "r", State: sms.Failed})
	w.wantState(m.ID, sms.Failed)
	w.wantBalance(account, 90, 0)
	if got := w.due(); len(got) != 0 {
		t.Errorf("a failed message goes out: %v", got)
	}
	w.wantState(m.ID, sms.Failed)
}

// oldCopy: an outcome made from a copy that was read before an attempt settles only what still waits.
func oldCopy(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 2))
	old := w.read(m.ID).Message
	w.record(outcome(m, part(sms.Sent, "r"), part(sms.Queued, "")), w.mark(m))
	w.record(outcome(old, part(sms.Expired, ""), part(sms.Expired, "")), nil)
	r := w.read(m.ID)
	if r.State != sms.Expired || r.Message.Progress[0].State != sms.Sent || !r.Message.Due.IsZero() {
		t.Errorf("%+v %+v", r, r.Message.Progress)
	}
	w.wantBalance(account, 90, 0)
}

func incidents(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.accept(message(w.account(100), 1))
	for _, text := range []string{"first", "", "second"} {
		o := outcome(m, part(sms.Queued, ""))
		o.Incident = text
		w.record(o, w.mark(m))
		m = w.due()[0]
	}
	got, err := w.Incidents(t.Context(), m.ID)
	if err != nil || len(got) != 2 || got[0].Detail != "first" || got[1].Detail != "second" || got[0].At.IsZero() {
		t.Errorf("%+v, error %v", got, err)
	}
}

func manyOutcomes(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	var batch []*sms.Message
	for range 200 {
		batch = append(batch, w.accept(message(account, 1)))
	}
	mark := w.mark(batch...)
	done := make(chan error, len(batch))
	for i, m := range batch {
		state := sms.Sent
		if i%2 == 0 {
			state = sms.Failed
		}
		w.Record(outcome(m, part(state, fmt.Sprint(i))), mark, func(err error) { done <- err })
	}
	for range batch {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	w.wantBalance(account, 9000, 0)
	if n := w.rows(marks); n != 0 {
		t.Errorf("%d marks", n)
	}
}

func outcomeOfMissing(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := message(w.account(100), 1)
	m.ID = 12345
	mark := w.mark(m)
	w.record(outcome(m, part(sms.Sent, "r")), mark)
	if n := w.rows(marks) + w.rows(`SELECT COUNT(*) FROM carrier_ref`); n != 0 {
		t.Errorf("%d rows left of a message that is not there", n)
	}
}
