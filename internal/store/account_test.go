package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var sameTimes = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })}

// running opens a store in dir, runs its commit loop, and answers how to stop both.
func running(t *testing.T, dir string) (s *store.Store, stop func()) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Secret: []byte("a secret of the tests, 32 octets")})
	if err != nil {
		t.Fatal(err)
	}
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
	return s, stop
}

func deed(action string) store.Deed {
	return store.Deed{Actor: "tester", Action: action, Target: "it", Detail: "in a test"}
}

func anAccount(name string) *sms.Account {
	return &sms.Account{
		Name: name, Plan: sms.Plan{Name: "production", PerMinute: 1000, PerSecond: 50},
		Settings: sms.Settings{Uncertain: "hold", MaxParts: 7, Transliterate: true, Charge: "delivered", Routing: "cost", Retention: 30 * 24 * time.Hour, RedactAfter: time.Hour},
		AllowList: sms.AllowList{Enabled: true, Entries: []sms.AllowEntry{
			{Prefix: netip.MustParsePrefix("203.0.113.0/24"), Note: "office"}, {Prefix: netip.MustParsePrefix("2001:db8::/32")}}},
	}
}

func first(name string, credit sms.Money) store.First {
	return store.First{Credit: credit, User: sms.User{Name: name, Hash: "hash of " + name},
		Key: sms.Key{ID: "key-" + name, Name: "first", Operations: sms.Operations, Hash: []byte("hash")}}
}

func create(t *testing.T, s *store.Store, name string, credit sms.Money) *sms.Account {
	t.Helper()
	account := anAccount(name)
	if err := s.CreateAccount(t.Context(), deed("account create"), account, first(name, credit)); err != nil {
		t.Fatal(err)
	}
	return account
}

func TestAccountComesBackAsItWasStored(t *testing.T) {
	dir := t.TempDir()
	s, stop := running(t, dir)
	before := time.Now().Add(-time.Second)
	account := create(t, s, "Acme S.p.A.", 12*sms.Euro)
	stop()

	s, _ = running(t, dir)
	all, err := s.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []store.AccountStanding{{Account: *account, Balance: sms.Balance{Credit: 12 * sms.Euro}}}
	if diff := cmp.Diff(want, all, sameTimes); diff != "" {
		t.Error(diff)
	}
	if account.ID != 1 || account.Created.Before(before) {
		t.Errorf("id %d, created %v", account.ID, account.Created)
	}
	users, err := s.Users(t.Context(), account.ID)
	if err != nil || len(users) != 1 || users[0].Name != "Acme S.p.A." || users[0].Account != account.ID {
		t.Errorf("users %+v, error %v", users, err)
	}
	keys, err := s.Keys(t.Context(), account.ID)
	if err != nil || len(keys) != 1 || keys[0].Account != account.ID || string(keys[0].Hash) != "hash" {
		t.Errorf("keys %+v, error %v", keys, err)
	}
}

func TestCreateAccountIsAllOrNothing(t *testing.T) {
	s, _ := running(t, t.TempDir())
	create(t, s, "one", 0)
	for name, test := range map[string]struct{ account, user, field string }{
		"name taken":     {"one", "other", "name"},
		"username taken": {"two", "one", "username"},
	} {
		account := anAccount(test.account)
		err := s.CreateAccount(t.Context(), deed("account create"), account, first(test.user, 0))
		refusal, ok := errors.AsType[*sms.Error](err)
		if !ok || refusal.Code != sms.Conflict || refusal.Fields[0].Field != test.field || account.ID != 0 {
			t.Errorf("%s: error %v, id %d", name, err, account.ID)
		}
	}
	all, err := s.Accounts(t.Context())
	if err != nil || len(all) != 1 {
		t.Errorf("%d accounts, error %v", len(all), err)
	}
	if n := count(t, s, `SELECT COUNT(*) FROM audit`); n != 1 {
		t.Errorf("%d deeds in the audit log, want that of the one account", n)
	}
}

