package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// LimitOfTest is how many messages may wait in the stores that Limit opens.
const LimitOfTest = 3

// Limit holds an engine to the limit of what waits.
func Limit(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	waits := named(account, "first", 1)
	w.wantResult(waits, store.Stored)
	later1 := message(account, 1)
	later1.Due = later(time.Hour)
	w.accept(later1)
	leaves := w.accept(message(account, 1))
	w.wantBacklog(3)

	w.wantFull(named(account, "second", 1))
	w.wantFull(&store.Admission{Message: message(account, 1)})
	w.wantResult(named(account, "first", 1), store.Replayed) // a repetition is answered all the same
	refused := named(account, "refused", 1)
	refused.Message.Refusal = "NO_ROUTE"
	w.wantResult(refused, store.Stored) // waits for nothing
	w.wantBacklog(3)
	w.wantBalance(account, 1000, 30)

	w.restart()
	w.wantBacklog(3)
	w.wantFull(named(account, "second", 1))
	w.sent(leaves, "r") // frees a place
	w.wantBacklog(2)
	w.wantResult(named(account, "second", 1), store.Stored)
	w.wantFull(named(account, "third", 1))

	again := w.read(waits.Message.ID).Message
	w.record(outcome(again, part(sms.Queued, "")), w.mark(again)) // refused for now: it still waits
	w.wantBacklog(3)
	w.record(expiredNow(later1), nil)
	w.wantBacklog(3) // it was not queued, and stays scheduled
}

func expiredNow(m *sms.Message) sms.Outcome { return outcome(m, part(sms.Expired, "")) }

// wantFull wants an admission refused for want of room.
func (w *world) wantFull(a *store.Admission) {
	w.t.Helper()
	err := w.Accept(context.Background(), []*store.Admission{a}, func([]*sms.Message) { w.t.Error("it is offered") })
	if sms.CodeOf(err) != sms.Unavailable {
		w.t.Errorf("with a full backlog: %v", err)
	}
}

func (w *world) wantBacklog(want int64) {
	w.t.Helper()
	if got := w.Backlog(); got != want {
		w.t.Errorf("%d messages wait, want %d", got, want)
	}
	if n := w.rows(`SELECT COUNT(*) FROM message WHERE state IN (1, 2)`); int64(n) != want {
		w.t.Errorf("%d messages wait in the store, want %d", n, want)
	}
}
