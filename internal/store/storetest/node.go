package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var nodeTests = map[string]func(*testing.T, Opener){
	"alone":       aloneOnTheStore,
	"throughput":  wholeThroughput,
	"late answer": lateAnswer,
}

// aloneOnTheStore: one process is one living node, that may send, before and after a restart.
func aloneOnTheStore(t *testing.T, open Opener) {
	w := newWorld(t, open)
	for range 2 {
		w.accept(message(w.account(100), 1))
		nodes, err := w.Nodes(t.Context())
		if err != nil || len(nodes) != 1 || nodes[0].Number != 1 || nodes[0].Epoch == 0 || !nodes[0].Serving || !nodes[0].Alive || !nodes[0].Self {
			t.Errorf("%+v, error %v", nodes, err)
		}
		if !w.MaySend() {
			t.Error("it may not send")
		}
		w.restart()
	}
}

// wholeThroughput: who is alone has all of a carrier's throughput, soon after others have left at the latest.
func wholeThroughput(t *testing.T, open Opener) {
	w := newWorld(t, open)
	got := map[sms.CarrierID]float64{}
	use := func(carrier sms.CarrierID, fraction float64) { got[carrier] = fraction }
	if err := w.Shares(t.Context(), []sms.CarrierID{1, 2}, use); err != nil || got[1] != 1 || got[2] != 1 {
		t.Errorf("%v, error %v", got, err)
	}
}

// lateAnswer: a message that the process got hold of before it lost everything is not marked any more.
func lateAnswer(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := w.accept(message(account, 1))
	m.Term--
	if _, err := w.Mark(context.Background(), []*sms.Message{m}); !errors.Is(err, store.ErrSuperseded) {
		t.Errorf("mark: %v", err)
	}
	done := make(chan error, 1)
	w.Record(outcome(m, part(sms.Failed, "")), nil, func(err error) { done <- err })
	if err := <-done; !errors.Is(err, store.ErrSuperseded) {
		t.Errorf("outcome: %v", err)
	}
	w.wantState(m.ID, sms.Queued)
	w.wantBalance(account, 100, 10)
}
