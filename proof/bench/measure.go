package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
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
	carrier *carrier
	target  load.Target
}

func (b *bench) measure(ctx context.Context, r row, dir string) (res result, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return res, err
	}
	m := &measurement{bench: b, row: r, dir: dir, gateway: b.gateway(r.Gateway)}
	if m.carrier, err = startCarrier(ctx, dir, r.Receipts); err != nil {
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
	if m.target, err = m.gateway.start(ctx, dir, addr, r); err != nil {
		return res, err
	}
	return m.run(ctx)
}

func (m *measurement) run(ctx context.Context) (res result, err error) {
	warm, err := load.Run(ctx, m.target, load.Plan{Connections: m.row.Connections, Rate: m.row.Offered, Duration: m.bench.WarmUp})
	if err != nil {
		return res, err
	}
	if _, err := m.drained(ctx, len(warm.Accepted)); err != nil {
		return res, err
	}
	before, commits := m.usage(), m.gateway.commits(ctx)
	got, err := load.Run(ctx, m.target, load.Plan{Connections: m.row.Connections, Rate: m.row.Offered, Duration: m.bench.Duration, First: warm.Next})
	if err != nil {
		return res, err
	}
	last, err := m.drained(ctx, len(warm.Accepted)+len(got.Accepted))
	if err != nil {
		return res, err
	}
	if m.row.Away || last.Before(got.Ended) {
		last = got.Ended // the slower of the two
	}
	took := last.Sub(got.Began).Seconds()
	res = result{row: m.row, Messages: len(got.Accepted), Accept: got.Rate(), Rate: float64(len(got.Accepted)) / took,
		P50: got.Latency.Quantile(0.5), P95: got.Latency.Quantile(0.95), P99: got.Latency.Quantile(0.99), Commits: -1,
		CPU: map[string]float64{}, Peak: map[string]int64{}, OtherCodes: got.Status}
	if commits >= 0 {
		res.Commits = (m.gateway.commits(ctx) - commits) / took
	}
	for name, after := range m.usage() {
		res.CPU[name], res.Peak[name] = (after.CPU - before[name].CPU).Seconds(), after.Peak
	}
	return res, m.check(ctx, warm, got)
}

// drainPatience is how long the carrier may take to get everything after the load has ended.
const drainPatience = 60 * time.Second

// drained waits until the carrier has answered n messages, or got the receipts of so many acknowledged, and says when
// that was.
func (m *measurement) drained(ctx context.Context, n int) (last time.Time, err error) {
	if m.row.Away {
		return time.Time{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, drainPatience)
	defer cancel()
	for {
		s, err := m.carrier.stats()
		if err != nil {
			return last, err
		}
		if s.Taken >= int64(n) && (!m.row.Receipts || s.Acknowledged >= n) {
			return time.Unix(0, max(s.LastTaken, s.LastAcknowledged)), nil
		}
		select {
		case <-ctx.Done():
			return last, fmt.Errorf("of %d accepted messages %d are at the carrier, %d receipts are taken", n, s.Taken, s.Acknowledged)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (m *measurement) usage() map[string]server.Usage {
	processes := map[string]int{"load": os.Getpid(), "carrier": m.carrier.process.PID()}
	maps.Copy(processes, m.gateway.processes())
	usage := map[string]server.Usage{}
	for name, pid := range processes {
		if u, err := server.UsageOf(pid); err == nil { // where there is no /proc, nothing is shown
			usage[name] = u
		}
	}
	return usage
}

// check compares the accepted messages with the carrier's journal.
func (m *measurement) check(ctx context.Context, warm, got *load.Result) error {
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
	accepted := append(warm.Accepted, got.Accepted...)
	finding := checker.Check(checker.Case{First: warm.First, Next: got.Next, Accepted: accepted, Carrier: entries})
	if err := finding.Err(); err != nil {
		return err
	}
	if finding.Twice > 0 {
		return fmt.Errorf("%d messages sent twice", finding.Twice)
	}
	return nil
}
