package ratelimit

import (
	"log/slog"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// TestTwoNodesOnOneDatabase asks two nodes for more than the plan for three minutes of the test's clock: first one gets
// all requests, then both, then the other.
func TestTwoNodesOnOneDatabase(t *testing.T) {
	server := pgtest.Start(t, "fsync=off")
	c := newClock()
	var nodes [2]*Limiter
	for i := range nodes {
		s, err := store.Open(t.Context(), store.Options{URL: server.URL(), Secret: []byte("the secret of two nodes in a test")})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := s.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		nodes[i] = New(c.now).Among(s, slog.New(slog.DiscardHandler))
	}
	plan := sms.Plan{PerMinute: 1200, PerSecond: 50}
	var allowed []time.Time
	var first int
	for second := range 180 {
		for _, l := range nodes {
			if err := l.settle(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			for i, l := range nodes {
				if asked := second < 60 && i == 0 || second >= 60 && second < 120 || second >= 120 && i == 1; asked {
					if d, _ := l.take("key", plan); d.Allowed {
						allowed = append(allowed, c.at)
					}
				}
			}
			c.advance(10 * time.Millisecond)
		}
		if second == 59 {
			first = len(allowed)
		}
	}
	if got := most(allowed, time.Minute); got > 1260 {
		t.Errorf("%d in a minute", got)
	}
	if got := most(allowed, time.Second); got > 52 {
		t.Errorf("%d in a second", got)
	}
	if first < 960 || len(allowed) < 3*960 {
		t.Errorf("one node let %d through in a minute, both %d in three", first, len(allowed))
	}
	t.Logf("one node alone: %d of 1200; in three minutes %d; at most %d in a minute, %d in a second", first, len(allowed), most(allowed, time.Minute), most(allowed, time.Second))
}
