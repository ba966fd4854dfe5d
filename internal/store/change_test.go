package store

import (
	"context"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

// Whoever has given up has back what it gave: the commit, which may come later, does not write there any more.
func TestChangeOfACallerWhoGaveUp(t *testing.T) {
	s := openIn(t, t.TempDir())
	account := credited(t, s, "acme", 10*sms.Euro)
	given, cancel := context.WithCancel(t.Context())
	cancel()
	newcomer, key := &sms.Account{Name: "newcomer"}, &sms.Key{ID: "second", Account: account, Hash: []byte("hash")}
	carrier := &sms.Carrier{Name: "main", Kind: "smpp"}
	before := []any{*newcomer, *key, *carrier}
	for name, err := range map[string]error{
		"account": s.CreateAccount(given, Deed{}, newcomer, First{User: sms.User{Name: "one"}, Key: sms.Key{ID: "first", Hash: []byte("hash")}}),
		"key":     s.CreateKey(given, Deed{}, key),
		"carrier": s.SaveCarrier(given, Deed{}, carrier),
	} {
		if sms.CodeOf(err) != sms.Unavailable {
			t.Errorf("%s: error %v", name, err)
		}
	}
	start(t, s)
	wantCommitted(t, s)
	if diff := cmp.Diff(before, []any{*newcomer, *key, *carrier}); diff != "" {
		t.Error(diff)
	}
}

// wantCommitted checks that what was given up came in after all: without that, nothing was tried.
func wantCommitted(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Ready(t.Context()); err != nil { // it is behind them
		t.Fatal(err)
	}
	for table, want := range map[string]int{"account": 2, "api_key": 2, "carrier": 1} {
		var got int
		err := s.View(t.Context(), func(tx *Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&got) })
		if err != nil || got != want {
			t.Errorf("%s has %d rows, error %v; want %d", table, got, err, want)
		}
	}
}

// The race detector sees it when the answer to a caller who gave up is read from where the commit writes.
func TestAdjustCreditOfACallerWhoGaveUp(t *testing.T) {
	s := openIn(t, t.TempDir())
	account := credited(t, s, "acme", 10*sms.Euro)
	start(t, s)
	given, cancel := context.WithCancel(t.Context())
	cancel()
	for range 5 {
		commits := s.Counters.Commits.Load()
		after, err := s.AdjustCredit(given, Deed{}, account, sms.Euro)
		if err != nil && after != (sms.Balance{}) {
			t.Fatalf("%+v with the error %v", after, err)
		}
		for s.Counters.Commits.Load() == commits { // any lock here would order the reading before the writing
			runtime.Gosched()
		}
	}
	after, err := s.AdjustCredit(t.Context(), Deed{}, account, sms.Euro)
	if want := (sms.Balance{Credit: 16 * sms.Euro}); err != nil || after != want {
		t.Errorf("%+v, error %v; want %+v", after, err, want)
	}
}
