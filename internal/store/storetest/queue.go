package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var queueTests = map[string]func(*testing.T, Opener){
	"what waits":       queueCounts,
	"carriers ordered": carrierOrders,
	"removed carrier":  carrierTakesRoutes,
	"prices as a list": pricesReplaced,
	"accounts by name": accountsAfter,
}

func queueCounts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	ctx := context.Background()
	account, other := w.account(10_000), w.account(10_000)
	first := w.accept(message(account, 1))
	w.accept(message(account, 1))
	m := message(other, 1)
	m.Carrier, m.Priority = 7, sms.High
	urgent := w.accept(m)
	w.scheduled(account, 1, time.Hour)
	w.sent(w.accept(message(account, 1)), "gone")
	lanes, more, err := w.WaitingLanes(ctx)
	want := []store.WaitingLane{
		{Lane: store.Lane{Carrier: 1, Priority: sms.Normal, Account: account}, Messages: 2, Oldest: first.ID},
		{Lane: store.Lane{Carrier: 7, Priority: sms.High, Account: other}, Messages: 1, Oldest: urgent.ID},
	}
	if diff := cmp.Diff(want, lanes); diff != "" || more || err != nil {
		t.Error(diff, more, err)
	}
	known, err := w.Lanes(ctx)
	if err != nil || len(known) != 2 || known[0] != lanes[0].Lane || known[1] != lanes[1].Lane {
		t.Errorf("lanes %v, %v", known, err)
	}
	scheduled, again, err := w.Held(ctx)
	if err != nil || scheduled.Messages != 1 || scheduled.More || time.Until(scheduled.Next) < 50*time.Minute || again.Messages != 0 {
		t.Errorf("scheduled %+v, again %+v, %v", scheduled, again, err)
	}
	w.record(outcome(first, part(sms.Queued, "")), w.mark(first))
	if _, again, err = w.Held(ctx); err != nil || again.Messages != 1 {
		t.Errorf("waits for the next attempt: %+v, %v", again, err)
	}
}

func carrierOrders(t *testing.T, open Opener) {
	w := newWorld(t, open)
	ctx, deed := context.Background(), store.Deed{Actor: "test", Action: "carrier"}
	c := &sms.Carrier{Name: "north", Kind: "smpp", Address: "smpp://me@north", Secret: "open sesame", Default: true}
	if err := w.SaveCarrier(ctx, deed, c); err != nil {
		t.Fatal(err)
	}
	if err := w.ChangeCarrier(ctx, deed, "north", func(c *sms.Carrier) error {
		if c.Secret != "open sesame" {
			t.Errorf("the password is %q", c.Secret)
		}
		c.State, c.Address, c.Name, c.ID = sms.CarrierDraining, "smpp://me@south", "other", 99
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.wantCode(w.ChangeCarrier(ctx, deed, "north", func(c *sms.Carrier) error {
		c.State = sms.CarrierDisabled
		return sms.Errorf(sms.Invalid, "no")
	}), sms.Invalid)
	w.wantCode(w.ChangeCarrier(ctx, deed, "south", func(*sms.Carrier) error { return nil }), sms.NotFound)
	w.restart()
	again := &sms.Carrier{Name: "north", Kind: "smpp", Address: "smpp://me@west"}
	if err := w.SaveCarrier(ctx, deed, again); err != nil {
		t.Fatal(err)
	}
	all, err := w.Carriers(ctx)
	want := []sms.Carrier{{ID: c.ID, Name: "north", Kind: "smpp", Address: "smpp://me@west", Default: true, State: sms.CarrierDraining}}
	if diff := cmp.Diff(want, all); diff != "" || err != nil {
		t.Error("saved again it keeps what it was told: ", diff, err)
	}
}

func carrierTakesRoutes(t *testing.T, open Opener) {
	w := newWorld(t, open)
	ctx, deed := context.Background(), store.Deed{Actor: "test", Action: "carrier remove"}
	north, south := &sms.Carrier{Name: "north", Kind: "practice"}, &sms.Carrier{Name: "south", Kind: "practice"}
	for _, c := range []*sms.Carrier{north, south} {
		if err := w.SaveCarrier(ctx, deed, c); err != nil {
			t.Fatal(err)
		}
	}
	var ids []sms.RouteID
	for _, r := range []sms.Route{{Carrier: north.ID, Weight: 1}, {Carrier: south.ID, Weight: 1}, {Carrier: north.ID, Prefix: "39", Weight: 1}} {
		id, err := w.AddRoute(ctx, deed, r)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	before, err := w.Changes(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := w.RemoveCarrier(ctx, deed, "north")
	if diff := cmp.Diff([]sms.RouteID{ids[0], ids[2]}, gone); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if news, err := w.Changes(ctx, before.Revision); err != nil || len(news.Routes) != 2 || !news.Routes[0].Removed || !news.Routes[1].Removed {
		t.Errorf("%+v, %v", news.Routes, err)
	}
	if n := w.rows(`SELECT COUNT(*) FROM audit WHERE action = 'route remove' AND target = 'north'`); n != 2 {
		t.Errorf("%d lines of the audit log about the routes", n)
	}
	_, err = w.AddRoute(ctx, deed, sms.Route{Carrier: north.ID, Prefix: "44", Weight: 1})
	w.wantCode(err, sms.Conflict)
}

func pricesReplaced(t *testing.T, open Opener) {
	w := newWorld(t, open)
	ctx, deed := context.Background(), store.Deed{Actor: "test", Action: "price import"}
	for _, p := range []sms.Price{{Prefix: "39", Part: 10}, {Prefix: "41", Part: 20}, {Prefix: "49", Part: 30}, {Account: 3, Prefix: "39", Part: 40}} {
		if err := w.SetPrice(ctx, deed, p); err != nil {
			t.Fatal(err)
		}
	}
	before, err := w.Changes(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	next := []sms.Price{{Prefix: "", Part: 5}, {Prefix: "39", Part: 10}, {Prefix: "41", Part: 25}}
	w.wantCode(w.ReplacePrices(ctx, deed, 0, next, func([]sms.Price) error { return sms.Errorf(sms.Conflict, "no") }), sms.Conflict)
	if err := w.ReplacePrices(ctx, deed, 0, next, func(was []sms.Price) error {
		if len(was) != 3 || was[2].Part != 30 {
			t.Errorf("before: %+v", was)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	all, err := w.Prices(ctx)
	want := append(next, sms.Price{Account: 3, Prefix: "39", Part: 40})
	if diff := cmp.Diff(want, all); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if news, err := w.Changes(ctx, before.Revision); err != nil || len(news.Prices) != 3 { // what stayed is no news
		t.Errorf("%+v, %v", news.Prices, err)
	}
}

func accountsAfter(t *testing.T, open Opener) {
	w := newWorld(t, open)
	for range 5 {
		w.account(100)
	}
	names := func(after, search string, limit int) (found []string) {
		some, err := w.AccountsAfter(context.Background(), after, search, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range some {
			if a.Credit != 100 {
				t.Errorf("%s has %v", a.Name, a.Credit)
			}
			found = append(found, a.Name)
		}
		return found
	}
	for _, test := range []struct {
		got, want []string
	}{
		{names("", "", 3), []string{"user1", "user2", "user3"}}, {names("user3", "", 3), []string{"user4", "user5"}},
		{names("", "SER4", 9), []string{"user4"}}, {names("", "%", 9), nil}, {names("", "user_", 9), nil},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Error(diff)
		}
	}
}
