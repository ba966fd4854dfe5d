package ratelimit

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// ledger is a Cluster in memory, by the clock of the test: one for each process, over the same rows.
type ledger struct {
	all  *rows
	mine int
}

type rows struct {
	mu     sync.Mutex
	nodes  int
	claims map[int][]store.RateClaim
	at     map[int]time.Time
}

func (l ledger) Rates(_ context.Context, _ []string, settle func(map[string]store.RateClaim, int) []store.RateClaim) error {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	others := map[string]store.RateClaim{}
	for node, claims := range l.all.claims {
		if node == l.mine || time.Since(l.all.at[node]) > 5*time.Second {
			continue
		}
		for _, c := range claims {
			o := others[c.Credential]
			o.Minute, o.Second, o.Used, o.Demand = o.Minute+c.Minute, o.Second+c.Second, o.Used+c.Used, o.Demand+c.Demand
			others[c.Credential] = o
		}
	}
	l.all.claims[l.mine], l.all.at[l.mine] = settle(others, l.all.nodes), time.Now()
	return nil
}

// play lets some processes live for three minutes of virtual time. Every 10 ms, rate says how often each is asked.
func play(t *testing.T, nodes int, plan sms.Plan, rate func(node int, at time.Duration) int) (allowed []time.Time) {
	all := &rows{nodes: nodes, claims: map[int][]store.RateClaim{}, at: map[int]time.Time{}}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	limiters := make([]*Limiter, nodes)
	for i := range limiters {
		limiters[i] = New(nil).Among(ledger{all, i}, slog.New(slog.DiscardHandler))
		running.Go(func() { _ = limiters[i].Run(ctx) })
		synctest.Wait()
		time.Sleep(137 * time.Millisecond) // they do not tick together
	}
	started := time.Now()
	for at := time.Duration(0); at < 3*time.Minute; at = time.Since(started) {
		for i, l := range limiters {
			for range rate(i, at) {
				if l.Take("key", plan).Allowed {
					allowed = append(allowed, time.Now())
				}
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	running.Wait()
	return allowed
}

// most is the largest number within any span.
func most(allowed []time.Time, span time.Duration) (n int) {
	first := 0
	for i, at := range allowed {
		for at.Sub(allowed[first]) >= span {
			first++
		}
		n = max(n, i-first+1)
	}
	return n
}

// steady are those that ask for more than the plan all the time.
var steady = map[string]bool{"all at one": true, "the same at all": true, "nine to one": true}

func TestProcessesTogetherKeepToThePlan(t *testing.T) {
	for name, rate := range map[string]func(int, time.Duration) int{
		"all at one":      func(node int, _ time.Duration) int { return 1 - min(node, 1) },
		"the same at all": func(int, time.Duration) int { return 1 },
		"nine to one":     func(node int, at time.Duration) int { return 1 - min(node, 1)*min(1, int(at/(10*time.Millisecond))%9) },
		"from one to the next": func(node int, at time.Duration) int {
			if int(at/(7*time.Second))%2 == min(node, 1) {
				return 2
			}
			return 0
		},
		"in bursts": func(int, time.Duration) int { return max(0, rand.IntN(200)-198) * 50 },
	} {
		for _, plan := range []sms.Plan{{PerMinute: 1000}, {PerMinute: 1000, PerSecond: 50}, {PerSecond: 50}} {
			for _, nodes := range []int{1, 2, 3} {
				t.Run(fmt.Sprintf("%s/%d and %d/%d processes", name, plan.PerMinute, plan.PerSecond, nodes), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { keepsTo(t, nodes, plan, play(t, nodes, plan, rate), steady[name]) })
				})
			}
		}
	}
}

func keepsTo(t *testing.T, nodes int, plan sms.Plan, allowed []time.Time, steady bool) {
	t.Helper()
	over := 21 // a twentieth
	if nodes == 1 {
		over = 20
	}
	if got := most(allowed, time.Minute); plan.PerMinute > 0 && got > plan.PerMinute*over/20 {
		t.Errorf("%d in a minute", got)
	}
	if got := most(allowed, time.Second); plan.PerSecond > 0 && got > plan.PerSecond*over/20 {
		t.Errorf("%d in a second", got)
	}
	limit := plan.PerMinute
	if limit == 0 {
		limit = 60 * plan.PerSecond
	}
	if got := len(allowed); steady && got < 3*limit*8/10 {
		t.Errorf("%d in three minutes, of %d", got, 3*limit)
	}
	t.Logf("%d in three minutes; at most %d in a minute, %d in a second", len(allowed), most(allowed, time.Minute), most(allowed, time.Second))
}

// A process that cannot settle any more keeps to what every process may.
func TestClaimsEndWithTheirTerm(t *testing.T) {
	c := newClock()
	all := &rows{nodes: 2, claims: map[int][]store.RateClaim{}, at: map[int]time.Time{}}
	l := New(c.now).Among(ledger{all, 0}, slog.New(slog.DiscardHandler))
	plan := sms.Plan{PerMinute: 1000}
	l.Take("key", plan)
	if err := l.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		for l.Take("key", plan).Allowed {
			n++
		}
		return n
	}
	if got := count(); got != 50+475-1 {
		t.Errorf("%d with an equal part of the pool", got)
	}
	c.advance(time.Minute)
	if got := count(); got != 50 {
		t.Errorf("%d without a claim, want the 50 of every process", got)
	}
}
