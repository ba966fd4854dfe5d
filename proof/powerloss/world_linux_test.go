package powerloss

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
)

// world is the real program with its data folder on a file system that forgets, and a carrier.
type world struct {
	*testing.T
	fs      *FS
	chance  *rand.Rand
	server  *server.Server
	carrier *sink.Sink
	account server.Account
	loaded  bool // somebody offers messages
}

const (
	opening = 10_000 * sms.Euro
	price   = sms.Money(35_001)
	window  = 50
)

// newWorld starts no server yet.
func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	w := &world{T: t, fs: mounted(t), chance: rand.New(rand.NewPCG(seed, 0))}
	folder := t.TempDir()
	binary, err := server.Build(t.Context(), folder)
	must(t, err)
	w.server, err = server.New(t.Context(), binary, folder)
	must(t, err)
	w.server.Data = filepath.Join(w.fs.Dir(), "data")
	t.Cleanup(w.server.Kill)
	return w
}

// open makes an account and a carrier on a server that runs.
func (w *world) open() {
	w.Helper()
	var err error
	w.carrier, err = sink.Listen(w.Context(), "127.0.0.1:0", sink.Options{Delay: 5 * time.Millisecond, Receipts: true})
	must(w, err)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.carrier.Run(ctx); err != nil {
			w.Error(err)
		}
	})
	w.Cleanup(func() { cancel(); running.Wait() })
	w.account, err = w.server.CreateAccount(w.Context(), "prover", opening)
	must(w, err)
	_, err = w.server.Command(w.Context(), "price", "set", "39", price.String())
	must(w, err, w.server.AddCarrier(w.Context(), "sink", w.carrier.Addr(), window))
}

// live starts the server and lets the power go after some steps of the disk, which may be before it is ready; without
// a load, when it is ready at the latest. The server may live on for a moment without a disk, and is killed. ready says
// whether it had come so far.
func (w *world) live(steps uint64, mode Mode) (ready bool, loss Loss) {
	w.Helper()
	lost := w.fs.Arm(steps, w.chance.Uint64(), mode)
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	gone := make(chan Loss, 2)
	go func() { // ends with ctx
		select {
		case loss := <-lost:
			gone <- loss
			cancel()
		case <-ctx.Done():
		}
	}()
	err := w.server.Start(ctx)
	if err == nil && !w.loaded {
		gone <- w.fs.Cut(w.chance.Uint64(), mode) // has no loss if the power went just now
	}
	select {
	case loss = <-gone:
	case <-time.After(patience):
		w.Fatalf("the power did not go; start: %v\n%s", err, w.server.Tail())
	}
	if w.chance.IntN(2) == 0 {
		<-time.After(time.Duration(w.chance.Int64N(int64(20 * time.Millisecond)))) // without a disk
	}
	w.server.Kill()
	must(w, w.fs.Restore())
	return err == nil, loss
}

const patience = 30 * time.Second

func (w *world) start() {
	w.Helper()
	must(w, w.server.Start(w.Context()))
}

// offer begins a load; finish ends it and returns what was promised.
func (w *world) offer(plan load.Plan) (finish func() *load.Result) {
	w.loaded = true
	ctx, cancel := context.WithCancel(w.Context())
	var running sync.WaitGroup
	var result *load.Result
	var err error
	running.Go(func() { result, err = load.Run(ctx, load.Staffetta(w.server.Addr, w.account.APIKey, true), plan) })
	w.Cleanup(func() { cancel(); running.Wait() })
	return func() *load.Result {
		w.Helper()
		cancel()
		running.Wait()
		must(w, err)
		return result
	}
}

func (w *world) eventually(what string, yes func() bool) {
	w.Helper()
	for deadline := time.Now().Add(patience); !yes(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.Fatalf("not after %v: %s\n%s", patience, what, w.server.Tail())
		}
	}
}

func (w *world) balance() sms.Balance {
	w.Helper()
	balance, err := w.server.Balance(w.Context(), w.account.Name)
	must(w, err)
	return balance
}

// drain waits until everything has left and every receipt has come.
func (w *world) drain() {
	w.Helper()
	w.eventually("nothing is reserved for messages that wait", func() bool { return w.balance().Reserved == 0 })
	w.eventually("every receipt is acknowledged", func() bool {
		taken, _ := w.carrier.Taken()
		acknowledged, _ := w.carrier.Acknowledged()
		return int64(acknowledged) >= taken
	})
}

// check compares what was promised with what the carrier has and what the gateway says.
func (w *world) check(result *load.Result) checker.Finding {
	w.Helper()
	ids := make([]string, 0, result.Next-result.First)
	for n := result.First; n < result.Next; n++ {
		ids = append(ids, marker.ID(n))
	}
	messages, err := w.server.Messages(w.Context(), w.account.APIKey, ids)
	must(w, err)
	finding := checker.Check(checker.Case{First: result.First, Next: result.Next, Accepted: result.Accepted,
		Carrier: w.carrier.Journal.Entries(), Sessions: w.carrier.Journal.Sessions(), Messages: messages, Leaving: 2 * window})
	w.Log(finding)
	if err := finding.Err(); err != nil {
		w.Errorf("%v\n%s", err, w.server.Tail())
	}
	return finding
}
