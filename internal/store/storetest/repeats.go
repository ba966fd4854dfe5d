package storetest

import (
	"context"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var repeatTests = map[string]func(*testing.T, Opener){
	"caller's id":       callersID,
	"refused before":    refusedBefore,
	"generated id":      generatedID,
	"idempotency key":   idempotencyKey,
	"hundred at once":   hundredAtOnce,
	"ids of accounts":   idsOfAccounts,
	"id and key":        idAndKey,
	"replay after send": replayAfterSend,
}

func named(account sms.AccountID, id string, digest uint64) *store.Admission {
	m := message(account, 1)
	m.CallerID, m.Digest = id, digest
	return &store.Admission{Message: m}
}

func keyed(account sms.AccountID, key string, digest uint64) *store.Admission {
	a := named(account, "", digest)
	a.Key = key
	return a
}

func (w *world) wantResult(a *store.Admission, want store.Result) *store.Admission {
	w.t.Helper()
	if got := w.admit(a); got != want {
		w.t.Errorf("result %d, want %d", got, want)
	}
	return a
}

func callersID(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	first := w.wantResult(named(account, "a", 1), store.Stored)
	again := w.wantResult(named(account, "a", 1), store.Replayed)
	if again.Existing == nil || again.Existing.Message.ID != first.Message.ID || again.Message.ID != 0 {
		t.Errorf("replayed %+v", again.Existing)
	}
	if taken := w.wantResult(named(account, "a", 2), store.IDTaken); first.Available != 90 || again.Available != 90 || taken.Available != 90 {
		t.Errorf("available %d, %d, %d", first.Available, again.Available, taken.Available)
	}
	w.wantResult(named(account, "A", 2), store.Stored) // ids differ by letter case
	w.wantBalance(account, 100, 20)
}

func refusedBefore(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(5)
	first := w.wantResult(named(account, "a", 1), store.Stored)
	if first.Message.Refusal == "" {
		t.Fatal("accepted without credit")
	}
	if _, err := w.AdjustCredit(t.Context(), store.Deed{Actor: "test"}, account, 10); err != nil {
		t.Fatal(err)
	}
	second := w.wantResult(named(account, "a", 2), store.Stored) // also with other content
	if second.Message.Refusal != "" {
		t.Error("refused again")
	}
	w.wantResult(named(account, "a", 2), store.Replayed)
	found, err := w.MessageOf(t.Context(), account, "a")
	if err != nil || found.Message.ID != second.Message.ID {
		t.Errorf("found %v, error %v", found, err)
	}
}

func generatedID(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.account(100), w.account(100)
	m := w.accept(message(account, 1))
	claim := func(account sms.AccountID) *store.Admission {
		a := named(account, "the public form of it", 1)
		a.Claim = m.ID
		return a
	}
	w.wantResult(claim(account), store.IDTaken)
	w.wantResult(claim(other), store.Stored)
}

func idempotencyKey(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.account(100), w.account(100)
	first := w.wantResult(keyed(account, "k", 1), store.Stored)
	if again := w.wantResult(keyed(account, "k", 1), store.Replayed); again.Existing.Message.ID != first.Message.ID {
		t.Error("another message is replayed")
	}
	w.wantResult(keyed(account, "k", 2), store.KeyTaken)
	w.wantResult(keyed(other, "k", 2), store.Stored)
	w.wantBalance(account, 100, 10)

	w.expireKeys()
	w.wantResult(keyed(account, "k", 2), store.Stored)
	w.wantResult(keyed(account, "k", 2), store.Replayed)
	w.expireKeys()
	if removed, err := w.Tidy(t.Context()); removed != 2 || err != nil {
		t.Errorf("%d removed, error %v", removed, err)
	}
	if n := w.rows(`SELECT COUNT(*) FROM idempotency_key`); n != 0 {
		t.Errorf("%d keys left", n)
	}
}

// expireKeys lets a day go by for the keys.
func (w *world) expireKeys() {
	w.t.Helper()
	w.change(`UPDATE idempotency_key SET until = until - 24 * 3600 * 1000`)
}

func (w *world) change(query string, args ...any) {
	w.t.Helper()
	err := w.Change(context.Background(), "test", func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func hundredAtOnce(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	for _, make := range []func() *store.Admission{
		func() *store.Admission { return named(account, "same", 1) },
		func() *store.Admission { return keyed(account, "same", 1) },
	} {
		var mu sync.Mutex
		results := map[store.Result]int{}
		ids := map[sms.ID]bool{}
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				a := make()
				if err := w.Accept(context.Background(), []*store.Admission{a}, func([]*sms.Message) {}); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				results[a.Result]++
				if a.Existing != nil {
					ids[a.Existing.Message.ID] = true
				}
			})
		}
		all.Wait()
		if results[store.Stored] != 1 || results[store.Replayed] != 99 || len(ids) != 1 {
			t.Errorf("results %v, messages %v", results, ids)
		}
	}
	w.wantBalance(account, 10_000, 20)
}

func idsOfAccounts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	one, two := w.account(100), w.account(100)
	w.wantResult(named(one, "a", 1), store.Stored)
	second := w.wantResult(named(two, "a", 2), store.Stored)
	newest, err := w.MessageOf(t.Context(), 0, "a")
	if err != nil || newest.Message.ID != second.Message.ID {
		t.Errorf("newest of all accounts: %v, error %v", newest, err)
	}
}

func idAndKey(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	both := func(id, key string, digest uint64) *store.Admission {
		a := named(account, id, digest)
		a.Key = key
		return a
	}
	w.wantResult(both("a", "k", 1), store.Stored)
	w.wantResult(both("a", "k", 1), store.Replayed)
	w.wantResult(both("b", "k", 2), store.KeyTaken)
	w.wantResult(both("a", "l", 2), store.IDTaken)
	w.wantResult(named(account, "b", 2), store.Stored) // the refusal took nothing
}

func replayAfterSend(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	a := w.wantResult(named(account, "a", 1), store.Stored)
	w.sent(a.Message, "r1")
	w.report(sms.Report{Ref: "r1", State: sms.Failed})
	again := w.wantResult(named(account, "a", 1), store.Replayed)
	if again.Existing.State != sms.Failed {
		t.Errorf("replayed in state %v", again.Existing.State)
	}
	w.wantBalance(account, 90, 0)
}
