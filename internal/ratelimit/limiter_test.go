package ratelimit

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

type clock struct{ at time.Time }

func newClock() *clock                    { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }
func (c *clock) now() time.Time           { return c.at }
func (c *clock) advance(by time.Duration) { c.at = c.at.Add(by) }

var production = sms.Plan{Name: "production", PerMinute: 1000, PerSecond: 50}

// oracle keeps every allowed moment and counts them anew each time.
type oracle struct{ allowed []time.Time }

func (o *oracle) within(now time.Time, span time.Duration) (count int, newest time.Time) {
	for _, at := range o.allowed {
		if now.Sub(at) < span {
			count, newest = count+1, at
		}
	}
	return count, newest
}

func (o *oracle) would(now time.Time, plan sms.Plan) bool {
	minute, _ := o.within(now, time.Minute)
	second, _ := o.within(now, time.Second)
	return (plan.PerMinute == 0 || minute < plan.PerMinute) && (plan.PerSecond == 0 || second < plan.PerSecond)
}

func (o *oracle) take(now time.Time, plan sms.Plan) Decision {
	d := Decision{Allowed: o.would(now, plan), Limit: plan.PerMinute}
	if d.Allowed {
		o.allowed = append(o.allowed, now)
	} else {
		d.RetryAfter = o.retry(now, plan)
	}
	if plan.PerMinute > 0 {
		count, newest := o.within(now, time.Minute)
		d.Remaining = max(0, plan.PerMinute-count)
		if count > 0 {
			d.Reset = newest.Add(time.Minute).Sub(now)
		}
	}
	return d
}

// retry tries every moment at which something stops to count.
func (o *oracle) retry(now time.Time, plan sms.Plan) time.Duration {
	best := time.Hour
	for _, at := range o.allowed {
		for _, span := range []time.Duration{time.Second, time.Minute} {
			if when := at.Add(span); when.After(now) && o.would(when, plan) {
				best = min(best, when.Sub(now))
			}
		}
	}
	return best
}

var steps = rapid.OneOf(
	rapid.Just(time.Duration(0)),
	rapid.Map(rapid.Int64Range(0, int64(50*time.Millisecond)), func(ns int64) time.Duration { return time.Duration(ns) }),
	rapid.Map(rapid.Int64Range(0, int64(5*time.Second)), func(ns int64) time.Duration { return time.Duration(ns) }),
	rapid.SampledFrom([]time.Duration{1, time.Second - 1, time.Second, time.Minute - 1, time.Minute}),
)

func TestEqualsNaiveCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := sms.Plan{PerMinute: rapid.IntRange(0, 20).Draw(t, "per minute"), PerSecond: rapid.IntRange(0, 5).Draw(t, "per second")}
		if plan.PerMinute+plan.PerSecond == 0 {
			t.Skip()
		}
		c := newClock()
		l := New(c.now)
		keys := map[string]*oracle{"a": {}, "b": {}}
		for range rapid.IntRange(1, 120).Draw(t, "requests") {
			c.advance(steps.Draw(t, "step"))
			key := rapid.SampledFrom([]string{"a", "a", "a", "b"}).Draw(t, "key")
			got, want := l.Take(key, plan), keys[key].take(c.at, plan)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("at %s (-want +got):\n%s", c.at, diff)
			}
		}
	})
}

// The numbers of the plan change while requests are under way: it is the new ones that hold from then on.
func TestPlanChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, o := newClock(), &oracle{}
		l := New(c.now)
		for range rapid.IntRange(1, 100).Draw(t, "requests") {
			c.advance(steps.Draw(t, "step"))
			plan := sms.Plan{PerMinute: rapid.IntRange(1, 20).Draw(t, "per minute"), PerSecond: rapid.IntRange(1, 5).Draw(t, "per second")}
			if diff := cmp.Diff(o.take(c.at, plan), l.Take("a", plan)); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
		}
	})
}

// Above the exact number a window may keep a request a grain longer, but never lets one more through.
func TestLargeLimitsNeverExceed(t *testing.T) {
	c := newClock()
	l := New(c.now)
	random := rand.New(rand.NewPCG(1, 2))
	const limit = 3 * exact
	plan := sms.Plan{PerMinute: limit}
	var allowed []time.Time
	refused := 0
	for range 6 * limit {
		c.advance(time.Duration(random.Int64N(int64(6 * time.Millisecond))))
		if l.Take("a", plan).Allowed {
			allowed = append(allowed, c.at)
		} else {
			refused++
		}
	}
	for i := limit; i < len(allowed); i++ {
		if gap := allowed[i].Sub(allowed[i-limit]); gap < time.Minute {
			t.Fatalf("%d requests within %s", limit+1, gap)
		}
	}
	// 20,000 a minute are asked for, so that the limit is reached again and again; of what it grants at most one
	// grain a minute may be lost.
	minutes := c.at.Sub(newClock().at).Minutes()
	if got, least := float64(len(allowed)), minutes*limit*0.999; got < least {
		t.Errorf("%.0f allowed, want at least %.0f", got, least)
	}
	if refused == 0 {
		t.Error("the limit was never reached")
	}
	if ring := len(l.shardOf("a").keys["a"].minute.ring); ring > 2*exact {
		t.Errorf("%d entries are kept for one key", ring)
	}
}

