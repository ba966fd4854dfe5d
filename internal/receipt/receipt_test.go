package receipt_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/receipt"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// shelf is a store by hand: it keeps what it is given until it is told what became of it.
type shelf struct {
	reports  []sms.Report
	inbounds []sms.Inbound
	waiting  []func(error)
}

func (s *shelf) Report(r sms.Report, done func(error)) {
	s.reports, s.waiting = append(s.reports, r), append(s.waiting, done)
}

func (s *shelf) Inbound(in sms.Inbound, done func(error)) {
	s.inbounds, s.waiting = append(s.inbounds, in), append(s.waiting, done)
}

var (
	report = sms.Report{Carrier: 3, Ref: "4F2A", Destination: 393401234567, State: sms.Delivered, Code: "000", At: time.Unix(1_772_000_000, 0)}
	reply  = sms.Inbound{Carrier: 3, Source: "393401234567", Destination: "12345", DataCoding: 8, Octets: []byte("a secret answer"), At: time.Unix(1_772_000_000, 0)}
)

// Nobody is told before the store has it, and then once, with what the store says.
func TestItIsAcknowledgedWhenItIsStored(t *testing.T) {
	refused := errors.New("the disk is full")
	for _, outcome := range []error{nil, refused} {
		var log bytes.Buffer
		s, told := &shelf{}, []error(nil)
		r := receipt.New(s, slog.New(slog.NewTextHandler(&log, nil)))
		r.Report(report, func(err error) { told = append(told, err) })
		r.Inbound(reply, func(err error) { told = append(told, err) })
		if len(told) != 0 {
			t.Fatal("acknowledged before it was stored")
		}
		if diff := cmp.Diff([]sms.Report{report}, s.reports); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]sms.Inbound{reply}, s.inbounds); diff != "" {
			t.Error(diff)
		}
		for _, done := range s.waiting {
			done(outcome)
		}
		if len(told) != 2 || !errors.Is(told[0], outcome) || !errors.Is(told[1], outcome) || (outcome == nil && (told[0] != nil || told[1] != nil)) {
			t.Errorf("told %v, want %v twice", told, outcome)
		}
		lines := strings.Count(log.String(), "\n")
		if outcome == nil && lines != 0 || outcome != nil && (lines != 2 || !strings.Contains(log.String(), "4F2A") || !strings.Contains(log.String(), "the disk is full")) {
			t.Errorf("the log of %v:\n%s", outcome, log.String())
		}
		if strings.Contains(log.String(), "secret answer") || strings.Contains(log.String(), "3934") {
			t.Errorf("the log tells who wrote what:\n%s", log.String())
		}
	}
}

// world is a recorder over a real store, with one account of one euro.
type world struct {
	*receipt.Recorder
	store   *store.Store
	account sms.AccountID
	stop    context.CancelFunc
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Secret: []byte("a secret of the tests, 32 octets")})
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
	account := &sms.Account{Name: "acme"}
	if err := s.CreateAccount(t.Context(), store.Deed{Actor: "tester", Action: "account create", Target: "acme"}, account,
		store.First{Credit: sms.Euro, User: sms.User{Name: "acme", Hash: "hash"}, Key: sms.Key{ID: "k", Hash: []byte("hash")}}); err != nil {
		t.Fatal(err)
	}
	return &world{receipt.New(s, slog.New(slog.DiscardHandler)), s, account.ID, cancel}
}

