package proof

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
	"github.com/staffetta/staffetta/proof/toxic"
)

// built is the binary; each test package process builds it once, when the first test needs it.
var built struct {
	once   sync.Once
	folder string
	binary string
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

func binary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "staffetta-proof-"); built.err == nil {
			built.binary, built.err = server.Build(context.Background(), built.folder)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.binary
}

// world is a server, an account on it, and its carrier. Everything ends with the test.
type world struct {
	*testing.T
	server  *server.Server
	carrier *sink.Sink
	proxy   *toxic.Proxy // between the two, if there is one
	account server.Account
	opening sms.Money
	price   sms.Money
	window  int
	pauses  []checker.Pause // of a server or its database
}

// setting is how a world begins.
type setting struct {
	folder  string // with the data folder in it; empty: a temporary one
	url     string // of a database, in place of the data folder
	carrier sink.Options
	window  int       // default 50
	proxied bool      // toxiproxy stands before the carrier
	address []string  // more parameters of the carrier's address
	credit  sms.Money // default 10,000 €
	price   sms.Money // of each message; default 0.035001 €
}

func newWorld(t *testing.T, s setting) *world {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	if s.folder == "" {
		s.folder = t.TempDir()
	}
	if s.window == 0 {
		s.window = 50
	}
	if s.credit == 0 {
		s.credit, s.price = 10_000*sms.Euro, 35_001
	}
	w := &world{T: t, opening: s.credit, price: s.price, window: s.window}
	w.startCarrier(s.carrier)
	var err error
	if w.server, err = server.New(t.Context(), binary(t), s.folder); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.server.Kill)
	if s.url != "" {
		w.server.Database, w.server.Secret = s.url, writeSecret(t, s.folder)
	} else {
		w.start()
	}
	if w.account, err = w.server.CreateAccount(t.Context(), "prover", s.credit); err != nil {
		t.Fatal(err)
	}
	w.command("price", "set", "39", s.price.String())
	if err := w.server.AddCarrier(t.Context(), "sink", w.way(s), s.window, s.address...); err != nil {
		t.Fatal(err)
	}
	if s.url != "" { // what commands have changed is known from the start
		w.start()
	}
	return w
}

func (w *world) startCarrier(options sink.Options) {
	w.Helper()
	var err error
	if w.carrier, err = sink.Listen(w.Context(), "127.0.0.1:0", options); err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.carrier.Run(ctx); err != nil {
			w.Error(err)
		}
	})
	w.Cleanup(func() { cancel(); running.Wait() })
}

// way is the address under which the server reaches the carrier.
func (w *world) way(s setting) (addr string) {
	w.Helper()
	if !s.proxied {
		return w.carrier.Addr()
	}
	program := peertest.GoProgram(w.T, "github.com/Shopify/toxiproxy/v2/cmd/server", "v2.12.0")
	var err error
	if w.proxy, err = toxic.Start(w.Context(), program, filepath.Join(s.folder, "toxiproxy.log"), w.carrier.Addr()); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(w.proxy.Stop)
	return w.proxy.Addr
}

func (w *world) start() {
	w.Helper()
	if err := w.server.Start(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func (w *world) command(args ...string) {
	w.Helper()
	if _, err := w.server.Command(w.Context(), args...); err != nil {
		w.Fatal(err)
	}
}

// offer begins a load; finish ends it and returns what was promised.
func (w *world) offer(plan load.Plan) (finish func() *load.Result) { return w.offerTo(w.server, plan) }

func (w *world) offerTo(to *server.Server, plan load.Plan) (finish func() *load.Result) {
	return w.offerAt(load.Staffetta(to.Addr, w.account.APIKey, true), plan)
}

func (w *world) offerAt(target load.Target, plan load.Plan) (finish func() *load.Result) {
	ctx, cancel := context.WithCancel(w.Context())
	var running sync.WaitGroup
	var result *load.Result
	var err error
	running.Go(func() { result, err = load.Run(ctx, target, plan) })
	w.Cleanup(func() { cancel(); running.Wait() })
	return func() *load.Result {
		w.Helper()
		cancel()
		running.Wait()
		if err != nil {
			w.Fatal(err)
		}
		return result
	}
}

// drainPatience is how long a backlog of a few seconds may take to leave.
const drainPatience = 30 * time.Second

// eventually asks until the answer is yes.
func (w *world) eventually(what string, yes func() bool) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), drainPatience)
	defer cancel()
	for !yes() {
		select {
		case <-ctx.Done():
			w.Fatalf("not after %v: %s\n%s", drainPatience, what, w.server.Tail())
		case <-time.After(w.patience()):
		}
	}
}

// patience is the time between two questions. On a database each command is a connection or two, and a node.
func (w *world) patience() time.Duration {
	if w.server.Database != "" {
		return 200 * time.Millisecond
	}
	return 50 * time.Millisecond
}

func (w *world) balance() sms.Balance {
	w.Helper()
	balance, err := w.server.Balance(w.Context(), w.account.Name)
	if err != nil {
		w.Fatal(err)
	}
	return balance
}

// drain waits until every message that is stored has left, and the receipts have come.
func (w *world) drain() {
	w.Helper()
	w.eventually("nothing is reserved for messages that wait", func() bool { return w.balance().Reserved == 0 })
	if w.carrier.Options().Receipts {
		w.eventually("every receipt is acknowledged", func() bool {
			taken, _ := w.carrier.Taken()
			acknowledged, _ := w.carrier.Acknowledged()
			return int64(acknowledged) >= taken
		})
	}
}

// check compares everything that was offered with the carrier's journal and the gateway's words. The design lets two
// windows of a session be uncertain when it ends: one on the wire, one marked ahead.
func (w *world) check(results ...*load.Result) checker.Finding {
	w.Helper()
	finding := w.compare(results...)
	w.judge(finding)
	return finding
}

func (w *world) judge(finding checker.Finding) {
	w.Helper()
	w.Log(finding)
	if err := finding.Err(); err != nil {
		w.Errorf("%v\n%s", err, w.server.Tail())
	}
}

func (w *world) compare(results ...*load.Result) checker.Finding {
	w.Helper()
	c := checker.Case{First: results[0].First, Carrier: w.carrier.Journal.Entries(), Sessions: w.carrier.Journal.Sessions(), Leaving: 2 * w.window, Pauses: w.pauses}
	var ids []string
	for _, r := range results {
		c.First, c.Next = min(c.First, r.First), max(c.Next, r.Next)
		c.Accepted = append(c.Accepted, r.Accepted...)
		for n := r.First; n < r.Next; n++ {
			ids = append(ids, marker.ID(n))
		}
	}
	messages, err := w.server.Messages(w.Context(), w.account.APIKey, ids)
	if err != nil {
		w.Fatalf("%v\n%s", err, w.server.Tail())
	}
	c.Messages = messages
	return checker.Check(c)
}

// checkCredit checks that the account paid for each message once.
func (w *world) checkCredit(paid int) {
	w.Helper()
	if err := checker.Credit(w.opening, w.balance(), paid, w.price); err != nil {
		w.Error(err)
	}
}

func dataFolder(folder string) string { return filepath.Join(folder, "data") }
