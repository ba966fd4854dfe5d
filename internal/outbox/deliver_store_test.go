package outbox

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// stage answers where the events of an account stand.
func (w *world) stages(account sms.AccountID) map[sms.EventStage]int {
	w.t.Helper()
	events, err := w.Events(context.Background(), account, store.EventPage{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	stages := map[sms.EventStage]int{}
	for _, e := range events {
		stages[e.Stage]++
	}
	return stages
}

// From the carrier's delivery to the customer's session, on disk in between: receipts and messages from handsets, and none
// of them by another way.
func TestOverTheStore(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	b, a := newBoard(ctx, t, 10), w.account()
	deed := store.Deed{Actor: "test"}
	if err := w.ChangeAccount(ctx, deed, a.ID, func(a *sms.Account) error {
		a.Settings.Inbound = sms.InboundSMPP
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.AddNumber(ctx, deed, sms.ServiceNumber{Number: "48883", Account: a.ID}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	w.Inbound(sms.Inbound{Carrier: 1, Source: "+393401234567", Destination: "48883", Octets: []byte("ciao"), At: time.Now()}, func(err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	m := w.submitted(a, 1)
	w.report(sms.Failed, m...)
	w.hook(a, "https://example.com/")
	if got := w.stages(a.ID); got[sms.EventWaiting] != 2 {
		t.Fatalf("%v", got)
	}
	w.deliver(b)
	c := b.bind(a.ID, nil)
	w.await("both", func() bool { return w.stages(a.ID)[sms.EventDelivered] == 2 })
	if diff := cmp.Diff([]string{"393401234567 48883 ciao", testIDs.Format(m[0].ID)}, c.taken()); diff != "" {
		t.Error(diff)
	}
	events, attempts, err := w.Receipts(ctx, m[0].ID)
	if err != nil || len(events) != 1 || len(attempts) != 1 || attempts[0].Receiver != c.Info().SystemID+" from somewhere" {
		t.Errorf("%+v, %+v, %v", events, attempts, err)
	}
}

// What a server that died had taken is another's after the lease, wherever its customer is bound by then.
func TestServerDied(t *testing.T) {
	withBoard(t, 10, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
		queue := store.EventQueue{Account: 1, Way: sms.BySMPP}
		want := f.addReceipts(1, 5)
		if taken, err := f.ClaimEvents(t.Context(), queue, 5); len(taken) != 5 || err != nil {
			t.Fatal(taken, err)
		}
		c := b.bind(1, nil)
		time.Sleep(store.EventLease - time.Second)
		synctest.Wait()
		if n := len(c.taken()); n != 0 {
			t.Errorf("%d were taken while another had them", n)
		}
		time.Sleep(3 * time.Second)
		if diff := cmp.Diff(want, c.taken()); diff != "" {
			t.Error(diff)
		}
	})
}
