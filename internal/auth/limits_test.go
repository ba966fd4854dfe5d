package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

func (w *world) fail(t *testing.T, times int, from string) {
	t.Helper()
	for i := range times {
		_, err := w.basic("demo", fmt.Sprintf("wrong %d", i), from)
		wantCode(t, err, sms.Unauthenticated)
	}
}

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*sms.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

func TestLimitedAfterTenFailures(t *testing.T) {
	w := newWorld(t)
	w.fail(t, maxFailures, home)
	w.now = w.now.Add(20 * time.Second)
	for _, password := range []string{"wrong", w.password} { // nobody can tell: nothing was hashed
		_, err := w.basic("demo", password, home)
		wantCode(t, err, sms.Limited)
		if got := retryAfter(err); got != 40*time.Second {
			t.Errorf("RetryAfter is %s, want 40s", got)
		}
	}
	_, err := w.basic("nobody", "wrong", home)
	wantCode(t, err, sms.Limited)
	if w.hashes.Load() != maxFailures {
		t.Errorf("%d hashes, want %d", w.hashes.Load(), maxFailures)
	}
}

func TestFailuresSlide(t *testing.T) {
	w := newWorld(t)
	w.fail(t, 1, home)
	w.now = w.now.Add(30 * time.Second)
	w.fail(t, maxFailures-1, home)
	w.now = w.now.Add(30*time.Second - 1)
	_, err := w.basic("demo", "x", home)
	wantCode(t, err, sms.Limited)
	w.now = w.now.Add(1) // the first is a minute old: one more, not ten
	w.fail(t, 1, home)
	_, err = w.basic("demo", "x", home)
	wantCode(t, err, sms.Limited)
	w.now = w.now.Add(time.Minute)
	w.fail(t, maxFailures, home)
}

// Who has an account must not win more guesses by signing in between them.
func TestSuccessDoesNotForgiveFailures(t *testing.T) {
	w := newWorld(t)
	w.fail(t, maxFailures-1, home)
	_, err := w.basic("demo", w.password, home)
	wantCode(t, err, sms.Internal)
	w.fail(t, 1, home)
	_, err = w.basic("demo", "x", home)
	wantCode(t, err, sms.Limited)
}

func TestFailuresCountByNetwork(t *testing.T) {
	for name, test := range map[string]struct {
		from, then string
		limited    bool
	}{
		"same IPv4":       {"192.0.2.1", "192.0.2.1", true},
		"mapped IPv4":     {"192.0.2.1", "::ffff:192.0.2.1", true},
		"next IPv4":       {"192.0.2.1", "192.0.2.2", false},
		"same /64":        {"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
		"next /64":        {"2001:db8::1", "2001:db8:0:1::1", false},
		"zones":           {"fe80::1%eth0", "fe80::1%eth1", true},
		"mapped is no 64": {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.fail(t, maxFailures, test.from)
			_, err := w.basic("demo", w.password, test.then)
			want := sms.Internal
			if test.limited {
				want = sms.Limited
			}
			wantCode(t, err, want)
		})
	}
}

// What needs no hash passes although the address is blocked: otherwise whoever shares an address with a customer
// could lock him out.
func TestBlockedAddressKeepsWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	_, err := w.basic("demo", w.password, home)
	wantCode(t, err, sms.Internal)
	w.fail(t, maxFailures, home)
	_, err = w.basic("demo", w.password, home)
	wantCode(t, err, sms.Internal)
	_, err = w.withKey(w.key, home)
	wantCode(t, err, sms.Internal)
	_, err = w.withKey(newValue(w.id), home)
	wantCode(t, err, sms.Unauthenticated)
}

// Names and passwords that are refused unread cost nothing and count nothing.
func TestImplausibleIsNoFailure(t *testing.T) {
	w := newWorld(t)
	for range 2 * maxFailures {
		_, err := w.basic("demo", "\x00", home)
		wantCode(t, err, sms.Unauthenticated)
	}
	_, err := w.basic("demo", w.password, home)
	wantCode(t, err, sms.Internal)
}

func TestFailuresAreBounded(t *testing.T) {
	f := newFailures()
	now := time.Now()
	addr := netip.MustParseAddr("10.0.0.0")
	for range maxAddresses + 1000 {
		addr = addr.Next()
		f.record(addr, now)
	}
	if len(f.from) > maxAddresses {
		t.Errorf("%d addresses, want at most %d", len(f.from), maxAddresses)
	}
	for range maxAddresses / 16 {
		addr = addr.Next()
		f.record(addr, now.Add(failureWindow))
	}
	if len(f.from) > maxAddresses/4 {
		t.Errorf("%d addresses although all but %d are past", len(f.from), maxAddresses/16)
	}
}

// slow makes hashing wait for a token of the answer, and counts how many run at once.
func (w *world) slow() (release chan struct{}, most func() int) {
	release = make(chan struct{})
	var mu sync.Mutex
	running, peak := 0, 0
	hash := w.auth.verify
	w.auth.verify = func(stored, password string) bool {
		mu.Lock()
		running++
		peak = max(peak, running)
		mu.Unlock()
		<-release
		mu.Lock()
		running--
		mu.Unlock()
		return hash(stored, password)
	}
	return release, func() int { mu.Lock(); defer mu.Unlock(); return peak }
}

