package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var acceptTests = map[string]func(*testing.T, Opener){
	"every field":        everyField,
	"order of callbacks": orderOfCallbacks,
	"later":              acceptLater,
	"spenders":           spenders,
	"refused":            refused,
	"several at once":    severalAtOnce,
	"unknown account":    unknownAccount,
	"scheduled":          scheduledAccept,
	"caller gives up":    callerGivesUp,
}

func everyField(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	full := &sms.Message{
		Account: account, Carrier: 7, CallerID: "mine", Campaign: "spring", Destination: 390212345678, Sender: "+39340",
		Text: "grüß ’n 😀", UDH: []byte{5, 0, 3, 1, 2, 3}, Encoding: sms.UCS2, Parts: 3, PartPrice: 35, Priority: sms.Low,
		Flash: true, Notify: true, ChargeFinal: true, Hold: true, Reference: 200, Due: later(time.Hour), Expires: later(2 * time.Hour),
		Digest: 1<<63 + 5, Origin: sms.Origin{Door: "http", Credential: "stf_live_abc", Address: "2001:db8::1"},
	}
	bySMPP := &sms.Message{Account: account, Carrier: 1, Destination: 1234567, Sender: "48883", Text: "d83d", Encoding: sms.UCS2, Raw: true,
		UDH: []byte{5, 0, 3, 1, 2, 1}, Parts: 1, Expires: later(time.Hour), Origin: sms.Origin{Door: "smpp", Credential: "acme"},
		Submission: sms.Submission{Receipts: sms.ReceiptDelivered | sms.ReceiptFailed | sms.ReceiptInterim, SourceTON: 6, SourceNPI: 18,
			DestTON: 5, DestNPI: 14, SourcePlus: true, DestPrefix: sms.PrefixZeros, Alphabet: 8}}
	empty := &sms.Message{Account: account, Carrier: 1, Destination: 1234567, Sender: "x", Parts: 1, Expires: later(time.Hour)}
	for _, m := range []*sms.Message{full, empty, bySMPP} {
		w.accept(m)
		if m.ID == 0 {
			t.Fatal("no id")
		}
		got := w.read(m.ID)
		if diff := cmp.Diff(m, got.Message); diff != "" {
			t.Error(diff)
		}
		if !got.Sent.IsZero() || !got.Final.IsZero() || got.Reason != "" {
			t.Errorf("%+v", got)
		}
	}
	w.wantState(full.ID, sms.Scheduled)
	w.wantState(empty.ID, sms.Queued)
	byCaller, err := w.MessageOf(t.Context(), account, "mine")
	if err != nil || byCaller == nil || byCaller.Message.ID != full.ID {
		t.Errorf("by the caller's id: %v, error %v", byCaller, err)
	}
	if other, err := w.MessageOf(t.Context(), account+1, "mine"); err != nil || other != nil {
		t.Errorf("another account reads it: %v, error %v", other, err)
	}
}

// acceptLater asks for many without waiting: each is answered after it is stored, and they are stored in order.
func acceptLater(t *testing.T, open Opener) {
	const n = 200
	w := newWorld(t, open)
	account := w.account(10 * (n - 1)) // the last one is not paid for
	admissions := make([]*store.Admission, n)
	answers := make(chan error, n)
	for i := range admissions {
		admissions[i] = &store.Admission{Message: message(account, 1)}
		admissions[i].Message.PartPrice = 10
		w.AcceptLater(admissions[i:i+1], func([]*sms.Message) {}, func(err error) { answers <- err })
	}
	for range n {
		if err := <-answers; err != nil {
			t.Fatal(err)
		}
	}
	for i, a := range admissions {
		if i > 0 && a.Message.ID <= admissions[i-1].Message.ID {
			t.Fatalf("message %d has the id %d, after %d", i, a.Message.ID, admissions[i-1].Message.ID)
		}
		w.wantState(a.Message.ID, map[bool]sms.State{false: sms.Queued, true: sms.Refused}[i == n-1])
	}
	w.stop()
	w.AcceptLater([]*store.Admission{{Message: message(account, 1)}}, nil, func(err error) { answers <- err })
	if err := <-answers; sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("after the end: %v", err)
	}
}

