package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
)

// plan is what is proved.
type plan struct {
	messages, accounts, window int
	folder                     string
	binary                     string // empty: built
}

// proof is one on its way.
type proof struct {
	plan
	server   *server.Server
	carrier  string // the address where the carrier will be
	accounts []server.Account
	results  []*load.Result // of each account
	figures  figures
}

const (
	opening = 1_000_000 * sms.Euro // of each account
	price   = sms.Euro / 100       // of each message
)

// prove goes through all of it. The figures are valid as far as it came.
func prove(ctx context.Context, p plan) (f *figures, err error) {
	folder, err := os.MkdirTemp(p.folder, "staffetta-backlog-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if p.binary == "" {
		if p.binary, err = server.Build(ctx, folder); err != nil {
			return nil, err
		}
	}
	b := &proof{plan: p}
	if b.server, err = server.New(ctx, p.binary, folder); err != nil {
		return nil, err
	}
	defer b.server.Kill()
	for _, step := range []func(context.Context) error{b.begin, b.accept, b.crash, b.weigh, b.expire, b.leave, b.check} {
		if err := step(ctx); err != nil {
			return &b.figures, err
		}
	}
	return &b.figures, nil
}

// begin starts the server with accounts, and a carrier at an address where nobody is.
func (b *proof) begin(ctx context.Context) (err error) {
	if b.carrier, err = server.FreeAddress(ctx); err != nil {
		return err
	}
	if err := b.server.Start(ctx); err != nil {
		return err
	}
	for i := range b.plan.accounts {
		account, err := b.server.CreateAccount(ctx, fmt.Sprintf("account%d", i), opening)
		if err != nil {
			return err
		}
		b.accounts = append(b.accounts, account)
	}
	if _, err := b.server.Command(ctx, "price", "set", "39", price.String()); err != nil {
		return err
	}
	return b.server.AddCarrier(ctx, "away", b.carrier, b.window)
}

// accept has all messages accepted, one connection for each account, so that their order is known.
func (b *proof) accept(ctx context.Context) error {
	b.results = make([]*load.Result, len(b.accounts))
	errs := make([]error, len(b.accounts))
	began := time.Now()
	var all sync.WaitGroup
	for i, account := range b.accounts {
		all.Go(func() { b.results[i], errs[i] = b.offer(ctx, account, b.first(i), b.first(i+1)) })
	}
	all.Wait()
	for _, r := range b.results {
		b.figures.accepted += len(r.Accepted)
	}
	b.figures.acceptRate = float64(b.figures.accepted) / time.Since(began).Seconds()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if b.figures.accepted != b.messages {
		return fmt.Errorf("of %d messages %d were accepted", b.messages, b.figures.accepted)
	}
	return b.peak(&b.figures.acceptPeak)
}

// first is the number of an account's first message.
func (b *proof) first(account int) uint64 { return uint64(account * b.messages / len(b.accounts)) }

// offer sends the messages first, …, next-1 on one connection, each as soon as the one before is answered.
func (b *proof) offer(ctx context.Context, account server.Account, first, next uint64) (*load.Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return load.Run(ctx, target(b.server.Addr, account.APIKey, func(n uint64) {
		if n == next-1 {
			cancel() // begins nothing more; this one is finished
		}
	}), load.Plan{Connections: 1, First: first})
}

// crash kills the server while everything waits, and starts it again.
func (b *proof) crash(ctx context.Context) (err error) {
	b.server.Kill()
	b.figures.readyKilled, err = b.restart(ctx)
	return err
}

func (b *proof) restart(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	err := b.server.Start(ctx)
	return time.Since(began), err
}

// weigh ends the server in good order, so that the log is written back, weighs the file and starts the server again.
func (b *proof) weigh(ctx context.Context) (err error) {
	if err := b.server.Terminate(ctx, 10*time.Second); err != nil {
		return err
	}
	var weight int64
	for _, name := range []string{"staffetta.db", "staffetta.db-wal"} {
		if info, err := os.Stat(filepath.Join(b.server.Data, name)); err == nil {
			weight += info.Size()
		}
	}
	b.figures.perMessage = float64(weight) / float64(b.messages)
	b.figures.readyEnded, err = b.restart(ctx)
	return err
}

// leave brings the carrier up and waits until nothing more comes. The server is started once more: it would try the
// carrier again within a minute by itself, which is not what is measured.
func (b *proof) leave(ctx context.Context) (err error) {
	carrier, err := sink.Listen(ctx, b.carrier, sink.Options{})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	var serving sync.WaitGroup
	serving.Go(func() { err = carrier.Run(running) })
	if err := errors.Join(b.peak(&b.figures.waitPeak), b.server.Terminate(ctx, 10*time.Second), b.server.Start(ctx)); err != nil {
		stop()
		serving.Wait()
		return err
	}
	b.awaitAll(ctx, carrier)
	peak := b.peak(&b.figures.leavePeak)
	settled := b.settled(ctx)
	stop()
	serving.Wait()
	return errors.Join(err, peak, settled, b.compare(carrier.Journal.Entries()))
}

// quiet is how long nothing comes when everything has come.
const quiet = 5 * time.Second

// awaitAll waits until the carrier has as many messages as did not expire, or until nothing comes any more.
func (b *proof) awaitAll(ctx context.Context, carrier *sink.Sink) {
	want := int64(b.messages - b.shortLived())
	seen, since := int64(-1), time.Now()
	for ctx.Err() == nil {
		taken, last := carrier.Taken()
		if taken >= want || taken == seen && taken > 0 && time.Since(since) > quiet || time.Since(since) > time.Minute {
			entries := carrier.Journal.Entries()
			if len(entries) > 1 {
				took := last.Sub(time.Unix(0, entries[0].Received))
				b.figures.leaveRate = float64(taken) / took.Seconds()
			}
			return
		}
		if taken != seen {
			seen, since = taken, time.Now()
		}
		<-time.After(20 * time.Millisecond)
	}
}

// peak reads the most memory that the server's process has had.
func (b *proof) peak(into *int64) error {
	usage, err := server.UsageOf(b.server.Process().PID())
	*into = usage.Peak
	return err
}
