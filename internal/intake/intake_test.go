package intake

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

func TestAcceptStoresReservesAndHandsOn(t *testing.T) {
	w := newWorld(t, sms.Euro)
	a := w.send(t, with(func(r *Request) { r.Body = strings.Repeat("a", 306) }))
	wantReasons(t, a)
	if a.Parts != 2 || a.Unicode || a.Simulation || a.Replayed || a.Preview != nil {
		t.Errorf("%+v", a)
	}
	record := w.stored(t, a.MessageID)
	if record == nil || record.State != sms.Queued {
		t.Fatalf("stored: %+v", record)
	}
	if m := record.Message; m.Carrier != 7 || m.PartPrice != partPrice || m.Parts != 2 || m.Account != w.caller.Account.ID ||
		m.Origin != (sms.Origin{Door: "http", Credential: "stf_live_first", Address: "203.0.113.9"}) {
		t.Errorf("stored: %+v", m)
	}
	if diff := cmp.Diff(sms.Balance{Credit: sms.Euro, Reserved: 2 * partPrice}, w.balance(t)); diff != "" {
		t.Error(diff)
	}
	if w.sent() != 1 {
		t.Errorf("%d messages handed on", w.sent())
	}
}

func TestAcceptFollowsTheSettingsOfTheAccount(t *testing.T) {
	w := newWorld(t, sms.Euro)
	w.caller.Account = &sms.Account{ID: w.caller.Account.ID, Settings: sms.Settings{Charge: "delivered", Uncertain: "hold"}}
	w.caller.Address = netip.Addr{}
	m := w.stored(t, w.send(t, plain()).MessageID).Message
	if !m.ChargeFinal || !m.Hold || m.Origin.Address != "" {
		t.Errorf("%+v", m)
	}
}

func TestAScheduledMessageIsHeld(t *testing.T) {
	w := newWorld(t, sms.Euro)
	due := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	a := w.send(t, with(func(r *Request) { r.ScheduledDate = due.Format(time.RFC3339Nano) }))
	wantReasons(t, a)
	record := w.stored(t, a.MessageID)
	if record.State != sms.Scheduled || !record.Message.Due.Equal(due) || w.sent() != 0 {
		t.Errorf("state %s, due %v, %d handed on", record.State, record.Message.Due, w.sent())
	}
	if got := w.balance(t).Reserved; got != partPrice {
		t.Errorf("reserved %s", got)
	}
}

// Nothing wrong is stored or charged, and it harms nobody who is accepted at the same moment.
func TestField_poison_message(t *testing.T) {
	w := newWorld(t, 1000*sms.Euro)
	before := w.rows(t)
	var workers sync.WaitGroup
	var good, wrong atomic.Int64
	for worker := range 8 {
		workers.Go(func() {
			for i, test := range wrongRequests {
				r := with(test.change)
				if strings.Contains(r.ScheduledDate, "2026-03-0") || strings.HasPrefix(r.ScheduledDate, "2027") {
					continue // wrong at another moment only
				}
				if _, err := w.Accept(context.Background(), w.caller, "http", r); sms.CodeOf(err) == sms.Invalid {
					wrong.Add(1)
				} else {
					t.Errorf("%s (%s): %v", test.field, test.says, err)
				}
				a, err := w.Accept(context.Background(), w.caller, "http", with(func(r *Request) { r.MessageID = fmt.Sprintf("%d-%d", worker, i) }))
				if err != nil || !a.Accepted {
					t.Errorf("a good message: %+v, %v", a, err)
				}
				good.Add(1)
			}
		})
	}
	workers.Wait()
	if wrong.Load() == 0 || good.Load() == 0 {
		t.Fatal("nothing was tried")
	}
	if rows := w.rows(t) - before; int64(rows) != 2*good.Load() { // the message, and its id
		t.Errorf("%d rows for %d messages", rows, good.Load())
	}
	if got := w.balance(t).Reserved; got != partPrice*sms.Money(good.Load()) || int64(w.sent()) != good.Load() {
		t.Errorf("reserved %s, %d handed on", got, w.sent())
	}
}

