package ratelimit

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Cluster is the processes that share the store. Rates calls settle once, while no other process settles; what it returns
// counts for the others for term at least.
type Cluster interface {
	Rates(ctx context.Context, credentials []string, settle func(others map[string]store.RateClaim, nodes int) []store.RateClaim) error
}

const (
	tick       = time.Second            // between two settlements
	term       = 4 * time.Second        // from the beginning of a settlement, its claims are valid
	pauseLeast = 50 * time.Millisecond  // between two settlements that a new key asks for
	firstWait  = 250 * time.Millisecond // a key that this process does not know yet waits so long to be settled
)

// shared is what a limiter needs to be one of several.
type shared struct {
	cluster Cluster
	log     *slog.Logger
	nodes   atomic.Int64 // that divide the limits, as last told; 0: not told yet
	wanted  chan struct{}
	settled atomic.Pointer[chan struct{}] // closed at the end of the next settlement
}

// lease is what this process may let through of a key, beyond what every process may.
type lease struct {
	minute, second int
	until          time.Duration
	plan           sms.Plan
	others         int     // requests of the last minute at other processes, as last told
	asked          int     // requests since counted
	demand         float64 // requests a second, of late
	counted        time.Duration
	known          bool // it was settled
}

// Among makes a limiter one of several that share a store: together they let through at most a twentieth more than the
// plan allows. Called before Take and Run.
func (l *Limiter) Among(c Cluster, log *slog.Logger) *Limiter {
	l.shared = &shared{cluster: c, log: log, wanted: make(chan struct{}, 1)}
	next := make(chan struct{})
	l.shared.settled.Store(&next)
	return l
}

// want asks for a settlement before the next tick.
func (s *shared) want() {
	select {
	case s.wanted <- struct{}{}:
	default:
	}
}

