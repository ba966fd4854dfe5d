package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var historyTests = map[string]func(*testing.T, Opener){
	"in order":      historyInOrder,
	"by state":      historyByState,
	"one's own":     historyForeign,
	"within bounds": historyBounds,
}

// history reads the ids of messages.
func (w *world) history(account sms.AccountID, span store.Span) (ids []sms.ID) {
	w.t.Helper()
	if span.Last == 0 {
		span.Last = 1<<63 - 1
	}
	records, err := w.History(context.Background(), account, span)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range records {
		if r.Message.Account != account {
			w.t.Errorf("message %d is of account %d", r.Message.ID, r.Message.Account)
		}
		ids = append(ids, r.Message.ID)
	}
	return ids
}

// mixed is messages of an account in several states, the oldest first.
func (w *world) mixed(account sms.AccountID) (ids []sms.ID) {
	w.t.Helper()
	for i := range 30 {
		var m *sms.Message
		switch i % 5 {
		case 0:
			m = w.scheduled(account, 1, time.Hour)
		case 1:
			m = w.accept(message(account, 1))
		case 2:
			m = w.sent(message(account, 1), "")
		case 3:
			m = w.accept(message(account, 1))
			w.record(outcome(m, part(sms.Failed, "")), w.mark(m))
		case 4:
			m = w.scheduled(account, 1, time.Hour)
			if err := w.cancel(account, m.ID); err != nil {
				w.t.Fatal(err)
			}
		}
		ids = append(ids, m.ID)
	}
	return ids
}

func (w *world) wantIDs(got, want []sms.ID) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("messages %v, want %v", got, want)
	}
}

func historyInOrder(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	w.mixed(w.account(10_000))
	ids := w.mixed(account)
	w.wantIDs(w.history(account, store.Span{OldestFirst: true, Limit: 100}), ids)
	w.wantIDs(w.history(account, store.Span{OldestFirst: true, Limit: 4, Skip: 8}), ids[8:12])
	slices.Reverse(ids)
	w.wantIDs(w.history(account, store.Span{Limit: 100}), ids)
	w.wantIDs(w.history(account, store.Span{Limit: 7}), ids[:7])
	w.wantIDs(w.history(account, store.Span{Limit: 7, Skip: 7}), ids[7:14])
	w.wantIDs(w.history(account, store.Span{Limit: 7, Skip: 28}), ids[28:])
	w.wantIDs(w.history(account, store.Span{Limit: 7, Skip: 30}), nil)
}

func historyByState(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	ids := w.mixed(account)
	every := func(remainders ...int) (some []sms.ID) {
		for i := len(ids) - 1; i >= 0; i-- {
			if slices.Contains(remainders, i%5) {
				some = append(some, ids[i])
			}
		}
		return some
	}
	w.wantIDs(w.history(account, store.Span{States: []sms.State{sms.Failed}, Limit: 100}), every(3))
	w.wantIDs(w.history(account, store.Span{States: []sms.State{sms.Failed, sms.Cancelled}, Limit: 100}), every(3, 4))
	w.wantIDs(w.history(account, store.Span{States: []sms.State{sms.Scheduled, sms.Queued, sms.Sent}, Limit: 5, Skip: 1}), every(0, 1, 2)[1:6])
	w.wantIDs(w.history(account, store.Span{States: []sms.State{sms.Delivered}, Limit: 100}), nil)
}

func historyForeign(t *testing.T, open Opener) {
	w := newWorld(t, open)
	w.mixed(w.account(10_000))
	w.wantIDs(w.history(w.account(0), store.Span{Limit: 100}), nil)
}

func historyBounds(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	ids := w.mixed(account)
	w.wantIDs(w.history(account, store.Span{First: ids[3], Last: ids[9], OldestFirst: true, Limit: 100}), ids[3:10])
	w.wantIDs(w.history(account, store.Span{First: ids[3] + 1, Last: ids[9] - 1, OldestFirst: true, Limit: 100}), ids[4:9])
	w.wantIDs(w.history(account, store.Span{First: ids[9], Last: ids[3], Limit: 100}), nil)
}