func TestRefusals(t *testing.T) {
	long := strings.Repeat("a", 153*10+1)
	for name, test := range map[string]struct {
		change  func(*Request)
		credit  sms.Money
		noRoute bool
		reasons []string
		parts   int
	}{
		"no credit":           {func(*Request) {}, partPrice - 1, false, []string{"INSUFFICIENT_CREDIT"}, 1},
		"credit for one":      {func(r *Request) { r.Body = strings.Repeat("я", 71) }, 2*partPrice - 1, false, []string{"INSUFFICIENT_CREDIT"}, 2},
		"no route":            {func(*Request) {}, sms.Euro, true, []string{"NO_ROUTE"}, 1},
		"eleven parts":        {func(r *Request) { r.Body = long }, sms.Euro, false, []string{"TOO_MANY_PARTS"}, 11},
		"more than can be":    {func(r *Request) { r.Body = strings.Repeat("😀", 10_000) }, sms.Euro, false, []string{"TOO_MANY_PARTS"}, 304},
		"no route, too many":  {func(r *Request) { r.Body = long }, 0, true, []string{"NO_ROUTE", "TOO_MANY_PARTS"}, 11},
		"scheduled, no route": {func(r *Request) { r.ScheduledDate = time.Now().Add(time.Hour).Format(time.RFC3339) }, 0, true, []string{"NO_ROUTE"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, test.credit)
			w.places.none = test.noRoute
			if test.noRoute {
				w.places.carrier = sms.Carrier{}
			}
			a := w.send(t, with(test.change))
			wantReasons(t, a, test.reasons...)
			if a.Parts != test.parts {
				t.Errorf("%d parts, want %d", a.Parts, test.parts)
			}
			record := w.stored(t, a.MessageID)
			if record == nil || record.State != sms.Refused || record.Message.Refusal != test.reasons[0] {
				t.Fatalf("stored: %+v", record)
			}
			if w.balance(t) != (sms.Balance{Credit: test.credit}) || w.sent() != 0 {
				t.Errorf("%+v, %d handed on", w.balance(t), w.sent())
			}
		})
	}
}

func TestTenPartsAreTaken(t *testing.T) {
	w := newWorld(t, sms.Euro)
	if a := w.send(t, with(func(r *Request) { r.Body = strings.Repeat("a", 1530) })); a.Parts != 10 || !a.Accepted {
		t.Errorf("%+v", a)
	}
}

func TestTheSameAgainIsReplayed(t *testing.T) {
	for name, change := range map[string]func(*Request){
		"messageId":       func(r *Request) { r.MessageID = "m-1" },
		"Idempotency-Key": func(r *Request) { r.IdempotencyKey = "k-1" },
		"both":            func(r *Request) { r.MessageID, r.IdempotencyKey = "m-1", "k-1" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sms.Euro)
			first := w.send(t, with(func(r *Request) { r.Body = "я"; change(r) }))
			again := w.send(t, with(func(r *Request) { r.Body, r.Destination = "я", "0039 340 1234567"; change(r) }))
			if first.Replayed || !again.Replayed {
				t.Errorf("first %+v, again %+v", first, again)
			}
			again.Replayed = false
			if diff := cmp.Diff(first, again); diff != "" {
				t.Error(diff)
			}
			if w.sent() != 1 || w.balance(t).Reserved != partPrice {
				t.Errorf("%d handed on, reserved %s", w.sent(), w.balance(t).Reserved)
			}
			_, err := w.Accept(t.Context(), w.caller, "http", with(change))
			refusal, ok := errors.AsType[*sms.Error](err)
			if !ok || refusal.Code != sms.Conflict || !strings.Contains(refusal.Message, "another message") {
				t.Errorf("another text: %v", err)
			}
		})
	}
}

func TestIdsBelongToTheirAccount(t *testing.T) {
	w := newWorld(t, sms.Euro)
	r := func(body string) *Request {
		return with(func(r *Request) { r.MessageID, r.IdempotencyKey, r.Body = "m-1", "k-1", body })
	}
	w.send(t, r("one"))
	w.caller = w.account(t, "second", sms.Euro)
	if a := w.send(t, r("two")); a.Replayed || !a.Accepted {
		t.Errorf("%+v", a)
	}
}