// sent is a message that a carrier took, its parts under refs.
func (w *world) sent(t *testing.T, refs ...string) *sms.Message {
	t.Helper()
	m := &sms.Message{Account: w.account, Carrier: 3, Destination: 393401234567, Sender: "MyCompany", Text: "hello", Parts: len(refs),
		PartPrice: 35_000, Expires: time.Now().Add(time.Hour)}
	if err := w.store.Accept(t.Context(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	o := sms.Outcome{Message: m, State: sms.Sent, Carrier: 3, At: now}
	for _, ref := range refs {
		o.Parts = append(o.Parts, sms.Part{State: sms.Sent, Ref: ref, At: now})
	}
	w.await(t, func(done func(error)) { w.store.Record(o, nil, done) })
	return m
}

// await waits until something is durable.
func (w *world) await(t *testing.T, begin func(done func(error))) {
	t.Helper()
	result := make(chan error, 2)
	begin(func(err error) { result <- err })
	if err := <-result; err != nil {
		t.Fatal(err)
	}
}

func (w *world) state(t *testing.T, m *sms.Message) sms.State {
	t.Helper()
	record, err := w.store.Message(t.Context(), m.ID)
	if err != nil || record == nil {
		t.Fatal(err)
	}
	return record.State
}

func (w *world) tell(t *testing.T, ref string, state sms.State) {
	t.Helper()
	w.await(t, func(done func(error)) {
		w.Report(sms.Report{Carrier: 3, Ref: ref, Destination: 393401234567, State: state, At: time.Now()}, done)
	})
}

func TestAMessageIsDeliveredWhenAllItsPartsAre(t *testing.T) {
	w := newWorld(t)
	m := w.sent(t, "a", "b", "c")
	for _, step := range []struct {
		ref   string
		state sms.State
		want  sms.State
	}{
		{"b", sms.Sent, sms.Sent}, {"c", sms.Delivered, sms.Sent}, {"a", sms.Delivered, sms.Sent}, {"a", sms.Delivered, sms.Sent},
		{"b", sms.Delivered, sms.Delivered}, {"b", sms.Failed, sms.Delivered}, {"c", sms.Expired, sms.Delivered},
	} {
		w.tell(t, step.ref, step.state)
		if got := w.state(t, m); got != step.want {
			t.Fatalf("after %s of part %s: %s, want %s", step.state, step.ref, got, step.want)
		}
	}
	balance, err := w.store.Balance(t.Context(), w.account)
	if err != nil || balance != (sms.Balance{Credit: sms.Euro - 3*35_000}) {
		t.Errorf("%+v, %v", balance, err)
	}
}

func TestAFinalStateStays(t *testing.T) {
	for _, final := range []sms.State{sms.Delivered, sms.Failed, sms.Expired} {
		w := newWorld(t)
		m := w.sent(t, "a")
		w.tell(t, "a", final)
		for _, late := range []sms.State{sms.Sent, sms.Unknown, sms.Failed, sms.Delivered, sms.Expired} {
			w.tell(t, "a", late)
		}
		if got := w.state(t, m); got != final {
			t.Errorf("%s became %s", final, got)
		}
	}
}

func TestUnknownWaitsForARealReceipt(t *testing.T) {
	w := newWorld(t)
	m := w.sent(t, "a")
	for _, step := range []struct{ told, want sms.State }{{sms.Unknown, sms.Unknown}, {sms.Sent, sms.Unknown}, {sms.Unknown, sms.Unknown}, {sms.Delivered, sms.Delivered}} {
		w.tell(t, "a", step.told)
		if got := w.state(t, m); got != step.want {
			t.Fatalf("after %s: %s", step.told, got)
		}
	}
}

func TestAReceiptOfNobodyIsAcknowledged(t *testing.T) {
	w := newWorld(t)
	m := w.sent(t, "a")
	w.tell(t, "of nobody", sms.Failed)
	if got := w.state(t, m); got != sms.Sent {
		t.Errorf("%s", got)
	}
}

func TestAMessageFromAHandsetIsKeptAsItCame(t *testing.T) {
	w := newWorld(t)
	w.await(t, func(done func(error)) { w.Inbound(reply, done) })
	if err := w.store.View(t.Context(), func(tx *store.Tx) error {
		var source, destination string
		var octets []byte
		err := tx.QueryRow(`SELECT source, destination, octets FROM inbound`).Scan(&source, &destination, &octets)
		if source != reply.Source || destination != reply.Destination || !bytes.Equal(octets, reply.Octets) {
			t.Errorf("%s, %s, %x", source, destination, octets)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// After the end nothing is acknowledged that nobody has stored.
func TestAfterTheEndTheCarrierIsAskedToRepeat(t *testing.T) {
	w := newWorld(t)
	w.stop()
	for {
		result := make(chan error, 1)
		w.Report(report, func(err error) { result <- err })
		if err := <-result; err != nil {
			if sms.CodeOf(err) != sms.Unavailable {
				t.Error(err)
			}
			return
		}
	}
}
