package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var restartTests = map[string]func(*testing.T, Opener){
	"keeps everything":     keepsEverything,
	"ids go on":            idsGoOn,
	"crash, resend":        crashResend,
	"crash, hold":          crashHold,
	"crash, some decided":  crashSomeDecided,
	"crash, again":         crashThreeTimes,
	"crash, given back":    crashGivenBack,
	"mark of one who left": markOfOneWhoLeft,
	"end settles all":      endSettlesAll,
	"after the end":        afterTheEnd,
	"parked":               parkedSurvives,
}

func keepsEverything(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	scheduled := message(account, 1)
	scheduled.Due = later(time.Hour)
	all := []*sms.Message{w.accept(scheduled), w.accept(message(account, 2)), w.sent(message(account, 2), "a", "b")}
	w.wantResult(named(account, "mine", 1), store.Stored)
	w.wantResult(keyed(account, "key", 1), store.Stored)
	w.report(sms.Report{Ref: "a", State: sms.Delivered})
	var before []*sms.Record
	for _, m := range all {
		before = append(before, w.read(m.ID))
	}
	w.restart()
	for i, m := range all {
		if diff := cmp.Diff(before[i], w.read(m.ID)); diff != "" {
			t.Error(diff)
		}
	}
	w.wantResult(named(account, "mine", 1), store.Replayed)
	w.wantResult(keyed(account, "key", 1), store.Replayed)
	w.report(sms.Report{Ref: "b", State: sms.Delivered})
	w.wantState(all[2].ID, sms.Delivered)
	w.wantBalance(account, 980, 50)
}

func idsGoOn(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	var last sms.ID
	for range 3 {
		for range 20 {
			if id := w.accept(message(account, 1)).ID; id <= last {
				t.Fatalf("%d after %d", id, last)
			} else {
				last = id
			}
		}
		w.restart()
	}
}

// crash ends the process while messages are marked: the marks stay.
func (w *world) crash() { w.restart() }

func crashResend(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	marked, waiting := w.accept(message(account, 2)), w.accept(message(account, 1))
	w.mark(marked)
	w.crash()
	r := w.read(marked.ID)
	if r.State != sms.Queued || !r.Message.Due.IsZero() || r.Message.Progress[0].Doubts != 1 || r.Message.Progress[1].Doubts != 1 {
		t.Errorf("%+v %+v", r, r.Message.Progress)
	}
	if told, err := w.Incidents(t.Context(), marked.ID); len(told) != 1 || err != nil {
		t.Errorf("incidents %v, error %v", told, err)
	}
	if r := w.read(waiting.ID); r.Message.Progress != nil || r.Message.Attempts != 0 {
		t.Errorf("what was not marked: %+v", r.Message)
	}
	if n := w.rows(marks); n != 0 {
		t.Errorf("%d marks", n)
	}
	got, err := w.Waiting(t.Context(), store.Lane{Carrier: 1, Priority: sms.Normal, Account: account}, 0, 10)
	if len(got) != 2 || err != nil {
		t.Errorf("%d wait, error %v", len(got), err)
	}
	w.wantBalance(account, 100, 30)
}

func crashHold(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := message(account, 1)
	m.Hold = true
	w.mark(w.accept(m))
	w.crash()
	if r := w.read(m.ID); r.State != sms.Unknown || r.Reason == "" {
		t.Errorf("%+v", r)
	}
	w.wantBalance(account, 90, 0)
}

// crashSomeDecided: of a batch under one mark only what has no outcome is uncertain.
func crashSomeDecided(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	var batch []*sms.Message
	for range 5 {
		m := message(account, 1)
		m.Hold = true
		batch = append(batch, w.accept(m))
	}
	mark := w.mark(batch...)
	w.record(outcome(batch[0], part(sms.Sent, "r")), mark)
	w.record(outcome(batch[1], part(sms.Failed, "")), mark)
	w.record(outcome(batch[2], part(sms.Queued, "")), mark) // refused for now: it surely has not left
	w.unmark(mark, batch[3])
	w.crash()
	for i, want := range []sms.State{sms.Sent, sms.Failed, sms.Queued, sms.Queued, sms.Unknown} {
		w.wantState(batch[i].ID, want)
	}
	w.wantBalance(account, 980, 20)
}

// crashThreeTimes: a message is not sent a fourth time without an answer.
func crashThreeTimes(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 1))
	for i, want := range []sms.State{sms.Queued, sms.Queued, sms.Unknown} {
		w.mark(m)
		w.crash()
		r := w.read(m.ID)
		if r.State != want {
			t.Fatalf("after crash %d: %v", i+1, r.State)
		}
		m = r.Message
	}
	w.wantBalance(account, 90, 0)
}

// crashGivenBack: a message that was given back and marked anew is uncertain once, not twice.
func crashGivenBack(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	a, b := w.accept(message(account, 1)), w.accept(message(account, 1))
	first := w.mark(a, b)
	w.unmark(first, a)
	w.mark(a)
	w.crash()
	for _, m := range []*sms.Message{a, b} {
		if r := w.read(m.ID); r.Message.Attempts != 1 || r.Message.Progress[0].Doubts != 1 {
			t.Errorf("%+v %+v", r.Message, r.Message.Progress)
		}
	}
}

// markOfOneWhoLeft: whoever asks for a mark and goes away before the answer leaves none behind.
func markOfOneWhoLeft(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.accept(message(w.account(100), 1))
	for range 50 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		mark, err := w.Mark(ctx, []*sms.Message{m})
		if err == nil {
			w.unmark(mark, m)
		}
	}
	if err := w.Ready(t.Context()); err != nil { // whatever was put into the queue is committed now
		t.Fatal(err)
	}
	if n := w.rows(marks); n != 0 {
		t.Errorf("%d marks of nobody", n)
	}
}

// endSettlesAll: Run returns when what waits is committed or refused.
func endSettlesAll(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	const many = 100
	answers := make(chan error, 2*many)
	for range many {
		go func() {
			answers <- w.Accept(context.Background(), []*store.Admission{{Message: message(account, 1)}}, func([]*sms.Message) {})
		}()
		go w.Report(sms.Report{Carrier: 1, Ref: "r", State: sms.Delivered, At: later(0)}, func(err error) { answers <- err })
	}
	w.stop()
	for range 2 * many {
		if err := <-answers; err != nil && sms.CodeOf(err) != sms.Unavailable {
			t.Error(err)
		}
	}
}

func afterTheEnd(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.accept(message(w.account(100), 1))
	mark := w.mark(m)
	w.stop()
	err := w.Accept(t.Context(), []*store.Admission{{Message: message(m.Account, 1)}}, nil)
	if sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("accept: %v", err)
	}
	told := 0
	w.Record(outcome(m, part(sms.Sent, "r")), mark, func(err error) {
		if told++; err == nil {
			t.Error("recorded in a closed store")
		}
	})
	w.Unmark(mark, m, func(err error) {
		if told++; err == nil {
			t.Error("unmarked in a closed store")
		}
	})
	if told != 2 {
		t.Errorf("%d of 2 told", told)
	}
}

// parkedSurvives: a receipt that came too early is matched after a restart too.
func parkedSurvives(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := message(w.account(100), 1)
	w.report(sms.Report{Ref: "r", Destination: m.Destination, State: sms.Delivered})
	w.restart()
	w.sent(m, "r")
	w.wantState(m.ID, sms.Delivered)
}
