// Package storetest is what every engine of the store must pass.
//
// What comes in: a way to open a store in a folder that stays while the test runs. What goes out: failures of the
// test. It looks at a store only through its exported methods, and at no clock but the store's own.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Opener opens the store of a place. The same place again, after the first store was closed or abandoned, is the same
// data. The secret is always the same.
type Opener func(t testing.TB, place string) *store.Store

// Run holds an engine to everything that the server relies on.
func Run(t *testing.T, open Opener) {
	for name, group := range map[string]map[string]func(*testing.T, Opener){
		"accept":    acceptTests,
		"repeats":   repeatTests,
		"outcome":   outcomeTests,
		"receipt":   receiptTests,
		"field":     fieldTests,
		"backlog":   backlogTests,
		"retention": retentionTests,
		"overdue":   overdueTests,
		"restart":   restartTests,
		"node":      nodeTests,
		"model":     modelTests,
		"webhook":   webhookTests,
		"opt-out":   optOutTests,
		"inbound":   inboundTests,
		"receiver":  receiverTests,
		"cancel":    cancelTests,
		"route":     routeTests,
		"history":   historyTests,
		"queue":     queueTests,
		"audit":     auditTests,
		"refusal":   refusalTests,
		"traffic":   trafficTests,
		"search":    searchTests,
		"person":    personTests,
	} {
		t.Run(name, func(t *testing.T) {
			for name, test := range group {
				t.Run(name, func(t *testing.T) { test(t, open) })
			}
		})
	}
}

// Field holds an engine to one of the failures in the field, by its name.
func Field(t *testing.T, name string, open Opener) {
	test := fieldTests[name]
	if test == nil {
		t.Fatalf("there is no test %q", name)
	}
	test(t, open)
}

// world is a running store with the shorthands of the tests.
type world struct {
	*store.Store
	t     testing.TB
	place string
	open  Opener
	stop  func()
	users int
}

func newWorld(t testing.TB, open Opener) *world {
	t.Helper()
	w := &world{t: t, place: t.TempDir(), open: open}
	w.start()
	return w
}

// start opens the store, takes up what a process before left, and runs the commit loop.
func (w *world) start() {
	w.t.Helper()
	w.Store = w.open(w.t, w.place)
	if err := w.Join(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	s := w.Store
	go func() { done <- s.Run(ctx) }()
	life, die := context.WithCancel(context.Background())
	dead := make(chan error, 1)
	go func() { dead <- s.Live(life, noQueues{}) }()
	w.stop = sync.OnceFunc(func() {
		die()
		err := <-dead
		cancel()
		if err := errors.Join(err, <-done, s.Close()); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(w.stop)
}

// noQueues hold nothing.
type noQueues struct{}

func (noQueues) Adopted([]store.Lane) {}
func (noQueues) Drop()                {}

func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.start()
}

// account makes an account with credit.
func (w *world) account(credit sms.Money) sms.AccountID {
	w.t.Helper()
	w.users++
	name := fmt.Sprintf("user%d", w.users)
	account := &sms.Account{Name: name, Plan: sms.Plan{Name: "unlimited"}}
	first := store.First{Credit: credit, User: sms.User{Name: name, Hash: "hash"}, Key: sms.Key{ID: "key" + name, Hash: []byte("hash")}}
	if err := w.CreateAccount(context.Background(), store.Deed{Actor: "test"}, account, first); err != nil {
		w.t.Fatal(err)
	}
	return account.ID
}

// message is an ordinary one, not yet accepted.
func message(account sms.AccountID, parts int) *sms.Message {
	return &sms.Message{
		Account: account, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "hello", Parts: parts, PartPrice: 10,
		Priority: sms.Normal, Expires: later(time.Hour), Digest: 1,
	}
}

func later(d time.Duration) time.Time { return time.Now().Add(d).UTC().Truncate(time.Millisecond) }

// admit accepts one message and answers what the store did.
func (w *world) admit(a *store.Admission) store.Result {
	w.t.Helper()
	if err := w.Accept(context.Background(), []*store.Admission{a}, func([]*sms.Message) {}); err != nil {
		w.t.Fatal(err)
	}
	return a.Result
}

// accept accepts a message that must be stored and go.
func (w *world) accept(m *sms.Message) *sms.Message {
	w.t.Helper()
	if result := w.admit(&store.Admission{Message: m}); result != store.Stored || m.Refusal != "" {
		w.t.Fatalf("result %d, refusal %q", result, m.Refusal)
	}
	return m
}

func (w *world) mark(messages ...*sms.Message) *store.Mark {
	w.t.Helper()
	mark, err := w.Mark(context.Background(), messages)
	if err != nil {
		w.t.Fatal(err)
	}
	return mark
}

func (w *world) record(o sms.Outcome, mark *store.Mark) {
	w.t.Helper()
	done := make(chan error, 1)
	w.Record(o, mark, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) unmark(mark *store.Mark, m *sms.Message) {
	w.t.Helper()
	done := make(chan error, 1)
	w.Unmark(mark, m, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) report(r sms.Report) {
	w.t.Helper()
	if r.Carrier == 0 {
		r.Carrier = 1
	}
	if r.At.IsZero() {
		r.At = later(0)
	}
	done := make(chan error, 1)
	w.Report(r, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

// sent is a message that a carrier took, one id for each part.
func (w *world) sent(m *sms.Message, refs ...string) *sms.Message {
	w.t.Helper()
	if m.ID == 0 {
		w.accept(m)
	}
	w.record(outcome(m, parts(sms.Sent, refs...)...), w.mark(m))
	return m
}

// parts makes one part in a state for each id.
func parts(state sms.State, refs ...string) (all []sms.Part) {
	for _, ref := range refs {
		all = append(all, sms.Part{State: state, Ref: ref, At: later(0)})
	}
	return all
}

func part(state sms.State, ref string) sms.Part { return parts(state, ref)[0] }

// outcome is what parts add up to.
func outcome(m *sms.Message, parts ...sms.Part) sms.Outcome {
	o := sms.Outcome{Message: m, State: sms.Standing(parts), Parts: parts, Carrier: m.Carrier, At: later(0)}
	if o.State == sms.Queued {
		o.Retry = later(0)
	}
	return o
}

func (w *world) read(id sms.ID) *sms.Record {
	w.t.Helper()
	r, err := w.Message(context.Background(), id)
	if err != nil || r == nil {
		w.t.Fatalf("message %d: %v, error %v", id, r, err)
	}
	return r
}

func (w *world) wantState(id sms.ID, want sms.State) {
	w.t.Helper()
	if got := w.read(id).State; got != want {
		w.t.Errorf("state %v, want %v", got, want)
	}
}

// wantBalance holds what an account has and what is reserved of it.
func (w *world) wantBalance(account sms.AccountID, credit, reserved sms.Money) {
	w.t.Helper()
	b, err := w.Balance(context.Background(), account)
	if want := (sms.Balance{Credit: credit, Reserved: reserved}); err != nil || b != want {
		w.t.Errorf("balance %+v, want %+v, error %v", b, want, err)
	}
}

// due brings what is due now, and answers it.
func (w *world) due() (messages []*sms.Message) {
	w.t.Helper()
	n, err := w.Due(context.Background(), 100, func(ready []*sms.Message) { messages = append(messages, ready...) })
	if err != nil || n != len(messages) {
		w.t.Fatalf("%d due, %d told, error %v", n, len(messages), err)
	}
	return messages
}

// rows counts what a query selects.
func (w *world) rows(query string, args ...any) (n int) {
	w.t.Helper()
	err := w.View(context.Background(), func(tx *store.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
