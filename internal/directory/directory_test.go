package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

// fakeSource answers from a log of changes, as a store would from its versions.
type fakeSource struct {
	mu    sync.Mutex
	log   []Changes // the revision of log[i] is i+1
	err   error
	since []int64 // what was asked
}

func (s *fakeSource) add(c Changes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, c)
}

func (s *fakeSource) Changes(_ context.Context, since int64) (all Changes, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = append(s.since, since)
	for _, c := range s.log[since:] {
		all.Accounts = append(all.Accounts, c.Accounts...)
		all.Users = append(all.Users, c.Users...)
		all.Keys = append(all.Keys, c.Keys...)
		all.Prices = append(all.Prices, c.Prices...)
		all.Carriers = append(all.Carriers, c.Carriers...)
		all.Senders = append(all.Senders, c.Senders...)
		all.Rules = append(all.Rules, c.Rules...)
	}
	all.Revision = int64(len(s.log))
	return all, s.err
}

func refresh(t *testing.T, d *Directory) {
	t.Helper()
	if err := d.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func account(id sms.AccountID, name string) sms.Account { return sms.Account{ID: id, Name: name} }

func price(of sms.AccountID, prefix string, part sms.Money) PriceChange {
	return PriceChange{Price: sms.Price{Account: of, Prefix: prefix, Part: part}}
}

func TestRefreshIsIncremental(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	if _, ok := d.Account(1); ok {
		t.Fatal("an account before the first refresh")
	}
	source.add(Changes{Accounts: []sms.Account{account(1, "one"), account(2, "two")},
		Users: []sms.User{{Name: "ann", Account: 1}}, Keys: []sms.Key{{ID: "k1", Account: 1}}})
	source.add(Changes{Accounts: []sms.Account{account(3, "three")}})
	refresh(t, d)
	source.add(Changes{Accounts: []sms.Account{{ID: 2, Name: "two", Suspended: true}}, Keys: []sms.Key{{ID: "k2", Account: 2}}})
	refresh(t, d)
	refresh(t, d)
	if diff := cmp.Diff([]int64{0, 2, 3}, source.since); diff != "" {
		t.Errorf("asked since (-want +got):\n%s", diff)
	}
	for id, want := range map[sms.AccountID]sms.Account{1: account(1, "one"), 2: {ID: 2, Name: "two", Suspended: true}, 3: account(3, "three")} {
		byID, _ := d.Account(id)
		named, _ := d.AccountNamed(want.Name)
		if byID == nil || byID != named || !cmp.Equal(*byID, want) {
			t.Errorf("account %d is %+v and by name %+v, want %+v", id, byID, named, want)
		}
	}
	if u, ok := d.User("ann"); !ok || u.Account != 1 {
		t.Errorf("user is %+v", u)
	}
	for id, account := range map[string]sms.AccountID{"k1": 1, "k2": 2} {
		if k, ok := d.Key(id); !ok || k.Account != account {
			t.Errorf("key %s is %+v", id, k)
		}
	}
	for _, found := range []bool{second(d.Account(9)), second(d.AccountNamed("ONE")), second(d.User("bob")), second(d.Key("k9")), second(d.DefaultCarrier())} {
		if found {
			t.Error("something that nobody made was found")
		}
	}
}

func second[T any](_ T, ok bool) bool { return ok }

func TestSnapshotsDoNotChange(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	source.add(Changes{Accounts: []sms.Account{account(1, "one")}, Keys: []sms.Key{{ID: "k"}}, Carriers: []CarrierChange{{Carrier: sms.Carrier{ID: 1, Name: "a"}}}})
	refresh(t, d)
	oldAccount, _ := d.Account(1)
	oldKey, _ := d.Key("k")
	oldCarriers := d.Carriers()
	source.add(Changes{Accounts: []sms.Account{{ID: 1, Name: "one", Suspended: true}}, Keys: []sms.Key{{ID: "k", Revoked: time.Now()}},
		Carriers: []CarrierChange{{Carrier: sms.Carrier{ID: 1, Name: "b"}}}})
	refresh(t, d)
	if oldAccount.Suspended || !oldKey.Revoked.IsZero() || oldCarriers[0].Name != "a" {
		t.Error("a snapshot changed under its reader")
	}
	if a, _ := d.Account(1); !a.Suspended {
		t.Error("the change is not seen")
	}
}

func TestNamesAreSwapped(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	source.add(Changes{Accounts: []sms.Account{account(1, "a"), account(2, "b"), account(3, "c")}})
	refresh(t, d)
	source.add(Changes{Accounts: []sms.Account{account(1, "b"), account(2, "a"), account(3, "d")}})
	refresh(t, d)
	for name, want := range map[string]sms.AccountID{"b": 1, "a": 2, "d": 3} {
		if a, ok := d.AccountNamed(name); !ok || a.ID != want {
			t.Errorf("account named %s is %+v, want %d", name, a, want)
		}
	}
	if _, ok := d.AccountNamed("c"); ok {
		t.Error("an old name still leads somewhere")
	}
}

func TestCarriers(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	change := func(id sms.CarrierID, name string, isDefault, removed bool) CarrierChange {
		return CarrierChange{Carrier: sms.Carrier{ID: id, Name: name, Default: isDefault}, Removed: removed}
	}
	steps := []struct {
		changes []CarrierChange
		names   []string
		def     string
	}{
		{[]CarrierChange{change(2, "b", false, false), change(1, "a", false, false)}, []string{"a", "b"}, ""},
		{[]CarrierChange{change(3, "c", true, false)}, []string{"a", "b", "c"}, "c"},
		{[]CarrierChange{change(3, "c", false, false), change(2, "b", true, false)}, []string{"a", "b", "c"}, "b"},
		{[]CarrierChange{change(2, "b", true, true)}, []string{"a", "c"}, ""},
		{[]CarrierChange{change(9, "never seen", true, true)}, []string{"a", "c"}, ""},
		{[]CarrierChange{change(1, "a", false, true), change(4, "a", true, false)}, []string{"c", "a"}, "a"},
	}
	for i, step := range steps {
		source.add(Changes{Carriers: step.changes})
		refresh(t, d)
		var names []string
		for _, c := range d.Carriers() {
			names = append(names, c.Name)
		}
		def, ok := d.DefaultCarrier()
		if diff := cmp.Diff(step.names, names); diff != "" || def.Name != step.def || ok != (step.def != "") {
			t.Errorf("step %d: default %q, carriers (-want +got):\n%s", i, def.Name, diff)
		}
	}
}

func TestPartPrice(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	source.add(Changes{Prices: []PriceChange{
		price(0, "39", 10), price(0, "393", 11), price(0, "3", 5), price(0, "", 90), price(0, "393401234567", 12),
		price(7, "393", 20), price(7, "39340", 0), price(8, "", 30), price(0, "0", 1), price(0, "00", 2), price(0, "x", 3),
		price(0, "1234567890123456", 4), price(0, "+39", 6), price(0, "-3", 7),
	}})
	refresh(t, d)
	for _, test := range []struct {
		account sms.AccountID
		to      sms.Number
		want    sms.Money
	}{
		{1, 390612345678, 10}, {1, 393331234567, 11}, {1, 393401234567, 12}, {1, 3934012345678, 12}, {1, 33612345678, 5}, {1, 4915112345678, 90},
		{7, 393331234567, 20}, {7, 393401234567, 0}, {7, 390612345678, 10}, {7, 4915112345678, 90},
		{8, 393401234567, 30}, {1, 999999999999999, 90}, {1, 0, 90},
	} {
		if got := d.PartPrice(test.account, test.to); got != test.want {
			t.Errorf("PartPrice(%d, %s) = %d, want %d", test.account, test.to, got, test.want)
		}
	}
	removed := price(0, "", 0)
	removed.Removed = true
	mine := price(8, "", 0)
	mine.Removed = true
	source.add(Changes{Prices: []PriceChange{removed, mine, {Price: sms.Price{Account: 99, Prefix: "1"}, Removed: true}}})
	refresh(t, d)
	if a, b := d.PartPrice(1, 4915112345678), d.PartPrice(8, 393401234567); a != 0 || b != 12 {
		t.Errorf("after removal prices are %d and %d, want 0 and 12", a, b)
	}
	if len(d.prices) != 2 {
		t.Errorf("%d lists are kept, want 2", len(d.prices))
	}
}

// The longest prefix, as strings would find it, through changes and removals.
func TestPartPriceEqualsNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := New(&fakeSource{})
		lists := map[sms.AccountID]map[string]sms.Money{0: {}, 1: {}}
		for range rapid.IntRange(0, 30).Draw(t, "changes") {
			change := price(sms.AccountID(rapid.IntRange(0, 1).Draw(t, "list")), rapid.StringMatching(`([1-3][0-3]{0,4})?`).Draw(t, "prefix"),
				sms.Money(rapid.IntRange(0, 999).Draw(t, "part")))
			if change.Removed = rapid.Bool().Draw(t, "removed"); change.Removed {
				delete(lists[change.Account], change.Prefix)
			} else {
				lists[change.Account][change.Prefix] = change.Part
			}
			d.applyPrice(change)
		}
		for account, list := range d.prices {
			sum := 0
			for _, n := range list.count {
				sum += n
			}
			if sum != len(lists[account]) || len(list.parts) != sum {
				t.Fatalf("list %d counts %d prefixes and keeps %d, want %d", account, sum, len(list.parts), len(lists[account]))
			}
		}
		for range 20 {
			digits := rapid.StringMatching(`[1-3][0-3]{6,14}`).Draw(t, "to")
			to, err := sms.ParseNumber(digits)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := d.PartPrice(1, to), naive(lists, digits); got != want {
				t.Fatalf("PartPrice(%s) = %d, want %d", digits, got, want)
			}
		}
	})
}

