package outbox

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
)

// watched is a store that notes who is looked for and taken from.
type watched struct {
	*store.Store
	mu     sync.Mutex
	looked map[sms.AccountID]int
	taken  map[store.EventQueue]int
}

func (w *watched) EventLanesOf(ctx context.Context, way sms.Way, accounts []sms.AccountID) ([]store.EventLane, error) {
	w.mu.Lock()
	for _, account := range accounts {
		w.looked[account]++
	}
	w.mu.Unlock()
	return w.Store.EventLanesOf(ctx, way, accounts)
}

func (w *watched) ClaimEvents(ctx context.Context, queue store.EventQueue, limit int) ([]sms.Event, error) {
	events, err := w.Store.ClaimEvents(ctx, queue, limit)
	w.mu.Lock()
	w.taken[queue] += len(events)
	w.mu.Unlock()
	return events, err
}

// TestField_receipts_for_absent_customer: the receipts of a customer who is away, however many, are not looked at while others
// get theirs, and come in order when he is back. BenchmarkReceiptsBesideAMillion has a million of them.
func TestField_receipts_for_absent_customer(t *testing.T) {
	const first = 3000
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	b := newBoard(ctx, t, 50)
	away, here := w.absent(100_000), w.account()
	s := &watched{Store: w.Store, looked: map[sms.AccountID]int{}, taken: map[store.EventQueue]int{}}
	w.run(Options{Store: s, Receivers: b})
	present := b.bind(here.ID, nil)
	for range 5 {
		w.report(sms.Delivered, w.submitted(here, 100)...)
	}
	w.await("the receipts of the other customer", func() bool { return len(present.taken()) == 500 })
	s.mu.Lock()
	if s.looked[away.ID] != 0 || s.taken[store.EventQueue{Account: away.ID, Way: sms.BySMPP}] != 0 {
		t.Errorf("looked at %d times, %v taken", s.looked[away.ID], s.taken)
	}
	s.mu.Unlock()
	codes, enough := make(chan string, first), make(chan struct{})
	n := 0
	session, err := smpp.Connect(ctx, b.dialTCP(), smpp.DialConfig{Bind: smpp.Bind{Type: smpp.Receiver, SystemID: strconv.Itoa(int(away.ID))},
		Handler: smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) {
			if n++; n > first {
				return // no answer any more
			}
			receipt, _ := smpp.ParseReceipt(r.PDU.(*smpp.DeliverSM))
			codes <- fmt.Sprint(receipt.ErrorCode)
			_ = r.Reply(smpp.ESME_ROK, nil)
			if n == first {
				close(enough)
			}
		})})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = session.Run(ctx)
	}()
	select {
	case <-enough:
	case <-time.After(time.Minute):
		t.Fatalf("%d came", len(codes))
	}
	_ = session.Close()
	<-ended
	for i := 1; i <= first; i++ {
		if code := <-codes; code != strconv.Itoa(i) {
			t.Fatalf("receipt %d came as number %s", i, code)
		}
	}
}
