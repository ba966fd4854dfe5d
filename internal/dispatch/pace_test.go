package dispatch

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// strict is a carrier that takes so many parts in each second of its clock and refuses the others.
func strict(w *world, n int) func(*sms.Message, int) Answer {
	var second time.Time
	taken := 0
	return func(*sms.Message, int) Answer {
		w.wire.mu.Lock()
		defer w.wire.mu.Unlock()
		if now := time.Now().Truncate(time.Second); !now.Equal(second) {
			second, taken = now, 0
		}
		if taken++; taken > n {
			return Answer{Verdict: Throttled, Code: "0x00000058"}
		}
		return Answer{Verdict: Accepted, Ref: "r"}
	}
}

// bucket is a carrier with tokens: n a second, a tenth of a second's at once.
func bucket(w *world, n int) func(*sms.Message, int) Answer {
	p := newPace()
	return func(*sms.Message, int) Answer {
		w.wire.mu.Lock()
		defer w.wire.mu.Unlock()
		if p.takeAt(1, float64(n), time.Now()) > 0 {
			return Answer{Verdict: Throttled, Code: "0x00000014"}
		}
		return Answer{Verdict: Accepted, Ref: "r"}
	}
}

// A carrier that allows so many a second and refuses the others gets nine tenths of that at least, and hardly more,
// whatever the address says.
func TestPaceOfACarrier(t *testing.T) {
	type carrier = func(*world, int) func(*sms.Message, int) Answer
	for _, test := range []struct {
		name                                 string
		carrier                              carrier
		allows, window, sessions, throughput int
		latency                              time.Duration
	}{
		{"a few", strict, 20, 10, 1, 0, 20 * time.Millisecond},
		{"by seconds", strict, 100, 10, 1, 0, 20 * time.Millisecond},
		{"far away", strict, 100, 100, 1, 0, 300 * time.Millisecond},
		{"many sessions", strict, 200, 20, 4, 0, 20 * time.Millisecond},
		{"configured too high", strict, 100, 50, 2, 1000, 20 * time.Millisecond},
		{"configured right", strict, 100, 50, 2, 90, 20 * time.Millisecond},
		{"tokens", bucket, 100, 50, 1, 0, 20 * time.Millisecond},
		{"fast", strict, 1000, 100, 2, 0, 10 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				answer := test.carrier(w, test.allows)
				for range test.sessions {
					s := w.session(test.window)
					s.latency, s.answer = test.latency, answer
					w.serve(s, ServeOptions{Throughput: test.throughput})
				}
				const span = 2 * time.Minute
				w.store.accept(messages(1, test.allows*140)...)
				time.Sleep(span)
				tries, taken := len(w.wire.all()), w.store.counts()[sms.Sent]
				refused := tries - taken
				t.Logf("%.1f %% of what the carrier allows, %.2f %% refused", 100*float64(taken)/float64(test.allows)/span.Seconds(), 100*float64(refused)/float64(tries))
				allows := test.allows
				if test.throughput > 0 {
					allows = min(allows, test.throughput)
				}
				if want := 0.9 * float64(allows) * span.Seconds(); float64(taken) < want {
					t.Errorf("%d taken in %v, want %.0f at least", taken, span, want)
				}
				if refused > tries*3/100 {
					t.Errorf("%d of %d were refused", refused, tries)
				}
				w.wantOrder()
				w.cancel()
				w.end()
			})
		})
	}
}

// After a time in which the carrier refused everything it gets all that its address allows again.
func TestPaceRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.session(50)
		answer := strict(w, 0)
		s.answer = func(m *sms.Message, part int) Answer { return answer(m, part) }
		w.serve(s, ServeOptions{Throughput: 100})
		w.store.accept(messages(1, 40_000)...)
		time.Sleep(30 * time.Second)
		if n := len(w.wire.all()); n > 200 || n < 20 {
			t.Errorf("%d tries in half a minute of a carrier that takes nothing", n)
		}
		if p := w.Pace(1); !p.Slowed || p.Limit > 2 || p.Throttled == 0 || p.Taken != 0 {
			t.Errorf("%+v", p)
		}
		w.wire.mu.Lock()
		answer = strict(w, math.MaxInt)
		w.wire.mu.Unlock()
		time.Sleep(2 * time.Minute)
		before := len(w.wire.all())
		time.Sleep(30 * time.Second)
		if n := len(w.wire.all()) - before; n < 30*95 || n > 30*110 {
			t.Errorf("%d in half a minute, after it, at 100 a second", n)
		}
		if p := w.Pace(1); p.Slowed || p.Limit != 100 || p.Taken < 90 || p.Taken > 111 {
			t.Errorf("%+v", p)
		}
		w.cancel()
		w.end()
	})
}

