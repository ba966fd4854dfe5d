package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/marker"
)

// batchSum is what came of calls to the store for some time.
type batchSum struct {
	Messages, Commits int64
	Took              time.Duration
	P50, P95, P99     time.Duration // of a call
}

// batchesRole opens a store in this process. Each line is a duration: so long it accepts batches, one call after the
// other, as a door does that gets thousands of messages in one request. Its first line says that it is ready.
func batchesRole(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("batches", flag.ContinueOnError)
	options := store.Options{Secret: []byte("a secret of the benchmark, 32 octets"), Node: 1}
	flags.StringVar(&options.Dir, "data", "", "data folder")
	flags.StringVar(&options.URL, "database", "", "PostgreSQL in its place")
	size := flags.Int("size", 1000, "messages in a call")
	if err := flags.Parse(args); err != nil {
		return err
	}
	stored, err := store.Open(ctx, options)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	var ran error
	running.Go(func() { ran = stored.Run(ctx) })
	defer func() {
		cancel()
		running.Wait()
		err = errors.Join(err, ran, stored.Close())
	}()
	b := &batches{store: stored, size: *size}
	if err := b.createAccount(ctx); err != nil {
		return err
	}
	return answerLines("ready", func(line string) (any, error) {
		duration, err := time.ParseDuration(line)
		if err != nil {
			return nil, err
		}
		return b.run(ctx, duration)
	})
}

// batches is a store that gets them.
type batches struct {
	store   *store.Store
	account sms.Account
	size    int
	next    uint64 // the number of the next message
}

func (b *batches) createAccount(ctx context.Context) error {
	b.account = sms.Account{Name: "bench", Plan: sms.Plan{Name: "unlimited"}}
	first := store.First{Credit: benchCredit, User: sms.User{Name: "bench", Hash: "none"},
		Key: sms.Key{ID: "bench", Name: "bench", Hash: []byte("none")}}
	return b.store.CreateAccount(ctx, store.Deed{Actor: "bench", Action: "create", Target: "bench"}, &b.account, first)
}

func (b *batches) run(ctx context.Context, duration time.Duration) (sum batchSum, err error) {
	var calls load.Histogram
	commits, began := b.store.Counters.Commits.Load(), time.Now()
	for time.Since(began) < duration {
		admissions := b.batch()
		at := time.Now()
		if err := b.store.Accept(ctx, admissions, func([]*sms.Message) {}); err != nil {
			return sum, err
		}
		calls.Add(time.Since(at))
		for _, a := range admissions {
			if a.Result != store.Stored || a.Message.Refusal != "" {
				return sum, fmt.Errorf("a message was not stored: result %d, %q", a.Result, a.Message.Refusal)
			}
		}
		sum.Messages += int64(len(admissions))
	}
	sum.Took, sum.Commits = time.Since(began), b.store.Counters.Commits.Load()-commits
	sum.P50, sum.P95, sum.P99 = calls.Quantile(0.5), calls.Quantile(0.95), calls.Quantile(0.99)
	return sum, nil
}

func (b *batches) batch() []*store.Admission {
	admissions := make([]*store.Admission, b.size)
	for i := range admissions {
		m := &sms.Message{Account: b.account.ID, Carrier: 1, Destination: sms.Number(marker.Destination(b.next)), Sender: "Staffetta",
			Text: string(marker.AppendText(nil, b.next)), Parts: 1, PartPrice: 35_000, Priority: sms.Normal, Notify: true,
			Expires: time.Now().Add(48 * time.Hour).UTC().Truncate(time.Millisecond), Digest: b.next,
			Origin: sms.Origin{Door: "http", Credential: "stf_live_bench", Address: "127.0.0.1"}}
		admissions[i] = &store.Admission{Message: m}
		b.next++
	}
	return admissions
}

// measureBatches measures the store alone.
func (b *bench) measureBatches(ctx context.Context, r row, dir string) (res result, err error) {
	m := &measurement{bench: b, row: r, dir: dir, gateway: b.gateway(r.Gateway)}
	able, ok := m.gateway.(batcher)
	if !ok {
		return res, fmt.Errorf("%s takes no batches", r.Gateway)
	}
	defer func() { err = errors.Join(err, m.gateway.stop(ctx)) }()
	where, err := able.open(ctx, dir)
	if err != nil {
		return res, err
	}
	role, err := startPart(ctx, dir, "batches", append(where, "-size", strconv.Itoa(r.Batch))...)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, role.stop()) }()
	m.store = role
	defer m.watching(ctx)()
	var sum batchSum
	if err := role.ask(b.WarmUp.String(), &sum); err != nil {
		return res, err
	}
	before := m.usage()
	if err := role.ask(b.Duration.String(), &sum); err != nil {
		return res, err
	}
	rate := float64(sum.Messages) / sum.Took.Seconds()
	res = result{row: r, Messages: int(sum.Messages), Rate: rate, Accept: rate, P50: sum.P50, P95: sum.P95, P99: sum.P99,
		Commits: float64(sum.Commits) / sum.Took.Seconds()}
	res.use(before, m.usage())
	return res, nil
}