// each runs n attempts at once and answers their errors when all are done.
func each(n int, attempt func(i int) error) (wait func() []error) {
	var all sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		all.Go(func() { errs[i] = attempt(i) })
	}
	return func() []error { all.Wait(); return errs }
}

func count(errs []error) map[sms.Code]int {
	codes := map[sms.Code]int{}
	for _, err := range errs {
		codes[sms.CodeOf(err)]++ // nil counts as Internal
	}
	return codes
}

func host(i int) string { return fmt.Sprintf("203.0.113.%d", i) }

func TestOneHashAtATimeAndThirtyTwoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		release, most := w.slow()
		wait := each(1+maxWaiting, func(i int) error {
			_, err := w.basic("demo", fmt.Sprint("guess ", i), host(i))
			return err
		})
		synctest.Wait()
		_, err := w.basic("demo", "one too many", host(200))
		wantCode(t, err, sms.Unavailable)
		if retryAfter(err) <= 0 {
			t.Error("Unavailable without RetryAfter")
		}
		if _, err = w.withKey(w.key, home); err != nil {
			t.Errorf("a key waited: %v", err)
		}
		close(release)
		if codes := count(wait()); codes[sms.Unauthenticated] != 1+maxWaiting {
			t.Errorf("got classes %v", codes)
		}
		if most() != 1 {
			t.Errorf("%d hashes ran at once", most())
		}
		_, err = w.basic("demo", w.password, home)
		wantCode(t, err, sms.Internal)
	})
}

// A steady client never waits, however many guess.
func TestCachedSuccessNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, err := w.basic("demo", w.password, home)
		wantCode(t, err, sms.Internal)
		release, _ := w.slow()
		wait := each(1+maxWaiting, func(i int) error {
			_, err := w.basic("demo", fmt.Sprint("guess ", i), host(i))
			return err
		})
		synctest.Wait()
		for range 10 {
			w.now = w.now.Add(4 * time.Minute)
			_, err := w.basic("demo", w.password, home)
			wantCode(t, err, sms.Internal)
		}
		close(release)
		wait()
	})
}

// A client that opens many connections at once is hashed once, and none of them is refused.
func TestSamePasswordIsHashedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		release, _ := w.slow()
		wait := each(200, func(int) error {
			_, err := w.basic("demo", w.password, home)
			return err
		})
		synctest.Wait()
		close(release)
		if codes := count(wait()); codes[sms.Internal] != 200 || w.hashes.Load() != 1 {
			t.Errorf("%d hashes, classes %v; want one hash and 200 let in", w.hashes.Load(), codes)
		}
	})
}

// Guesses sent at once win nothing over guesses sent one by one.
func TestGuessesAtOnceAreLimited(t *testing.T) {
	for name, password := range map[string]func(int) string{
		"different": func(i int) string { return fmt.Sprint("guess ", i) },
		"the same":  func(int) string { return "guess" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				release, _ := w.slow()
				wait := each(maxWaiting, func(i int) error {
					_, err := w.basic("demo", password(i), home)
					return err
				})
				synctest.Wait()
				close(release)
				wait()
				if w.hashes.Load() > maxFailures {
					t.Errorf("%d hashes, want at most %d", w.hashes.Load(), maxFailures)
				}
				_, err := w.basic("demo", w.password, home)
				wantCode(t, err, sms.Limited)
			})
		})
	}
}

// One who goes away while he waits, or who leads others, takes nobody with him.
func TestGoneCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		release, _ := w.slow()
		busy := each(1, func(int) error { _, err := w.basic("demo", "guess", host(1)); return err })
		synctest.Wait()
		ctx, cancel := context.WithCancel(context.Background())
		addr := netip.MustParseAddr(home)
		leader := each(1, func(int) error {
			_, err := w.auth.Authenticate(ctx, basic("demo", w.password), addr)
			return err
		})
		synctest.Wait()
		followers := each(5, func(int) error { _, err := w.basic("demo", w.password, home); return err })
		gone := each(5, func(int) error { _, err := w.auth.Authenticate(ctx, basic("demo", w.password), addr); return err })
		synctest.Wait()
		cancel()
		if codes := count(append(leader(), gone()...)); codes[sms.Unavailable] != 6 {
			t.Errorf("who went away got classes %v", codes)
		}
		close(release)
		if codes := count(followers()); codes[sms.Internal] != 5 {
			t.Errorf("who stayed got classes %v", codes)
		}
		busy()
		if w.auth.hasher.waiting.Load() != 0 || len(w.auth.flights.now) != 0 {
			t.Errorf("%d still wait, %d flights", w.auth.hasher.waiting.Load(), len(w.auth.flights.now))
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	w := newWorld(t)
	wait := each(8, func(i int) error {
		for n := range 200 {
			_, _ = w.basic("demo", w.password, home)
			_, _ = w.basic("demo", fmt.Sprint(i, n), host(i))
			if _, err := w.withKey(w.key, home); err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range wait() {
		wantCode(t, err, sms.Internal)
	}
}