func TestProduction(t *testing.T) {
	c := newClock()
	l := New(c.now)
	for i := range 50 {
		if d := l.Take("k", production); !d.Allowed || d.Remaining != 999-i || d.Limit != 1000 || d.Reset != time.Minute || d.RetryAfter != 0 {
			t.Fatalf("request %d: %+v", i, d)
		}
	}
	want := Decision{Limit: 1000, Remaining: 950, Reset: time.Minute, RetryAfter: time.Second}
	if diff := cmp.Diff(want, l.Take("k", production)); diff != "" {
		t.Errorf("the 51st of a second (-want +got):\n%s", diff)
	}
	for range 19 {
		c.advance(time.Second)
		for range 50 {
			l.Take("k", production)
		}
	}
	c.advance(time.Second)
	want = Decision{Limit: 1000, Remaining: 0, Reset: 59 * time.Second, RetryAfter: 40 * time.Second}
	if diff := cmp.Diff(want, l.Take("k", production)); diff != "" {
		t.Errorf("the 1,001st of a minute (-want +got):\n%s", diff)
	}
	if d := l.Take("other", production); !d.Allowed {
		t.Error("one key takes from another")
	}
}

func TestNoLimit(t *testing.T) {
	l := New(nil)
	for range 1000 {
		if diff := cmp.Diff(Decision{Allowed: true}, l.Take("k", sms.Plan{Name: "unlimited"})); diff != "" {
			t.Fatal(diff)
		}
	}
	if n := len(l.shardOf("k").keys); n != 0 {
		t.Errorf("%d keys are kept for nothing", n)
	}
	d := l.Take("k", sms.Plan{PerSecond: 1})
	if want := (Decision{Allowed: true}); d != want {
		t.Errorf("without a minute rule there is nothing to tell: %+v", d)
	}
}

func TestClockGoesBack(t *testing.T) {
	c := newClock()
	l := New(c.now)
	plan := sms.Plan{PerMinute: 3}
	for range 3 {
		l.Take("k", plan)
		c.advance(-time.Second)
	}
	if d := l.Take("k", plan); d.Allowed || d.RetryAfter <= 0 {
		t.Errorf("a clock that goes back gave one more: %+v", d)
	}
	c.advance(2 * time.Minute)
	if d := l.Take("k", plan); !d.Allowed {
		t.Errorf("and never again: %+v", d)
	}
}

func TestIdleKeysAreForgotten(t *testing.T) {
	c := newClock()
	l := New(c.now)
	for i := range 10_000 {
		l.Take(fmt.Sprint(i), production)
	}
	c.advance(time.Minute)
	for i := range 1000 { // reaches every shard
		l.Take(fmt.Sprint("later ", i), production)
	}
	kept := 0
	for i := range l.shard {
		kept += len(l.shard[i].keys)
	}
	if kept != 1000 {
		t.Errorf("%d keys are kept, want the 1000 in use", kept)
	}
}

func TestMemoryOfABurstIsGivenBack(t *testing.T) {
	c := newClock()
	l := New(c.now)
	for range 1000 {
		l.Take("k", sms.Plan{PerMinute: 1000})
	}
	c.advance(time.Minute)
	l.Take("k", sms.Plan{PerMinute: 1000})
	if n := len(l.shardOf("k").keys["k"].minute.ring); n > small {
		t.Errorf("%d entries are kept after the burst", n)
	}
}

func TestConcurrentTake(t *testing.T) {
	l := New(nil)
	plan := sms.Plan{PerMinute: 1000}
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				if l.Take("shared", plan).Allowed {
					allowed.Add(1)
				}
				l.Take(fmt.Sprint(i), plan)
			}
		})
	}
	all.Wait()
	if allowed.Load() != 1000 {
		t.Errorf("%d allowed, want exactly 1000", allowed.Load())
	}
}

func BenchmarkTake(b *testing.B) {
	for name, plan := range map[string]sms.Plan{
		"allowed": {PerMinute: 1 << 30, PerSecond: 1 << 30}, "refused": {PerMinute: 1000, PerSecond: 50}, "unlimited": {},
	} {
		b.Run(name, func(b *testing.B) {
			l := New(nil)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l.Take("AbCdEfGhIjKl", plan)
				}
			})
		})
	}
}
