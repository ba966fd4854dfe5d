package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
)

// measurement is one row on its way.
type measurement struct {
	bench   *bench
	row     row
	dir     string
	gateway gateway
	carrier *carrier // nil: none is needed
	store   *part    // the process that has the store, where the store is measured alone
	targets []load.Target
	watch   watch
}

func (b *bench) measure(ctx context.Context, r row, dir string) (result, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return result{}, err
	}
	switch {
	case r.Batch > 0:
		return b.measureBatches(ctx, r, dir)
	case r.Kept:
		return b.measureKept(ctx, r, dir)
	}
	return b.measureFresh(ctx, r, dir)
}

// measureFresh measures a gateway that has just been made.
func (b *bench) measureFresh(ctx context.Context, r row, dir string) (res result, err error) {
	m := &measurement{bench: b, row: r, dir: dir, gateway: b.gateway(r.Gateway)}
	if m.carrier, err = startCarrier(ctx, dir, "127.0.0.1:0", r.Receipts); err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, m.carrier.stop()) }()
	addr := m.carrier.addr
	if r.Away {
		if addr, err = server.FreeAddress(ctx); err != nil {
			return res, err
		}
	}
	defer func() { err = errors.Join(err, m.gateway.stop(ctx)) }()
	if m.targets, err = m.gateway.start(ctx, place{dir, addr, r}); err != nil {
		return res, err
	}
	return m.run(ctx)
}

// run warms up, measures, and checks.
func (m *measurement) run(ctx context.Context) (res result, err error) {
	defer m.watching(ctx)()
	known, err := m.deliveredSoFar(ctx)
	if err != nil {
		return res, err
	}
	warm, err := m.offer(ctx, m.bench.WarmUp, nil)
	if err != nil {
		return res, err
	}
	if _, err := m.drained(ctx, warm.accepted); err != nil {
		return res, err
	}
	before, commits := m.usage(), m.gateway.commits(ctx)
	got, err := m.offer(ctx, m.bench.Duration, warm)
	if err != nil {
		return res, err
	}
	last, err := m.drained(ctx, warm.accepted+got.accepted)
	if err != nil {
		return res, err
	}
	if m.row.Away || last.Before(got.ended) {
		last = got.ended // the slower of the two
	}
	res = m.sum(got, last.Sub(got.began), before)
	if commits >= 0 {
		res.Commits = (m.gateway.commits(ctx) - commits) / last.Sub(got.began).Seconds()
	}
	return res, errors.Join(m.check(ctx, warm, got), m.checkStatus(ctx, known+warm.accepted+got.accepted))
}

// watching looks at the memory of processes until it is told to end.
func (m *measurement) watching(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	processes := m.processes()
	running.Go(func() { m.watch.run(ctx, processes) })
	return func() { cancel(); running.Wait() }
}

// sum puts the figures together.
func (m *measurement) sum(got *offered, took time.Duration, before map[string]server.Usage) result {
	res := result{row: m.row, Messages: got.accepted, Accept: float64(got.accepted) / got.ended.Sub(got.began).Seconds(),
		Rate: float64(got.accepted) / took.Seconds(),
		P50:  got.latency.Quantile(0.5), P95: got.latency.Quantile(0.95), P99: got.latency.Quantile(0.99), Commits: -1,
		OtherCodes: got.status}
	res.use(before, m.usage())
	return res
}

// drainPatience is how long the carrier may take to get everything after the load has ended.
const drainPatience = 60 * time.Second

// drained waits until the carrier has answered n messages and got the receipts of so many acknowledged, and until a
// gateway that reports by itself has done so. It says when the last of that was.
func (m *measurement) drained(ctx context.Context, n int) (last time.Time, err error) {
	if m.row.Away {
		return time.Time{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, drainPatience)
	defer cancel()
	for {
		s, reported, err := m.progress()
		if err != nil {
			return last, err
		}
		if s.Taken >= int64(n) && (!m.row.Receipts || s.Reports >= n && reported.Reports >= n) {
			return time.Unix(0, max(s.LastTaken, s.LastOne, reported.LastOne)), nil
		}
		select {
		case <-ctx.Done():
			return last, fmt.Errorf("of %d accepted messages %d are at the carrier, %d receipts are taken, %d reported", n, s.Taken, s.Reports, reported.Reports)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// progress is what the carrier has, and what the customer has heard; the same for a gateway that reports nothing.
func (m *measurement) progress() (s, reported stats, err error) {
	if s, err = m.carrier.stats(); err != nil {
		return s, s, err
	}
	if r, ok := m.gateway.(reporter); ok && m.row.Receipts {
		reported, err = r.reports()
		return s, reported, err
	}
	return s, s, nil
}

func (m *measurement) deliveredSoFar(ctx context.Context) (int, error) {
	if w, ok := m.gateway.(witness); ok && m.row.Receipts {
		return w.delivered(ctx)
	}
	return 0, nil
}

// checkStatus asks the gateway itself whether everything is delivered.
func (m *measurement) checkStatus(ctx context.Context, want int) error {
	if _, ok := m.gateway.(witness); !ok || !m.row.Receipts {
		return nil
	}
	n, err := m.deliveredSoFar(ctx)
	if err == nil && n != want {
		err = fmt.Errorf("%d messages are DELIVERED by the gateway's own words, want %d", n, want)
	}
	return err
}

// check compares the accepted messages with the carrier's journal, target by target.
func (m *measurement) check(ctx context.Context, warm, got *offered) error {
	if m.row.Away {
		return ctx.Err()
	}
	file := filepath.Join(m.dir, "journal")
	if err := m.carrier.save(file); err != nil {
		return err
	}
	entries, err := sink.Load(file)
	if err != nil {
		return err
	}
	for i, r := range got.results {
		first := warm.results[i]
		accepted := append(first.Accepted, r.Accepted...)
		finding := checker.Check(checker.Case{First: first.First, Next: r.Next, Accepted: accepted, Carrier: entriesOf(entries, i, len(got.results))})
		if err := finding.Err(); err != nil {
			return err
		}
		if finding.Twice > 0 {
			return fmt.Errorf("%d messages sent twice", finding.Twice)
		}
	}
	return nil
}

// entriesOf is the journal of one of several targets. What belongs to none is the last one's, who knows it as foreign.
func entriesOf(entries []sink.Entry, target, of int) (own []sink.Entry) {
	for _, e := range entries {
		if min(int(e.Number/numbersOfATarget), of-1) == target {
			own = append(own, e)
		}
	}
	return own
}