// Run settles with the other processes every second, and at once for a new key, until ctx ends.
func (l *Limiter) Run(ctx context.Context) error {
	if l.shared == nil {
		<-ctx.Done()
		return nil
	}
	every := time.NewTicker(tick)
	defer every.Stop()
	for {
		if err := l.settle(ctx); err != nil && ctx.Err() == nil {
			l.shared.log.Warn("this node's part of the rate limits is not renewed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pauseLeast):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		case <-l.shared.wanted:
		}
	}
}

// base is what each process may let through of a limit without a claim: a tenth for all together, but at least one.
func base(limit, nodes int) int { return min(limit, max(1, limit/(10*nodes))) }

// pool is what the processes claim parts of: with the bases it is at most a twentieth over the limit.
func pool(limit, nodes int) int { return max(0, limit+limit/20-nodes*base(limit, nodes)) }

// local is what of a limit this process may let through now; 0: there is no limit.
func local(limit, claimed, nodes int) int {
	if limit <= 0 || nodes == 1 {
		return limit
	}
	return min(limit, base(limit, nodes)+claimed)
}

// settle renews what this process claims. What shrinks is in use before others can see it, what grows after that.
func (l *Limiter) settle(ctx context.Context) error {
	started := l.now().Sub(l.start)
	ctx, cancel := context.WithTimeout(ctx, term)
	defer cancel()
	var claims []store.RateClaim
	err := l.shared.cluster.Rates(ctx, l.credentials(), func(others map[string]store.RateClaim, nodes int) []store.RateClaim {
		l.shared.nodes.Store(int64(nodes))
		claims = l.claims(others, nodes)
		kept := make([]store.RateClaim, len(claims))
		for i, c := range claims {
			kept[i] = l.shrink(c, nodes)
		}
		return kept
	})
	if err != nil {
		return err
	}
	for _, c := range claims {
		l.with(c.Credential, func(h *history) {
			h.lease.minute, h.lease.second, h.lease.until, h.lease.known = c.Minute, c.Second, started+term, true
		})
	}
	next := make(chan struct{})
	close(*l.shared.settled.Swap(&next))
	return nil
}

// credentials are those that something counts for here.
func (l *Limiter) credentials() (names []string) {
	for i := range l.shard {
		s := &l.shard[i]
		s.mu.Lock()
		s.sweep(l.now().Sub(l.start))
		for name := range s.keys {
			names = append(names, name)
		}
		s.mu.Unlock()
	}
	return names
}

func (l *Limiter) with(credential string, do func(*history)) {
	s := l.shardOf(credential)
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.keys[credential]; h != nil {
		do(h)
	}
}

// claims calculates what this process may have of each key, given what the others have.
func (l *Limiter) claims(others map[string]store.RateClaim, nodes int) (claims []store.RateClaim) {
	for i := range l.shard {
		s := &l.shard[i]
		s.mu.Lock()
		now := l.now().Sub(l.start)
		for name, h := range s.keys {
			theirs := others[name]
			h.lease.count(now)
			h.lease.others = theirs.Used
			claims = append(claims, store.RateClaim{Credential: name, Demand: h.lease.demand,
				Minute: h.lease.part(h.lease.plan.PerMinute, theirs.Minute, theirs.Demand, nodes),
				Second: h.lease.part(h.lease.plan.PerSecond, theirs.Second, theirs.Demand, nodes)})
		}
		s.mu.Unlock()
	}
	return claims
}

// count brings the demand up to date.
func (e *lease) count(now time.Duration) {
	passed := now - e.counted
	switch {
	case e.demand == 0:
		e.demand = float64(max(1, e.asked))
	case passed >= tick/2:
		e.demand = (e.demand + float64(e.asked)/passed.Seconds()) / 2
	default:
		return
	}
	e.asked, e.counted = 0, now
}

// part is this process's part of the pool of a limit: by demand, of which a tenth belongs to all alike, so that one where
// requests begin finds something. A key that is new here gets an equal part at most, until the others' demand is known.
func (e *lease) part(limit, claimed int, demand float64, nodes int) int {
	if limit <= 0 {
		return 0
	}
	all := pool(limit, nodes)
	total := e.demand + demand
	part := float64(all) * (e.demand + 0.1*total/float64(nodes)) / (1.1 * total)
	if !e.known {
		part = min(part, float64(all)/float64(nodes))
	}
	return max(0, min(int(part), all-claimed))
}

// shrink takes a claim into use as far as it is less than the last one, and says what the others must respect: what has
// been let through already counts until it leaves its window.
func (l *Limiter) shrink(c store.RateClaim, nodes int) store.RateClaim {
	l.with(c.Credential, func(h *history) {
		now := l.now().Sub(l.start)
		h.minute.expire(now)
		h.second.expire(now)
		e := &h.lease
		e.minute, e.second = min(e.minute, c.Minute), min(e.second, c.Second)
		c.Used = h.minute.total
		c.Minute = max(c.Minute, h.minute.total-base(e.plan.PerMinute, nodes))
		c.Second = max(c.Second, h.second.total-base(e.plan.PerSecond, nodes))
	})
	return c
}

// share is the plan as far as it is this process's.
func (h *history) share(now time.Duration, plan sms.Plan, nodes int) sms.Plan {
	e := &h.lease
	e.plan = plan
	e.asked++
	if now >= e.until {
		e.minute, e.second = 0, 0
	}
	plan.PerMinute = local(plan.PerMinute, e.minute, nodes)
	plan.PerSecond = local(plan.PerSecond, e.second, nodes)
	return plan
}

// takeShared is take for one of several processes.
func (h *history) takeShared(now time.Duration, plan sms.Plan, nodes int) Decision {
	d := h.take(now, h.share(now, plan, nodes))
	if plan.PerMinute <= 0 {
		return d
	}
	d.Limit = plan.PerMinute
	d.Remaining = max(0, plan.PerMinute-h.minute.total-h.lease.others)
	if !d.Allowed && d.Remaining > 0 {
		d.RetryAfter = min(d.RetryAfter, 2*tick) // the parts are divided anew by then
	}
	return d
}
