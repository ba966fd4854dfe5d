package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var routeTests = map[string]func(*testing.T, Opener){
	"kept":                  routesKept,
	"another way":           divertWaiting,
	"not under way":         divertNot,
	"divert what was tried": divertAgain,
	"another node's by now": divertSuperseded,
}

func routesKept(t *testing.T, open Opener) {
	w := newWorld(t, open)
	ctx, deed := context.Background(), store.Deed{Actor: "test", Action: "route add"}
	want := sms.Route{Prefix: "39", Country: "IT", Sender: "ACME", Account: 7, Carrier: 3, Priority: 5, Weight: 2, Cost: 21_000}
	id, err := w.AddRoute(ctx, deed, want)
	if err != nil {
		t.Fatal(err)
	}
	want.ID = id
	second, err := w.AddRoute(ctx, deed, sms.Route{Carrier: 4, Weight: 1})
	if err != nil || second == id {
		t.Fatal(second, err)
	}
	_, err = w.AddRoute(ctx, deed, sms.Route{Carrier: 4, Weight: 9, Cost: 5})
	w.wantCode(err, sms.Conflict) // nobody would ever go by it
	before, err := w.Changes(ctx, 0)
	if err != nil || len(before.Routes) != 2 {
		t.Fatal(before.Routes, err)
	}
	if diff := cmp.Diff(directory.RouteChange{Route: want}, before.Routes[0]); diff != "" {
		t.Error(diff)
	}
	if err := w.RemoveRoute(ctx, deed, id); err != nil {
		t.Fatal(err)
	}
	w.restart()
	news, err := w.Changes(ctx, before.Revision)
	if err != nil || len(news.Routes) != 1 || !news.Routes[0].Removed || news.Routes[0].ID != id {
		t.Errorf("%+v, %v", news.Routes, err)
	}
	w.wantCode(w.RemoveRoute(ctx, deed, id), sms.NotFound)
	if third, err := w.AddRoute(ctx, deed, sms.Route{Carrier: 5, Weight: 1}); err != nil || third <= second {
		t.Errorf("id %d after %d, %v", third, second, err)
	}
}

func divertWaiting(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	var all []*sms.Message
	for range 250 {
		all = append(all, w.accept(message(account, 1)))
	}
	moved, err := w.Divert(context.Background(), all, 2, "its carrier is away")
	if err != nil || len(moved) != len(all) {
		t.Fatal(len(moved), err)
	}
	w.restart()
	lanes, err := w.Lanes(context.Background())
	if err != nil || len(lanes) != 1 || lanes[0].Carrier != 2 {
		t.Fatal(lanes, err)
	}
	waiting, err := w.Waiting(context.Background(), lanes[0], 0, 1000)
	if err != nil || len(waiting) != len(all) {
		t.Fatal(len(waiting), err)
	}
	for i, m := range waiting {
		if m.ID != all[i].ID {
			t.Fatal("the order is not that of acceptance")
		}
	}
	w.wantBalance(account, 10_000, sms.Money(10*len(all)))
	if n := w.rows(`SELECT COUNT(*) FROM incident WHERE kind = 'route'`); n != len(all) {
		t.Errorf("%d incidents", n)
	}
}

func divertNot(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	sent, held, cancelled, partly, waits := w.accept(message(account, 1)), w.scheduled(account, 1, time.Hour), w.accept(message(account, 1)),
		w.accept(message(account, 2)), w.accept(message(account, 1))
	w.sent(sent, "a")
	if err := w.cancel(account, cancelled.ID); err != nil {
		t.Fatal(err)
	}
	parts := partly.Standing()
	parts[0].State, parts[0].Ref, parts[0].At = sms.Sent, "b", time.Now()
	w.record(sms.Outcome{Message: partly, State: sms.Queued, Parts: parts, Carrier: 1, At: time.Now(), Retry: time.Now().Add(-time.Second)}, w.mark(partly))
	w.due()
	moved, err := w.Divert(context.Background(), []*sms.Message{sent, held, cancelled, partly, waits}, 2, "away")
	if err != nil || len(moved) != 1 || moved[0] != waits {
		t.Errorf("%d moved, %v", len(moved), err)
	}
	if m := w.read(partly.ID).Message; m.Carrier != 1 {
		t.Errorf("a message that has left in part goes by carrier %d", m.Carrier)
	}
	w.mark(waits) // it is marked by its new carrier's session
}

// divertAgain: what was refused for now, or may have left and is to be sent again, is diverted too; what waits for another
// carrier already is not.
func divertAgain(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	refused, doubtful := w.accept(message(account, 1)), w.accept(message(account, 1))
	w.record(outcome(refused, part(sms.Queued, "")), w.mark(refused))
	doubt := doubtful.Standing()
	doubt[0].Doubts = 1
	w.record(outcome(doubtful, doubt...), w.mark(doubtful))
	due := w.due()
	if len(due) != 2 {
		t.Fatalf("%d are due", len(due))
	}
	for want := range []int{0, 1} {
		moved, err := w.Divert(context.Background(), due, 2, "away")
		if wanted := 2 - 2*want; err != nil || len(moved) != wanted { // the second time they are the other carrier's
			t.Errorf("%d moved, want %d, %v", len(moved), wanted, err)
		}
	}
	if parts := w.read(doubtful.ID).Message.Progress; len(parts) != 1 || parts[0].Doubts != 1 {
		t.Errorf("the doubt is forgotten: %+v", parts)
	}
	w.wantBalance(account, 1000, 20)
}

func divertSuperseded(t *testing.T, open Opener) {
	w := newWorld(t, open)
	m := w.accept(message(w.account(1000), 1))
	m.Term--
	if _, err := w.Divert(context.Background(), []*sms.Message{m}, 2, "away"); err == nil {
		t.Error("moved though it may be another node's")
	}
}