func TestAGeneratedIdIsTaken(t *testing.T) {
	w := newWorld(t, sms.Euro)
	generated := w.send(t, plain()).MessageID
	for _, id := range []string{generated, strings.ToUpper(generated)} {
		if _, err := w.Accept(t.Context(), w.caller, "http", with(func(r *Request) { r.MessageID = id })); sms.CodeOf(err) != sms.Conflict {
			t.Errorf("%s: %v", id, err)
		}
	}
	first := w.caller
	w.caller = w.account(t, "second", sms.Euro)
	if a := w.send(t, with(func(r *Request) { r.MessageID = generated })); !a.Accepted {
		t.Errorf("in another account: %+v", a)
	}
	w.caller = first
	if record := w.stored(t, generated); record.Message.Account != first.Account.ID {
		t.Errorf("%+v", record.Message)
	}
}

// A UUIDv7 of the caller's own is an id like any other, even if its time, node and number are those of a message.
func TestACallersUUIDClaimsNothing(t *testing.T) {
	w := newWorld(t, sms.Euro)
	generated := w.send(t, plain()).MessageID
	forged := generated[:35] + string("0123456789abcdef0"[strings.IndexByte("0123456789abcdef", generated[35])+1])
	if a := w.send(t, with(func(r *Request) { r.MessageID = forged })); !a.Accepted || a.MessageID != forged {
		t.Errorf("%+v", a)
	}
}

func TestARefusedMessageIsTriedAnew(t *testing.T) {
	w := newWorld(t, sms.Euro)
	r := with(func(r *Request) { r.MessageID, r.IdempotencyKey = "m-1", "k-1" })
	w.places.none = true
	for range 2 {
		a := w.send(t, r)
		wantReasons(t, a, "NO_ROUTE")
		if a.Replayed {
			t.Error("a refusal was replayed")
		}
	}
	w.places.none = false
	wantReasons(t, w.send(t, r))
	if a := w.send(t, r); !a.Replayed {
		t.Errorf("%+v", a)
	}
}

func TestASimulationLeavesNoTrace(t *testing.T) {
	w := newWorld(t, 2*partPrice)
	before := w.rows(t)
	simulate := func(change func(*Request)) Answer {
		return w.send(t, with(func(r *Request) { r.Simulation, r.MessageID, r.IdempotencyKey = true, "m-1", "k-1"; change(r) }))
	}
	a := simulate(func(r *Request) { r.Body = "€ я 😀 я" })
	wantReasons(t, a)
	want := Answer{MessageID: "m-1", Simulation: true, Accepted: true, Unicode: true, Parts: 1, Reasons: []string{},
		Preview: &Preview{Encoding: "UCS-2", Characters: 7, ForcedBy: []string{"я", "😀"}, Price: partPrice, Route: "north"}}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	a = simulate(func(r *Request) { r.Body = strings.Repeat("€", 80) + "a" })
	if diff := cmp.Diff(&Preview{Encoding: "GSM-7", Characters: 81, ForcedBy: []string{}, Price: 2 * partPrice, Route: "north"}, a.Preview); diff != "" || a.Parts != 2 {
		t.Error(diff, a)
	}
	wantReasons(t, simulate(func(r *Request) { r.Body = strings.Repeat("a", 307) }), "INSUFFICIENT_CREDIT")
	wantReasons(t, simulate(func(r *Request) { r.Body = strings.Repeat("a", 2000) }), "TOO_MANY_PARTS")
	w.places.none, w.places.carrier = true, sms.Carrier{}
	a = simulate(func(*Request) {})
	wantReasons(t, a, "NO_ROUTE")
	if a.Preview.Route != "" {
		t.Errorf("route %q", a.Preview.Route)
	}
	if _, err := w.Accept(t.Context(), w.caller, "http", with(func(r *Request) { r.Simulation, r.Sender = true, "" })); sms.CodeOf(err) != sms.Invalid {
		t.Errorf("a wrong simulation: %v", err)
	}
	if w.rows(t) != before || w.sent() != 0 || w.balance(t) != (sms.Balance{Credit: 2 * partPrice}) {
		t.Errorf("%d rows, %d handed on, %+v", w.rows(t)-before, w.sent(), w.balance(t))
	}
	w.places.none = false
	if a := w.send(t, with(func(r *Request) { r.MessageID, r.IdempotencyKey = "m-1", "k-1" })); a.Replayed || !a.Accepted {
		t.Errorf("the id was taken: %+v", a)
	}
}