// The throughput is of all sessions together; those that are away leave theirs to the others, and none is left out.
func TestThroughputOfAllSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		passes := w.session(50)
		for range 3 {
			w.serve(w.session(50), ServeOptions{Throughput: 60})
		}
		w.serve(passes, ServeOptions{Throughput: 60})
		w.store.accept(messages(1, 2000)...)
		time.Sleep(10 * time.Second)
		passes.lose()
		time.Sleep(10 * time.Second)
		all := w.wire.all()
		checkRate(t, all, 60, 1)
		by := map[*fakeSession]int{}
		for _, one := range all {
			by[one.session]++
		}
		for s, n := range by {
			if n < 60 {
				t.Errorf("a session wrote %d of %d, gone %v", n, len(all), s.lost())
			}
		}
		if len(all) < 20*60 || len(by) != 4 {
			t.Errorf("%d in 20 s on %d sessions", len(all), len(by))
		}
		w.cancel()
		w.end()
	})
}

// Each session has a limit of its own beside that of the carrier.
func TestSessionThroughput(t *testing.T) {
	for name, test := range map[string]struct{ throughput, session, want int }{
		"of the session": {0, 10, 30}, "of the carrier": {20, 10, 20}, "both": {30, 10, 30},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				for range 3 {
					w.serve(w.session(50), ServeOptions{Throughput: test.throughput, Session: test.session})
				}
				w.store.accept(messages(1, 2000)...)
				time.Sleep(20 * time.Second)
				all := w.wire.all()
				by := map[*fakeSession][]written{}
				for _, one := range all {
					by[one.session] = append(by[one.session], one)
				}
				for _, of := range by {
					if test.want == 3*test.session {
						checkRate(t, of, test.session, 1)
					} else if n := len(of); n > 21*test.session {
						t.Errorf("%d in 20 s at %d a second", n, test.session)
					}
				}
				if n := len(all); n < test.want*19 || n > test.want*21+10 {
					t.Errorf("%d in 20 s, want %d a second", n, test.want)
				}
				w.cancel()
				w.end()
			})
		})
	}
}

// What left before a cut and is refused after it is no reason for another.
func TestOneCutForAWindow(t *testing.T) {
	p, now := newPace(), time.Now()
	p.answered(100, 0, 0, now)
	for range 50 {
		p.answered(0, 1, 0, now)
	}
	if p.cuts.Load() != 1 || p.many.Load() != 50 || p.cut < 80 || p.cut > 100 {
		t.Errorf("%d cuts, to %v", p.cuts.Load(), p.cut)
	}
	p.answered(0, 1, 1, now)
	if p.cuts.Load() != 2 {
		t.Errorf("%d cuts", p.cuts.Load())
	}
}

// Never faster than the address says, never so slow that nothing leaves.
func TestPaceHasBounds(t *testing.T) {
	p, now := newPace(), time.Now()
	p.configure(50)
	for i := range 1000 {
		now = now.Add(time.Duration(i) * 10 * time.Millisecond)
		p.answered(i%90, i%7, p.cuts.Load(), now)
		if got := p.allowed(1, now); got < slowestPace || got > 50 {
			t.Fatalf("step %d: %v a second", i, got)
		}
	}
	if wait := p.take(1, 1, now); wait > longestDebt+time.Second {
		t.Errorf("nothing leaves for %v", wait)
	}
}

func TestMeter(t *testing.T) {
	var m meter
	now := time.UnixMilli(1_700_000_000_050)
	var rates []string
	for i := range 40 {
		if i < 20 {
			m.add(5, now)
		}
		if i%5 == 4 {
			rates = append(rates, fmt.Sprintf("%.0f", m.rate(now)))
		}
		now = now.Add(100 * time.Millisecond)
	}
	if want := []string{"24", "48", "52", "52", "29", "5", "0", "0"}; !slices.Equal(rates, want) {
		t.Errorf("%v, want %v", rates, want)
	}
}