func naive(lists map[sms.AccountID]map[string]sms.Money, digits string) sms.Money {
	for _, account := range []sms.AccountID{1, 0} {
		prefixes := slices.DeleteFunc(slices.Collect(maps.Keys(lists[account])), func(p string) bool { return !strings.HasPrefix(digits, p) })
		if len(prefixes) > 0 {
			return lists[account][slices.MaxFunc(prefixes, func(a, b string) int { return len(a) - len(b) })]
		}
	}
	return 0
}

func TestPartPriceDoesNotAllocate(t *testing.T) {
	d := New(&fakeSource{})
	d.applyPrice(price(0, "39", 1))
	d.applyPrice(price(1, "44", 1))
	if n := testing.AllocsPerRun(100, func() { d.PartPrice(1, 393401234567) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestChanged(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	first := d.Changed()
	refresh(t, d)
	select {
	case <-first:
		t.Error("told of a change that was none")
	default:
	}
	source.add(Changes{Accounts: []sms.Account{account(1, "one")}})
	refresh(t, d)
	select {
	case <-first:
	default:
		t.Error("not told of a change")
	}
	select {
	case <-d.Changed():
		t.Error("the next channel is closed already")
	default:
	}
}

func TestFailedRefreshChangesNothing(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	source.add(Changes{Accounts: []sms.Account{account(1, "one")}})
	refresh(t, d)
	source.add(Changes{Accounts: []sms.Account{account(2, "two")}})
	source.err = errors.New("away")
	if err := d.Refresh(context.Background()); !errors.Is(err, source.err) || !errors.Is(d.Failure(), source.err) {
		t.Errorf("got %v and Failure %v, want the error of the source", err, d.Failure())
	}
	if _, ok := d.Account(2); ok || d.Revision() != 1 {
		t.Error("a failed refresh changed something")
	}
	source.err = nil
	refresh(t, d)
	if _, ok := d.Account(2); !ok || d.Failure() != nil {
		t.Errorf("after recovery account 2 is known: %v, failure %v", ok, d.Failure())
	}
}

func TestRunSeesChangesWithinASecondAndSurvivesFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &fakeSource{err: errors.New("away")}
		d := New(source)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.Run(ctx) }()
		<-time.After(10 * time.Second) // of the test's own clock
		source.mu.Lock()
		source.err = nil
		source.mu.Unlock()
		changed := d.Changed()
		source.add(Changes{Accounts: []sms.Account{account(1, "one")}})
		before := time.Now()
		<-changed
		if waited := time.Since(before); waited > time.Second {
			t.Errorf("a change was seen after %s", waited)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

// stuckSource never answers until its context ends.
type stuckSource struct{}

func (stuckSource) Changes(ctx context.Context, _ int64) (Changes, error) {
	<-ctx.Done()
	return Changes{}, ctx.Err()
}

func TestRefreshWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(stuckSource{})
		first, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.Refresh(first) }()
		synctest.Wait()
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := d.Refresh(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if _, ok := d.Account(1); ok {
			t.Error("unreachable: readers must not wait for a refresh")
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// What one refresh brings is seen all at once.
func TestConcurrentRefreshAndReads(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	ctx := context.Background()
	const rounds = 300
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			for i := range rounds {
				id := sms.AccountID(1 + w)
				source.add(Changes{Accounts: []sms.Account{account(id, fmt.Sprintf("%d-%d", w, i))}, Prices: []PriceChange{price(id, "39", sms.Money(i))},
					Users: []sms.User{{Name: "u", Account: id}}, Carriers: []CarrierChange{{Carrier: sms.Carrier{ID: 1, Name: fmt.Sprint(i)}}}})
				if err := d.Refresh(ctx); err != nil {
					t.Error(err)
				}
				if a, ok := d.Account(id); !ok || a.Name != fmt.Sprintf("%d-%d", w, i) {
					t.Errorf("after Refresh account %d is %+v", id, a)
				}
			}
		})
	}
	for range 3 {
		readers.Go(func() {
			var last sms.Money
			for {
				select {
				case <-done:
					return
				default:
				}
				if p := d.PartPrice(1, 393401234567); p < last {
					t.Errorf("price went from %d back to %d", last, p)
				} else {
					last = p
				}
				if a, ok := d.Account(2); ok {
					d.AccountNamed(a.Name)
				}
				d.User("u")
				d.Carriers()
				d.DefaultCarrier()
				d.Changed()
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if d.Revision() != 2*rounds {
		t.Errorf("revision %d, want %d", d.Revision(), 2*rounds)
	}
}

// onceSource answers one change at a time over a large directory.
type onceSource struct{ next Changes }

func (s *onceSource) Changes(context.Context, int64) (Changes, error) { return s.next, nil }

func large(tb testing.TB, accounts int) (*Directory, *onceSource) {
	source := &onceSource{next: Changes{Revision: 1}}
	for i := range accounts {
		id := sms.AccountID(i + 1)
		name := fmt.Sprintf("account-%d", i)
		source.next.Accounts = append(source.next.Accounts, account(id, name))
		source.next.Users = append(source.next.Users, sms.User{Name: name, Account: id})
		source.next.Keys = append(source.next.Keys, sms.Key{ID: name, Account: id})
	}
	for i := range 1000 {
		source.next.Prices = append(source.next.Prices, price(0, fmt.Sprint(i+1), 1))
	}
	d := New(source)
	if err := d.Refresh(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return d, source
}

func BenchmarkRefreshOneOf100000(b *testing.B) {
	d, source := large(b, 100_000)
	for b.Loop() {
		source.next = Changes{Revision: source.next.Revision + 1, Accounts: []sms.Account{account(5, "account-4")}}
		if err := d.Refresh(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstRefreshOf100000(b *testing.B) {
	_, source := large(b, 100_000)
	for b.Loop() {
		if err := New(source).Refresh(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPartPrice(b *testing.B) {
	d, _ := large(b, 1)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			d.PartPrice(1, 393401234567)
		}
	})
}

func BenchmarkKey(b *testing.B) {
	d, _ := large(b, 100_000)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			d.Key("account-777")
		}
	})
}
