package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

func eventLanes(t *testing.T, open Opener) {
	w := newWorld(t, open)
	ctx := context.Background()
	if lanes, err := w.EventLanes(ctx, sms.ByWebhook); len(lanes) != 0 || err != nil {
		t.Errorf("%v, %v", lanes, err)
	}
	var accounts []sms.AccountID
	for i := range 3 {
		accounts = append(accounts, w.hooked(false))
		for j := range 2 {
			w.delivered(accounts[i], fmt.Sprint(i, j))
		}
	}
	w.claim(accounts[1], 1)
	for len(w.claim(accounts[2], 1)) > 0 {
	}
	lanes, err := w.EventLanes(ctx, sms.ByWebhook)
	if err != nil || len(lanes) != 3 {
		t.Fatalf("%v, %v", lanes, err)
	}
	for i, due := range []bool{true, true, false} {
		if lanes[i].Account != accounts[i] || lanes[i].Due.After(time.Now()) == due {
			t.Errorf("lane %d: %+v", i, lanes[i])
		}
	}
	if n, err := w.EventsWaiting(ctx, sms.ByWebhook); n != 6 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
}

func eventPages(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.hooked(false), context.Background()
	for i := range 5 {
		w.delivered(account, fmt.Sprint(i))
	}
	for range 2 {
		for _, e := range w.claim(account, 5) {
			w.settleEvent(sms.Attempt{Event: e.ID, Number: e.Attempts, At: later(0), Due: later(0), Error: "x"})
		}
	}
	var events []sms.ID
	var attempts []string
	waiting := sms.EventWaiting
	for page := (store.EventPage{Limit: 2, Stage: &waiting}); ; {
		found, err := w.Events(ctx, account, page)
		if err != nil || len(found) == 0 {
			break
		}
		for _, e := range found {
			events = append(events, e.ID)
		}
		page.Before = found[len(found)-1].ID
	}
	for page := (store.EventPage{Limit: 3}); ; {
		found, err := w.Attempts(ctx, account, page)
		if err != nil || len(found) == 0 {
			break
		}
		for _, a := range found {
			attempts = append(attempts, fmt.Sprint(a.Event, a.Number))
		}
		page.Before, page.Number = found[len(found)-1].Event, found[len(found)-1].Number
	}
	if len(events) != 5 || !slices.IsSortedFunc(events, func(a, b sms.ID) int { return int(b - a) }) {
		t.Errorf("%v", events)
	}
	if slices.Sort(attempts); len(attempts) != 10 || len(slices.Compact(attempts)) != 10 {
		t.Errorf("%v", attempts)
	}
	if found, err := w.Attempts(ctx, account, store.EventPage{Event: events[1], Limit: 10}); err != nil || len(found) != 2 || found[0].Number != 2 {
		t.Errorf("%+v, %v", found, err)
	}
}

// A carrier's code may be any octets; the event is written all the same.
func carrierCodes(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	m := w.sent(told(account, 1), "r")
	w.report(sms.Report{Ref: "r", State: sms.Failed, Code: "a\x00\xff"})
	w.wantState(m.ID, sms.Failed)
	if e := w.claim(account, 1); len(e) != 1 || e[0].Code != "a\uFFFD\uFFFD" {
		t.Errorf("%+v", e)
	}
}
