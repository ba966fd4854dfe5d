package intake

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// world is an intake over a real store in a folder of its own, with one account and one carrier.
type world struct {
	*Intake
	store  *store.Store
	ids    *sms.PublicIDs
	places *places
	caller auth.Caller

	mu      sync.Mutex
	offered []*sms.Message
}

// places is a directory by hand.
type places struct {
	price   sms.Money
	carrier sms.Carrier
	none    bool
	refusal map[sms.Number]string // why a sender may not be used
}

func (p *places) PartPrice(sms.AccountID, sms.Number) sms.Money { return p.price }
func (p *places) SendersRestricted(*sms.Account) bool           { return p.refusal != nil }
func (p *places) MaySend(_ *sms.Account, _ sms.Sender, to sms.Number) string {
	return p.refusal[to]
}
func (p *places) Choose(*sms.Account, sms.Sender, sms.Number) (sms.Carrier, bool) {
	return p.carrier, !p.none
}

const partPrice = sms.Money(35_000)

func newWorld(t testing.TB, credit sms.Money) *world {
	t.Helper()
	secret := []byte("a secret of the tests, 32 octets")
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	w := &world{store: s, ids: sms.NewPublicIDs(secret), places: &places{price: partPrice, carrier: sms.Carrier{ID: 7, Name: "north", Default: true}}}
	w.Intake = New(s, w.places, w.places, w.ids, w.take)
	w.caller = w.account(t, "first", credit)
	return w
}

func (w *world) take(messages []*sms.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offered = append(w.offered, messages...)
}

// sent is how many messages went on to the queues.
func (w *world) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.offered)
}

func (w *world) account(t testing.TB, name string, credit sms.Money) auth.Caller {
	t.Helper()
	account := &sms.Account{Name: name, Settings: sms.Settings{MaxParts: 10}}
	err := w.store.CreateAccount(t.Context(), store.Deed{Actor: "tester", Action: "account create", Target: name}, account,
		store.First{Credit: credit, User: sms.User{Name: name, Hash: "hash"}, Key: sms.Key{ID: "key-" + name, Hash: []byte("hash")}})
	if err != nil {
		t.Fatal(err)
	}
	return auth.Caller{Account: account, Credential: "stf_live_" + name, Address: netip.MustParseAddr("203.0.113.9")}
}

func (w *world) send(t *testing.T, r *Request) Answer {
	t.Helper()
	a, err := w.Accept(t.Context(), w.caller, "http", r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return a
}

func (w *world) balance(t *testing.T) sms.Balance {
	t.Helper()
	b, err := w.store.Balance(t.Context(), w.caller.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// stored reads a message by the id of its answer.
func (w *world) stored(t *testing.T, id string) *sms.Record {
	t.Helper()
	var record *sms.Record
	number, ours := w.ids.Parse(id)
	var err error
	if ours {
		record, err = w.store.Message(t.Context(), number)
	} else {
		record, err = w.store.MessageOf(t.Context(), w.caller.Account.ID, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// rows counts all messages of the store.
func (w *world) rows(t *testing.T) (n int) {
	t.Helper()
	if err := w.store.View(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM caller_id) + (SELECT COUNT(*) FROM idempotency_key)`).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func plain() *Request {
	return &Request{Destination: "+393401234567", Sender: "MyCompany", Body: "hello"}
}

// with is a plain request, changed.
func with(change func(*Request)) *Request {
	r := plain()
	change(r)
	return r
}

// fieldsOf is the messages of a validation error by the names of their fields.
func fieldsOf(t *testing.T, err error) map[string]string {
	t.Helper()
	refusal, ok := errors.AsType[*sms.Error](err)
	if !ok || refusal.Code != sms.Invalid || refusal.Message == "" {
		t.Fatalf("error %v, want one of validation", err)
	}
	fields := map[string]string{}
	for _, f := range refusal.Fields {
		if fields[f.Field] != "" {
			t.Errorf("two problems with %s", f.Field)
		}
		fields[f.Field] = f.Message
	}
	return fields
}

func wantReasons(t *testing.T, a Answer, reasons ...string) {
	t.Helper()
	if a.Reasons == nil || !slices.Equal(a.Reasons, reasons) || a.Accepted != (len(reasons) == 0) {
		t.Errorf("accepted %v, reasons %#v; want %v", a.Accepted, a.Reasons, reasons)
	}
}

func ptr[T any](v T) *T { return &v }

func (w *world) bulk(t *testing.T, b *Bulk) BulkAnswer {
	t.Helper()
	a, err := w.AcceptBulk(t.Context(), w.caller, "http", b)
	if err != nil {
		t.Fatalf("%+v: %v", b, err)
	}
	return a
}
