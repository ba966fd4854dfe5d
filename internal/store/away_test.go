package store

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
)

// TestDatabaseAway: while PostgreSQL is frozen or gone callers hear so soon, and at once when it is known; when it is back
// everything goes on by itself: outcomes that were waiting are recorded, nothing was adopted, and nothing is charged twice.
func TestDatabaseAway(t *testing.T) {
	for name, away := range map[string]struct {
		leave func(*pgtest.Server)
		back  func(*testing.T, *pgtest.Server)
	}{
		"frozen": {func(s *pgtest.Server) { s.Freeze() }, func(_ *testing.T, s *pgtest.Server) { s.Thaw() }},
		"killed": {func(s *pgtest.Server) { s.Kill() }, func(t *testing.T, s *pgtest.Server) {
			if err := s.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			c := &cluster{t: t, server: server, url: server.URL()}
			a, b := c.node(), c.node()
			ctx, cancel := context.WithCancel(context.Background())
			var living sync.WaitGroup
			for _, n := range []*node{a, b} {
				living.Go(func() { _ = n.Live(ctx, &n.told) })
			}
			defer func() { cancel(); living.Wait() }()
			account := a.account(100)
			m, waits := a.accept(aMessage(account, 1, 10)), a.accept(aMessage(account, 1, 10))
			mark := a.mark(m)
			away.leave(server)
			outcome := make(chan error, 1)
			go func() { outcome <- a.conclude(m, mark, "r") }()
			began := time.Now()
			if err := a.tryAccept(aMessage(account, 1, 10)); sms.CodeOf(err) != sms.Unavailable {
				t.Errorf("accept: %v", err)
			}
			first := time.Since(began)
			eventually(t, "that it is known to be away", a.away.Load)
			began = time.Now()
			if err := a.tryAccept(aMessage(account, 1, 10)); sms.CodeOf(err) != sms.Unavailable {
				t.Errorf("accept: %v", err)
			}
			t.Logf("503 after %v, then after %v", first.Round(time.Millisecond), time.Since(began).Round(time.Microsecond))
			if first > groupLimit+time.Second || time.Since(began) > 100*time.Millisecond {
				t.Error("too late")
			}
			eventually(t, "the fence", func() bool { return !a.MaySend() })
			away.back(t, server)
			if err := <-outcome; err != nil {
				t.Errorf("outcome: %v", err)
			}
			eventually(t, "sending again", func() bool { return a.MaySend() && b.MaySend() })
			eventually(t, "accepting again", func() bool { return a.tryAccept(aMessage(account, 1, 10)) == nil })
			a.mark(waits)
			if n := count(t, b.Store, `SELECT COUNT(*) FROM node`); n != 2 {
				t.Errorf("%d nodes: one has adopted another", n)
			}
			a.report("r")
			a.wantState(m.ID, sms.Delivered)
			a.wantBalance(account, 90, 10*sms.Money(count(t, a.Store, `SELECT COUNT(*) FROM message WHERE state = 2`)))
		})
	}
}