// orderOfCallbacks has many callers at once: all get answers, each message is told once, in order of ids.
func orderOfCallbacks(t *testing.T, open Opener) {
	const callers, each = 40, 10
	w := newWorld(t, open)
	account := w.account(callers * each * 10)
	var order []sms.ID // the callbacks come one after the other
	var answered sync.WaitGroup
	for range callers {
		answered.Go(func() {
			for range each {
				m := message(account, 1)
				err := w.Accept(context.Background(), []*store.Admission{{Message: m}}, func(ready []*sms.Message) {
					for _, m := range ready {
						order = append(order, m.ID)
					}
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	answered.Wait()
	if len(order) != callers*each {
		t.Fatalf("%d told", len(order))
	}
	for i := 1; i < len(order); i++ {
		if order[i] <= order[i-1] {
			t.Fatalf("message %d is told after %d", order[i], order[i-1])
		}
	}
	w.wantBalance(account, callers*each*10, callers*each*10)
	if commits := w.Counters.Commits.Load(); commits > callers*each {
		t.Errorf("%d commits for %d messages of %d callers at once", commits, callers*each, callers)
	}
}

// spenders: credit for 50, and 100 who want it.
func spenders(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(500)
	var mu sync.Mutex
	var accepted, short int
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			m := message(account, 1)
			if err := w.Accept(context.Background(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			switch m.Refusal {
			case "":
				accepted++
			case "INSUFFICIENT_CREDIT":
				short++
			}
		})
	}
	all.Wait()
	if accepted != 50 || short != 50 {
		t.Errorf("%d accepted and %d refused, want 50 and 50", accepted, short)
	}
	w.wantBalance(account, 500, 500)
}

func refused(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(5)
	long := strings.Repeat("è", 500)
	short, ruled := message(account, 1), message(account, 1)
	short.Text, ruled.Text, ruled.Refusal, ruled.Due = long, long, "NO_ROUTE", later(time.Hour)
	for m, reason := range map[*sms.Message]string{short: "INSUFFICIENT_CREDIT", ruled: "NO_ROUTE"} {
		told := false
		a := &store.Admission{Message: m}
		if err := w.Accept(t.Context(), []*store.Admission{a}, func([]*sms.Message) { told = true }); err != nil {
			t.Fatal(err)
		}
		r := w.read(m.ID)
		if a.Result != store.Stored || told || r.State != sms.Refused || r.Message.Refusal != reason || r.Final.IsZero() {
			t.Errorf("result %d, told %v, %+v", a.Result, told, r)
		}
		if r.Message.Text != strings.Repeat("è", 160) || r.Message.PartPrice != 0 || !r.Message.Due.IsZero() {
			t.Errorf("kept %d octets at %d, due %v", len(r.Message.Text), r.Message.PartPrice, r.Message.Due)
		}
	}
	w.wantBalance(account, 5, 0)
	if lanes, err := w.Lanes(t.Context()); len(lanes) != 0 || err != nil {
		t.Errorf("refused messages wait in %v, error %v", lanes, err)
	}
}

// severalAtOnce: what one call brings is one transaction, but one that cannot be paid does not stop the others.
func severalAtOnce(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(25)
	var call []*store.Admission
	for i := range 4 {
		m := message(account, 1)
		m.CallerID = fmt.Sprint("id", min(i, 2)) // the last two are the same
		call = append(call, &store.Admission{Message: m})
	}
	call[0].Message.Parts = 2
	var told []*sms.Message
	if err := w.Accept(t.Context(), call, func(ready []*sms.Message) { told = ready }); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || told[0] != call[0].Message {
		t.Errorf("%d told", len(told))
	}
	for i, want := range []string{"", "INSUFFICIENT_CREDIT", "INSUFFICIENT_CREDIT", "INSUFFICIENT_CREDIT"} {
		if call[i].Result != store.Stored || call[i].Message.Refusal != want {
			t.Errorf("message %d: result %d, refusal %q", i, call[i].Result, call[i].Message.Refusal)
		}
		if call[i].Available != 5 {
			t.Errorf("message %d: available %d", i, call[i].Available)
		}
	}
	w.wantBalance(account, 25, 20)
}

// unknownAccount: an error leaves no trace and no neighbour without an answer.
func unknownAccount(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			m := message(account, 1)
			bad := i%10 == 3
			if bad {
				m.Account = 999
			}
			err := w.Accept(context.Background(), []*store.Admission{{Message: message(account, 1)}, {Message: m}}, func([]*sms.Message) {})
			if (err != nil) != bad {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	all.Wait()
	w.wantBalance(account, 1000, 27*20)
	if n := w.rows(`SELECT COUNT(*) FROM message`); n != 54 {
		t.Errorf("%d messages stored, want 54", n)
	}
}

func scheduledAccept(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100)
	m := message(account, 1)
	m.Due = later(time.Hour)
	told := false
	if err := w.Accept(t.Context(), []*store.Admission{{Message: m}}, func([]*sms.Message) { told = true }); err != nil || told {
		t.Errorf("told %v, error %v", told, err)
	}
	w.wantBalance(account, 100, 10)
	if next, err := w.NextDue(t.Context()); !next.Equal(m.Due) || err != nil {
		t.Errorf("next due %v, want %v, error %v", next, m.Due, err)
	}
}

// callerGivesUp: whoever stops waiting gets an error; what the store does with the message is whole or nothing.
func callerGivesUp(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := w.Accept(ctx, []*store.Admission{{Message: message(account, 1)}}, func([]*sms.Message) {})
	if err != nil && sms.CodeOf(err) != sms.Unavailable {
		t.Error(err)
	}
	w.accept(message(account, 1))
	stored := w.rows(`SELECT COUNT(*) FROM message`)
	w.wantBalance(account, 1000, sms.Money(10*stored))
}
