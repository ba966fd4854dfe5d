package smppapi

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
)

const (
	user         = "acme"
	password     = "more than eight octets"
	smppPassword = "8octets!"
)

var secret = []byte("a secret of the tests, 32 octets")

// hashes cost tens of milliseconds, so that all tests share them.
var hashes = sync.OnceValue(func() (both [2]string) {
	for i, text := range []string{password, smppPassword} {
		hash, err := auth.HashPassword(text)
		if err != nil {
			panic(err)
		}
		both[i] = hash
	}
	return both
})

// lockedBuffer takes a log from many goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// world is the door on a port, with a real store, directory, authenticator and intake behind it, one account and one
// carrier to which nobody brings anything.
type world struct {
	t       testing.TB
	store   *store.Store
	known   *directory.Directory
	ids     *sms.PublicIDs
	account *sms.Account
	door    *Server
	addr    string
	log     lockedBuffer
	stop    func() error
}

// open starts a world; it ends with the test.
func open(t testing.TB, settings sms.Settings) *world {
	t.Helper()
	w := &world{t: t, ids: sms.NewPublicIDs(secret)}
	var err error
	if w.store, err = store.Open(t.Context(), store.Options{Dir: t.TempDir(), Secret: secret}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, w.store.Close()); err != nil {
			t.Error(err)
		}
	})
	w.account = &sms.Account{Name: "Acme", Settings: settings}
	w.must(w.store.CreateAccount(ctx, w.deed(), w.account, store.First{Credit: 10 * sms.Euro, Key: sms.Key{ID: "k", Hash: []byte("h")},
		User: sms.User{Name: user, Hash: hashes()[0], SMPPHash: hashes()[1]}}))
	w.must(w.store.SaveCarrier(ctx, w.deed(), &sms.Carrier{Name: "north", Kind: "practice", Default: true}))
	w.must(w.store.SetPrice(ctx, w.deed(), sms.Price{Part: sms.Euro / 100}))
	w.known = directory.New(w.store)
	w.refresh()
	w.serve()
	return w
}

func (w *world) serve() {
	accept := intake.New(w.store, w.known, route.New(w.known, nil), w.ids, func([]*sms.Message) {})
	w.door = New(Parts{
		Authenticator: auth.New(w.known, secret, auth.Options{}),
		Intake:        accept,
		Messages:      status.New(w.store, w.ids),
		Accounts:      w.known,
		Changer:       intake.NewChanges(accept, w.store, func(*sms.Message) bool { return false }),
		Log:           slog.New(slog.NewTextHandler(&w.log, nil)),
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	w.addr = ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.door.Run(ctx, ln) }()
	w.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	w.t.Cleanup(func() { w.must(w.stop()) })
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) deed() store.Deed { return store.Deed{Actor: "tester", Action: "test"} }

func (w *world) refresh() { w.must(w.known.Refresh(context.Background())) }

// change changes the account, as a command would.
func (w *world) change(change func(*sms.Account)) {
	w.t.Helper()
	w.must(w.store.ChangeAccount(context.Background(), w.deed(), w.account.ID, func(a *sms.Account) error {
		change(a)
		return nil
	}))
	w.refresh()
}

// dial binds; the session ends with the test.
func (w *world) dial(c smpp.DialConfig) (*smpp.Session, error) {
	w.t.Helper()
	c.Addr = w.addr
	if c.Bind.SystemID == "" {
		c.Bind.SystemID, c.Bind.Password = user, password
	}
	s, err := smpp.Dial(context.Background(), c)
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(context.Background()) }()
	w.t.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
	return s, nil
}

func (w *world) bind(as smpp.BindType) *smpp.Session {
	w.t.Helper()
	s, err := w.dial(smpp.DialConfig{Bind: smpp.Bind{Type: as}})
	w.must(err)
	return s
}

// stored reads a message by the id of its answer.
func (w *world) stored(id string) *sms.Record {
	w.t.Helper()
	number, ok := w.ids.Parse(id)
	if !ok {
		w.t.Fatalf("%q is no id of ours", id)
	}
	record, err := w.store.Message(context.Background(), number)
	if err != nil || record == nil {
		w.t.Fatalf("message %s: %v, %v", id, record, err)
	}
	return record
}

// count is how many messages are stored.
func (w *world) count() (n int) {
	w.t.Helper()
	w.must(w.store.View(context.Background(), func(tx *store.Tx) error { return tx.QueryRow(`SELECT COUNT(*) FROM message`).Scan(&n) }))
	return n
}

// plain is a submit_sm to somebody; change may be nil.
func plain(change func(*smpp.SubmitSM)) *smpp.SubmitSM {
	p := &smpp.SubmitSM{SourceAddrTON: smpp.TONAlphanumeric, SourceAddr: "MyCompany", DestAddrTON: smpp.TONInternational,
		DestAddrNPI: smpp.NPIISDN, DestinationAddr: "393401234567", ShortMessage: []byte("hello")}
	if change != nil {
		change(p)
	}
	return p
}

// within waits for what happens soon.
func within(t testing.TB, limit time.Duration, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("%s did not happen within %s", what, limit)
	}
}
