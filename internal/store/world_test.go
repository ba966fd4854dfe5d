package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// These tests are inside the package because they reach for what nobody outside can: single members of a group, and
// a database that refuses.

var testSecret = []byte("a secret of the tests, 32 octets")

// openIn opens a store in dir without its commit loop; the test closes it.
func openIn(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Dir: dir, Secret: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// start runs the commit loop and answers how to end it and close the store.
func start(t testing.TB, s *Store) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// credited makes an account with credit; the commit loop must not run.
func credited(t testing.TB, s *Store, name string, credit sms.Money) sms.AccountID {
	t.Helper()
	account := &sms.Account{Name: name, Plan: sms.Plan{Name: "unlimited"}}
	err := s.transaction(context.Background(), func(tx *Tx) error {
		if err := insertAccount(tx, account); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO balance (account_id, credit) VALUES (?, ?)`, account.ID, int64(credit))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return account.ID
}

func aMessage(account sms.AccountID, parts int, price sms.Money) *sms.Message {
	return &sms.Message{Account: account, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "hello", Parts: parts,
		PartPrice: price, Priority: sms.Normal, Expires: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)}
}

// failing is a member that the database refuses, whatever group it is in, or only in company.
type failing struct {
	answer
	err      error
	times    int // how often it fails before it works; -1: always
	applied  int
	settled  func(error)
	mustKeep bool
}

func (f *failing) keep() bool { return f.mustKeep }
func (f *failing) apply(*Tx) error {
	f.applied++
	if f.times != 0 {
		f.times--
		return f.err
	}
	return nil
}
func (f *failing) settle(err error) {
	if f.settled != nil {
		f.settled(err)
	}
}

// admitting is an admission as a member of a group made by hand.
func admitting(s *Store, m *sms.Message, accepted func([]*sms.Message)) *acceptMember {
	a := &acceptMember{store: s, admissions: []*Admission{{Message: m}}, accepted: accepted}
	a.open()
	return a
}

func balanceOf(t testing.TB, s *Store, account sms.AccountID) sms.Balance {
	t.Helper()
	b, err := s.Balance(context.Background(), account)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func recordOf(t testing.TB, s *Store, id sms.ID) *sms.Record {
	t.Helper()
	r, err := s.Message(context.Background(), id)
	if err != nil || r == nil {
		t.Fatalf("message %d: %v, error %v", id, r, err)
	}
	return r
}

func count(t testing.TB, s *Store, query string, args ...any) (n int) {
	t.Helper()
	if err := s.reader.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
