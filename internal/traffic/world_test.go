package traffic

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// world is a reader over a real store with one account, "acme".
type world struct {
	t         testing.TB
	store     *store.Store
	directory *directory.Directory
	account   sms.AccountID
	carriers  []CarrierState
	refused   Refused
	reader    *Reader
}

func newWorld(t testing.TB) *world {
	t.Helper()
	stored, err := store.Open(context.Background(), store.Options{Dir: t.TempDir(), Secret: []byte("a secret of the tests, 32 octets"), MaxBacklog: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := stored.Join(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- stored.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, stored.Close()); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, store: stored, directory: directory.New(stored)}
	w.account = w.open("acme", 100*sms.Euro)
	w.carriers = []CarrierState{{ID: 1, Name: "north", Sessions: 1, Bound: 1, Since: time.Now().Add(-time.Hour)}}
	w.reader = New(Parts{Store: stored, Directory: w.directory, Carriers: func() []CarrierState { return w.carriers }, MaxBacklog: 10,
		Refusals: func(context.Context, sms.AccountID, time.Time) (Refused, error) { return w.refused, nil }})
	return w
}

// open makes an account with credit.
func (w *world) open(name string, credit sms.Money) sms.AccountID {
	w.t.Helper()
	account := &sms.Account{Name: name, Plan: sms.Plan{Name: "unlimited"}}
	first := store.First{Credit: credit, User: sms.User{Name: name, Hash: "hash"}, Key: sms.Key{ID: "key" + name, Hash: []byte("hash")}}
	if err := w.store.CreateAccount(context.Background(), store.Deed{Actor: "test"}, account, first); err != nil {
		w.t.Fatal(err)
	}
	w.refresh()
	return account.ID
}

func (w *world) refresh() {
	w.t.Helper()
	if err := w.directory.Refresh(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// accept stores a message of an account.
func (w *world) accept(account sms.AccountID) *sms.Message {
	w.t.Helper()
	m := &sms.Message{Account: account, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "hello", Parts: 2, PartPrice: sms.Euro / 10,
		Priority: sms.Normal, Expires: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond), Digest: 1}
	if err := w.store.Accept(context.Background(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
		w.t.Fatal(err)
	}
	return m
}

// deliver has a carrier take a message, and a receipt come some time after it was accepted.
func (w *world) deliver(m *sms.Message, after time.Duration) {
	w.t.Helper()
	parts := []sms.Part{{State: sms.Sent, Ref: "a", Whole: true, At: time.Now()}, {State: sms.Sent, Ref: "b", Whole: true, At: time.Now()}}
	mark, err := w.store.Mark(context.Background(), []*sms.Message{m})
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	w.store.Record(sms.Outcome{Message: m, State: sms.Sent, Parts: parts, Carrier: 1, At: time.Now()}, mark, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
	w.store.Report(sms.Report{Carrier: 1, Ref: "a", Destination: m.Destination, State: sms.Delivered, At: m.ID.Time().Add(after)}, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

// exec changes what is stored behind everybody's back.
func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	err := w.store.Change(context.Background(), "test", func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
