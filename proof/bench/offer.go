package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/staffetta/staffetta/proof/load"
)

// numbersOfATarget is how many numbers of messages each target has, so that two never get the same.
const numbersOfATarget = 400_000_000

// offered is what came of one load on all targets.
type offered struct {
	began, ended time.Time
	results      []*load.Result // by target
	accepted     int
	latency      load.Histogram
	status       map[int]int
}

// offer loads all targets at once, the connections and the rate divided among them. It goes on where another has ended.
func (m *measurement) offer(ctx context.Context, duration time.Duration, before *offered) (*offered, error) {
	n := len(m.targets)
	results, errs := make([]*load.Result, n), make([]error, n)
	var all sync.WaitGroup
	for i, target := range m.targets {
		plan := load.Plan{Connections: max(m.row.Connections, m.row.Sessions) / n, Rate: m.row.Offered / float64(n), Duration: duration,
			First: uint64(i) * numbersOfATarget}
		if before != nil {
			plan.First = before.results[i].Next
		}
		all.Go(func() { results[i], errs[i] = load.Run(ctx, target, plan) })
	}
	all.Wait()
	return together(results, max(m.row.Call, 1)), errors.Join(errs...)
}

// together adds up what came of each target, whose requests have so many messages each.
func together(results []*load.Result, messages int) *offered {
	sum := &offered{results: results, status: map[int]int{}}
	for _, r := range results {
		if sum.began.IsZero() || r.Began.Before(sum.began) {
			sum.began = r.Began
		}
		if r.Ended.After(sum.ended) {
			sum.ended = r.Ended
		}
		sum.accepted += len(r.Accepted) * messages
		sum.latency.Merge(&r.Latency)
		for code, n := range r.Status {
			sum.status[code] += n
		}
	}
	return sum
}