func count(t *testing.T, s *store.Store, query string, args ...any) (n int) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestChangeAccount(t *testing.T) {
	s, _ := running(t, t.TempDir())
	account := create(t, s, "acme", 0)
	err := s.ChangeAccount(t.Context(), deed("account set"), account.ID, func(a *sms.Account) error {
		a.Suspended, a.Settings.MaxParts, a.Plan, a.AllowList = true, 3, sms.Plan{Name: "custom", PerSecond: 1}, sms.AllowList{}
		a.Name = "another"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := *account
	want.Suspended, want.Settings.MaxParts, want.Plan, want.AllowList = true, 3, sms.Plan{Name: "custom", PerSecond: 1}, sms.AllowList{}
	all, err := s.Accounts(t.Context())
	if diff := cmp.Diff(want, all[0].Account, sameTimes); diff != "" || err != nil {
		t.Error(diff, err)
	}
	audit := count(t, s, `SELECT COUNT(*) FROM audit WHERE actor = 'tester' AND action = 'account set' AND target = 'it' AND detail = 'in a test'`)
	if audit != 1 {
		t.Errorf("%d deeds", audit)
	}
}

func TestChangeAccountRefused(t *testing.T) {
	s, _ := running(t, t.TempDir())
	account := create(t, s, "acme", 0)
	refusal := errors.New("no")
	err := s.ChangeAccount(t.Context(), deed("account set"), account.ID, func(a *sms.Account) error { a.Suspended = true; return refusal })
	if !errors.Is(err, refusal) {
		t.Errorf("error %v", err)
	}
	if all, _ := s.Accounts(t.Context()); all[0].Suspended {
		t.Error("a refused change was stored")
	}
	err = s.ChangeAccount(t.Context(), deed("account set"), 99, func(*sms.Account) error { return nil })
	if sms.CodeOf(err) != sms.NotFound {
		t.Errorf("error %v", err)
	}
}

func TestAdjustCredit(t *testing.T) {
	s, _ := running(t, t.TempDir())
	id := create(t, s, "acme", 10*sms.Euro).ID
	reserve := func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE balance SET reserved = ? WHERE account_id = ?`, int64(4*sms.Euro), int64(id))
		return err
	}
	if err := s.Change(t.Context(), "test", reserve); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		by   sms.Money
		want string // the credit afterwards, or the code of the error
	}{{5 * sms.Euro, "15"}, {-11*sms.Euro - 1, "3.999999?"}, {-11 * sms.Euro, "4"}, {-1, "?"}, {math.MaxInt64, "?"}, {35_000, "4.035"}} {
		after, err := s.AdjustCredit(t.Context(), deed("account credit"), id, step.by)
		refused := strings.HasSuffix(step.want, "?")
		if refused != (sms.CodeOf(err) == sms.Invalid && err != nil) {
			t.Errorf("%s: error %v", step.by, err)
		}
		if !refused && (after.Credit.String() != step.want || after.Reserved != 4*sms.Euro) {
			t.Errorf("%s: %+v, want %s", step.by, after, step.want)
		}
	}
	if b, err := s.Balance(t.Context(), id); err != nil || b.Credit != 4_035_000 || b.Available() != 35_000 {
		t.Errorf("balance %+v, error %v", b, err)
	}
	if _, err := s.AdjustCredit(t.Context(), deed("account credit"), 99, 1); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("unknown account: %v", err)
	}
	if _, err := s.Balance(t.Context(), 99); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("unknown account: %v", err)
	}
}

func TestCreditIsExactUnderConcurrency(t *testing.T) {
	s, _ := running(t, t.TempDir())
	id := create(t, s, "acme", sms.Euro).ID
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 50 {
		wg.Go(func() {
			if _, err := s.AdjustCredit(t.Context(), deed("account credit"), id, -sms.Euro/20); err == nil {
				mu.Lock()
				taken++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if b, err := s.Balance(t.Context(), id); err != nil || b.Credit != 0 || taken != 20 {
		t.Errorf("credit %s after %d of 50 takers of 0.05 from 1 €, error %v", b.Credit, taken, err)
	}
}

func TestChangesAreOnlyNews(t *testing.T) {
	s, _ := running(t, t.TempDir())
	for i := range 3 {
		create(t, s, fmt.Sprintf("account%d", i), 0)
	}
	all, err := s.Changes(t.Context(), 0)
	if err != nil || len(all.Accounts) != 3 || len(all.Users) != 3 || len(all.Keys) != 3 {
		t.Fatalf("%+v, error %v", all, err)
	}
	none, err := s.Changes(t.Context(), all.Revision)
	if err != nil || len(none.Accounts)+len(none.Users)+len(none.Keys) != 0 || none.Revision != all.Revision {
		t.Errorf("%+v, error %v", none, err)
	}
	if err := s.ChangeAccount(t.Context(), deed("account suspend"), 2, func(a *sms.Account) error { a.Suspended = true; return nil }); err != nil {
		t.Fatal(err)
	}
	news, err := s.Changes(t.Context(), all.Revision)
	if err != nil || len(news.Accounts) != 1 || !news.Accounts[0].Suspended || len(news.Keys) != 0 || news.Revision <= all.Revision {
		t.Errorf("%+v, error %v", news, err)
	}
}