func TestASimulationAnswersAnIdOfNobody(t *testing.T) {
	w := newWorld(t, sms.Euro)
	seen := map[string]bool{}
	for range 100 {
		id := w.send(t, with(func(r *Request) { r.Simulation = true })).MessageID
		if _, ours := w.ids.Parse(id); ours || seen[id] || len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) {
			t.Fatalf("%q", id)
		}
		seen[id] = true
	}
}

// fullStore takes nothing.
type fullStore struct{ err error }

func (f fullStore) Accept(context.Context, []*store.Admission, func([]*sms.Message)) error {
	return f.err
}
func (f fullStore) AcceptLater(_ []*store.Admission, _ func([]*sms.Message), done func(error)) {
	done(f.err)
}
func (f fullStore) Balance(context.Context, sms.AccountID) (sms.Balance, error) {
	return sms.Balance{}, f.err
}
func (f fullStore) Unwanted(_ context.Context, messages []*sms.Message) ([]bool, error) {
	return make([]bool, len(messages)), f.err
}

func TestAStoreThatTakesNothingIsNoSuccess(t *testing.T) {
	full := &sms.Error{Code: sms.Unavailable, Message: "the server cannot store anything now", RetryAfter: time.Second}
	in := New(fullStore{full}, &places{carrier: sms.Carrier{ID: 1}}, &places{carrier: sms.Carrier{ID: 1}}, sms.NewPublicIDs(nil), func([]*sms.Message) { t.Error("handed on") })
	for _, r := range []*Request{plain(), with(func(r *Request) { r.Simulation = true })} {
		a, err := in.Accept(t.Context(), auth.Caller{Account: &sms.Account{}}, "http", r)
		if !errors.Is(err, full) || a.Accepted || a.MessageID != "" {
			t.Errorf("%+v, %v", a, err)
		}
	}
}

func TestReferencesDiffer(t *testing.T) {
	var r references
	const to, other = sms.Number(393401234567), sms.Number(393401234568)
	seen := map[byte]bool{}
	for range 256 {
		ref := r.next(to)
		if seen[ref] {
			t.Fatalf("reference %d comes again within 256 messages", ref)
		}
		seen[ref] = true
		for range 300 {
			r.next(other)
		}
	}
}

func TestReferencesBeginAnywhere(t *testing.T) {
	first := map[byte]bool{}
	for range 50 {
		in := New(nil, nil, nil, nil, nil)
		first[in.reference.next(393401234567)] = true
	}
	if len(first) < 5 {
		t.Errorf("fifty starts begin at %d references", len(first))
	}
}

func TestOnlySeveralPartsHaveAReference(t *testing.T) {
	w := newWorld(t, sms.Euro)
	w.reference.begin = 41
	if m := w.stored(t, w.send(t, plain()).MessageID).Message; m.Reference != 0 {
		t.Errorf("one part has the reference %d", m.Reference)
	}
	two := with(func(r *Request) { r.Body = strings.Repeat("a", 161) })
	for want := byte(42); want < 45; want++ {
		if m := w.stored(t, w.send(t, two).MessageID).Message; m.Reference != want {
			t.Errorf("reference %d, want %d", m.Reference, want)
		}
	}
}

func TestFiftyOfAHundredSpenders(t *testing.T) {
	w := newWorld(t, 50*partPrice)
	var accepted, refused atomic.Int64
	var workers sync.WaitGroup
	for range 100 {
		workers.Go(func() {
			a, err := w.Accept(context.Background(), w.caller, "http", plain())
			switch {
			case err != nil:
				t.Error(err)
			case a.Accepted:
				accepted.Add(1)
			case a.Reasons[0] == "INSUFFICIENT_CREDIT":
				refused.Add(1)
			}
		})
	}
	workers.Wait()
	if accepted.Load() != 50 || refused.Load() != 50 || w.balance(t).Available() != 0 {
		t.Errorf("accepted %d, refused %d, available %s", accepted.Load(), refused.Load(), w.balance(t).Available())
	}
}
