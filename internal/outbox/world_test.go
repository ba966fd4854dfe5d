package outbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var (
	testSecret = []byte("a secret of the tests, 32 octets")
	testIDs    = sms.NewPublicIDs(testSecret)
)

// world is a real store and a real outbox.
type world struct {
	*store.Store
	t       testing.TB
	dir     string
	url     string // of a database; empty: SQLite in dir
	outbox  *Outbox
	stop    func()
	halt    func() // the outbox only
	made    int
	running sync.WaitGroup
}

func newWorld(t testing.TB) *world { return newWorldOn(t, "") }

func newWorldOn(t testing.TB, url string) *world {
	w := &world{t: t, dir: t.TempDir(), url: url}
	w.open()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) open() {
	w.t.Helper()
	s, err := store.Open(context.Background(), store.Options{Dir: w.dir, URL: w.url, Secret: testSecret})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Join(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.Store, w.halt = s, func() {}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		w.halt()
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			w.t.Error(err)
		}
	})
}

// send runs the outbox.
func (w *world) send(allowPrivate bool) {
	w.run(Options{Store: w.Store, AllowPrivate: allowPrivate})
}

// deliver runs the outbox with sessions.
func (w *world) deliver(to Receivers) { w.run(Options{Store: w.Store, Receivers: to}) }

func (w *world) run(options Options) {
	options.IDs, options.Log = testIDs, slog.New(slog.DiscardHandler)
	w.outbox = New(options)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	o := w.outbox
	go func() { done <- o.Run(ctx) }()
	w.halt = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
}

func (w *world) account() *sms.Account {
	w.t.Helper()
	w.made++
	name := "user" + strconv.Itoa(w.made)
	a := &sms.Account{Name: name, Plan: sms.Plan{Name: "unlimited"}}
	first := store.First{Credit: sms.Euro * 100_000, User: sms.User{Name: name, Hash: "hash"}, Key: sms.Key{ID: name, Hash: []byte("hash")}}
	if err := w.CreateAccount(context.Background(), store.Deed{Actor: "test"}, a, first); err != nil {
		w.t.Fatal(err)
	}
	return a
}

// hook gives an account a webhook.
func (w *world) hook(a *sms.Account, url string) *sms.Webhook {
	w.t.Helper()
	h, err := NewHooks(w.Store, testIDs, true).Create(context.Background(), By{"test"}, a, Change{URL: url})
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// sent makes messages that a carrier took, in few transactions.
func (w *world) sent(a *sms.Account, n int) []*sms.Message {
	return w.through(n, sms.Message{Account: a.ID, Notify: true})
}

// submitted makes messages that came by SMPP, whose receipts are asked for, and that a carrier took.
func (w *world) submitted(a *sms.Account, n int) []*sms.Message {
	return w.through(n, sms.Message{Account: a.ID, Submission: sms.Submission{Receipts: sms.ReceiptDelivered | sms.ReceiptFailed}})
}

// through makes messages like one that a carrier took.
func (w *world) through(n int, like sms.Message) []*sms.Message {
	w.t.Helper()
	var messages []*sms.Message
	var admissions []*store.Admission
	for range n {
		m := like
		m.Carrier, m.Destination, m.Sender, m.Text, m.Parts, m.PartPrice = 1, 393401234567, "ACME", "hello", 1, 35_000
		m.Priority, m.Expires = sms.Normal, time.Now().Add(time.Hour)
		messages = append(messages, &m)
		admissions = append(admissions, &store.Admission{Message: &m})
	}
	ctx := context.Background()
	if err := w.Accept(ctx, admissions, func([]*sms.Message) {}); err != nil {
		w.t.Fatal(err)
	}
	mark, err := w.Mark(ctx, messages)
	if err != nil {
		w.t.Fatal(err)
	}
	var recorded sync.WaitGroup
	for _, m := range messages {
		recorded.Add(1)
		w.Record(sms.Outcome{Message: m, State: sms.Sent, Carrier: 1, At: time.Now(), Parts: []sms.Part{{State: sms.Sent, Ref: ref(m), At: time.Now()}}}, mark,
			func(error) { recorded.Done() })
	}
	recorded.Wait()
	return messages
}

func ref(m *sms.Message) string { return strconv.FormatInt(int64(m.ID), 36) }

// report has the carrier report messages; it returns when that is stored.
func (w *world) report(state sms.State, messages ...*sms.Message) {
	w.t.Helper()
	var recorded sync.WaitGroup
	for _, m := range messages {
		recorded.Add(1)
		w.Report(sms.Report{Carrier: 1, Ref: ref(m), State: state, Code: "000", At: time.Now()}, func(err error) {
			if err != nil {
				w.t.Error(err)
			}
			recorded.Done()
		})
	}
	recorded.Wait()
}

// received is one request at a receiver.
type received struct {
	header http.Header
	body   []byte
}

// receiver is an endpoint that keeps what it got.
type receiver struct {
	*httptest.Server
	got chan received
}

func newReceiver(t testing.TB, answer http.HandlerFunc) *receiver {
	r := &receiver{got: make(chan received, 20_000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		if answer != nil {
			answer(w, request)
		}
		r.got <- received{request.Header, body}
	}))
	t.Cleanup(r.Close)
	return r
}

// next waits for a request.
func (r *receiver) next(t testing.TB) received {
	t.Helper()
	select {
	case got := <-r.got:
		return got
	case <-time.After(20 * time.Second):
		t.Fatal("no request came")
		return received{}
	}
}

// await waits until something stored is as it shall be.
func (w *world) await(what string, ready func() bool) {
	w.t.Helper()
	for limit := time.Now().Add(20 * time.Second); !ready(); {
		if time.Now().After(limit) {
			w.t.Fatalf("%s: not in 20 seconds", what)
		}
		if err := w.Ready(context.Background()); err != nil { // a commit passes: no sleep
			w.t.Fatal(err)
		}
	}
}
