package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var backlogTests = map[string]func(*testing.T, Opener){
	"lanes":        lanes,
	"waiting":      waiting,
	"stale":        stale,
	"due":          dueInOrder,
	"due and gone": dueAndGone,
	"tidy":         tidy,
	"ready":        ready,
}

func lanes(t *testing.T, open Opener) {
	w := newWorld(t, open)
	if got, err := w.Lanes(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("lanes of an empty store: %v, error %v", got, err)
	}
	var want []store.Lane
	accounts := []sms.AccountID{w.account(10_000), w.account(10_000), w.account(10_000)}
	for carrier := range sms.CarrierID(3) {
		for priority := range sms.Priority(sms.Priorities) {
			for _, account := range accounts {
				if (int(carrier)+int(priority)+int(account))%2 == 0 {
					continue
				}
				for range 3 {
					m := message(account, 1)
					m.Carrier, m.Priority = carrier+1, priority
					w.accept(m)
				}
				want = append(want, store.Lane{Carrier: carrier + 1, Priority: priority, Account: account})
			}
		}
	}
	got, err := w.Lanes(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// waiting reads what waits in a lane, in order, in steps, and nothing else.
func waiting(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.account(1000), w.account(1000)
	lane := store.Lane{Carrier: 1, Priority: sms.Normal, Account: account}
	var want []sms.ID
	for range 5 {
		want = append(want, w.accept(message(account, 1)).ID)
	}
	for i := range 5 {
		m := message(account, 1)
		switch i {
		case 0:
			m.Account = other
		case 1:
			m.Carrier = 2
		case 2:
			m.Priority = sms.High
		case 3:
			m.Due = later(time.Hour)
		case 4:
			w.sent(m, "gone")
			continue
		}
		w.accept(m)
	}
	again := w.accept(message(account, 1))
	w.record(outcome(again, part(sms.Queued, "")), nil) // waits for its next attempt
	var got []sms.ID
	for after := sms.ID(0); ; {
		step, err := w.Waiting(t.Context(), lane, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(step) == 0 {
			break
		}
		for _, m := range step {
			got, after = append(got, m.ID), m.ID
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func stale(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	var want []sms.ID
	for i := range 6 {
		m := message(account, 1)
		if i%2 == 0 {
			m.Expires = later(-time.Second)
		}
		w.accept(m)
		switch {
		case i == 4:
			w.record(outcome(m, part(sms.Sent, "r")), nil)
		case i%2 == 0:
			want = append(want, m.ID)
		}
	}
	got, err := w.Stale(t.Context(), store.Place{}, 10)
	if err != nil || len(got) != 2 || got[0].ID != want[0] || got[1].ID != want[1] {
		t.Errorf("%v, want %v, error %v", got, want, err)
	}
	if got, err := w.Stale(t.Context(), store.Place{}, 1); len(got) != 1 || got[0].ID != want[0] || err != nil {
		t.Errorf("%v with limit 1, error %v", got, err)
	}
	place := store.Place{Lane: store.Lane{Carrier: 1, Priority: sms.Normal, Account: account}, ID: want[0]}
	if got, err := w.Stale(t.Context(), place, 10); len(got) != 1 || got[0].ID != want[1] || err != nil {
		t.Errorf("%v behind the first, error %v", got, err)
	}
}

func dueInOrder(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	var want []sms.ID
	for i := range 5 {
		m := message(account, 1)
		m.Due = later(time.Duration(-i) * time.Second)
		w.accept(m)
		want = append([]sms.ID{m.ID}, want...)
	}
	future := message(account, 1)
	future.Due = later(time.Hour)
	w.accept(future)
	var got []sms.ID
	for {
		n, err := w.Due(t.Context(), 2, func(ready []*sms.Message) {
			for _, m := range ready {
				got = append(got, m.ID)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, id := range want {
		w.wantState(id, sms.Queued)
	}
	w.wantState(future.ID, sms.Scheduled)
}

// dueAndGone: what is due belongs to the queues only once, and a message that is due but final stays final.
func dueAndGone(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := message(w.account(100), 1)
	m.Due = later(-time.Second)
	w.accept(m)
	if n := len(w.due()) + len(w.due()); n != 1 {
		t.Errorf("brought %d times", n)
	}
	final := w.accept(message(m.Account, 1))
	w.change(`UPDATE message SET state = 9, due_at = 1 WHERE id = ?`, int64(final.ID))
	if got := w.due(); len(got) != 0 {
		t.Errorf("a cancelled message is brought: %v", got)
	}
	w.wantState(final.ID, sms.Cancelled)
}

func tidy(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	old := sms.MakeID(time.Now().Add(-8*24*time.Hour), 1, 0)
	const many = 1200 // more than one step
	for i := range many {
		a := named(account, fmt.Sprint(i), 1)
		a.Message.Refusal = "NO_ROUTE"
		w.admit(a)
	}
	shift := int64(w.rows(`SELECT MIN(id) FROM message`)) - int64(old)
	w.change(`UPDATE message SET id = id - ?`, shift)
	w.change(`UPDATE caller_id SET message_id = message_id - ?`, shift)
	fresh := named(account, "fresh", 1)
	fresh.Message.Refusal = "NO_ROUTE"
	w.admit(fresh)
	taken := w.wantResult(named(account, "7", 2), store.Stored) // the id of a refused message was used again
	w.wantResult(keyed(account, "k", 1), store.Stored)
	removed, err := w.Tidy(t.Context())
	if err != nil || removed != many {
		t.Errorf("%d removed, want %d messages, error %v", removed, many, err)
	}
	if n := w.rows(`SELECT COUNT(*) FROM caller_id`); n != 2 {
		t.Errorf("%d ids of callers are left, want those of the fresh one and of the one that took its id over", n)
	}
	if n := w.rows(`SELECT COUNT(*) FROM message`); n != 3 {
		t.Errorf("%d messages left", n)
	}
	for _, a := range []*store.Admission{fresh, taken} {
		if r, err := w.MessageOf(t.Context(), account, a.Message.CallerID); r == nil || err != nil {
			t.Errorf("%q is not found: %v", a.Message.CallerID, err)
		}
	}
	if removed, err := w.Tidy(t.Context()); removed != 0 || err != nil {
		t.Errorf("again: %d removed, error %v", removed, err)
	}
}

func ready(t *testing.T, open Opener) {
	w := newWorld(t, open)
	for range 2 {
		if err := w.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	}
	w.stop()
	if err := w.Ready(t.Context()); sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("after the end: %v", err)
	}
}
