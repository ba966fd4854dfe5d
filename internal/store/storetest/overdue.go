package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var overdueTests = map[string]func(*testing.T, Opener){
	"becomes unknown":          becomesUnknown,
	"as the account says":      overdueAsTheAccountSays,
	"late receipt":             lateReceipt,
	"parts":                    overdueParts,
	"only what is open":        overdueOnlyOpen,
	"each message is met once": overdueMetOnce,
	"one bad":                  overdueOneBad,
	"waits still":              overdueWaits,
}

// lapse does what is due of what is overdue.
func (w *world) lapse() {
	w.t.Helper()
	if err := store.NewOverdue(w.Store).Pass(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// overdueAs sets what an account says of messages whose receipt never comes.
func (w *world) overdueAs(account sms.AccountID, what string) {
	w.t.Helper()
	err := w.ChangeAccount(context.Background(), store.Deed{Actor: "test"}, account, func(a *sms.Account) error {
		a.Settings.Overdue = what
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// final is a message that is charged when it is delivered.
func final(m *sms.Message) *sms.Message {
	m.ChargeFinal = true
	return m
}

// becomesUnknown: a day after its validity of an hour, not before; what was reserved for it is free; once.
func becomesUnknown(t *testing.T, open Opener) {
	w := newWorld(t, open)
	ordinary, charged := w.hooked(true), w.account(100)
	w.aged(w.sent(told(ordinary, 1), "a"), day+2*time.Hour)
	young := w.aged(w.sent(message(ordinary, 1), "b"), day+30*time.Minute)
	reserved := w.aged(w.sent(final(message(charged, 1)), "c"), 10*day)
	silent := w.aged(w.sent(final(message(charged, 1)), ""), 2*day) // the carrier gave it no id
	w.wantBalance(charged, 100, 20)
	before := len(w.events(ordinary))
	for range 2 {
		w.lapse()
		w.wantState(young.ID, sms.Sent)
		for _, m := range []*sms.Message{reserved, silent} {
			r := w.read(m.ID)
			if p := r.Message.Progress[0]; r.State != sms.Unknown || p.State != sms.Unknown || !p.Lapsed || !r.Final.IsZero() || r.Message.PriceOf(p) != 0 {
				t.Errorf("%+v %+v", r, p)
			}
		}
		w.wantBalance(charged, 100, 0)
		w.wantBalance(ordinary, 100_000-20, 0)
		events := w.events(ordinary)
		if e := events[0]; len(events) != before+1 || e.State != sms.Unknown || e.Reason == "" || e.Price != 10 {
			t.Errorf("%d events before, then %+v", before, events)
		}
	}
	if n := w.Counters.ReportsOverdue.Load(); n != 3 {
		t.Errorf("%d counted", n)
	}
	w.change(`UPDATE overdue SET at = 0 WHERE message_id = ?`, int64(young.ID))
	w.lapse()
	w.wantState(young.ID, sms.Unknown)
}

func overdueAsTheAccountSays(t *testing.T, open Opener) {
	for what, want := range map[string]struct {
		state            sms.State
		credit, reserved sms.Money
		price            sms.Money
	}{
		"unknown": {sms.Unknown, 1000, 0, 0}, "delivered": {sms.Delivered, 990, 0, 10}, "failed": {sms.Failed, 1000, 0, 0},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, open)
			account := w.account(1000)
			w.hook(account, &sms.Webhook{ID: "h", URL: "https://example.com", Secret: []byte("secret"), Interim: true, Created: later(0)})
			w.overdueAs(account, what)
			m := w.aged(w.sent(final(told(account, 1)), "r"), 2*day)
			w.lapse()
			r := w.read(m.ID)
			p := r.Message.Progress[0]
			if r.State != want.state || !p.Lapsed || r.Message.PriceOf(p) != want.price || r.Final.IsZero() == want.state.Final() {
				t.Errorf("%+v %+v", r, p)
			}
			w.wantBalance(account, want.credit, want.reserved)
			if e := w.events(account)[0]; e.State != want.state || e.Price != want.price || (e.Reason == "") != (want.state == sms.Delivered) {
				t.Errorf("%+v", e)
			}
			if open := w.rows(`SELECT COUNT(*) FROM carrier_ref`); (open == 0) != want.state.Final() {
				t.Errorf("%d receipts count still", open)
			}
			w.report(sms.Report{Ref: "r", Destination: m.Destination, State: sms.Expired})
			if got := w.read(m.ID).State; want.state.Final() && got != want.state || !want.state.Final() && got != sms.Expired {
				t.Errorf("a receipt makes %v of it", got)
			}
			w.wantBalance(account, want.credit, want.reserved)
		})
	}
}

// lateReceipt: one within a week after all changes UNKNOWN, and moves no money; then its id is free.
func lateReceipt(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.aged(w.sent(final(message(account, 1)), "a"), 2*day)
	never := w.aged(w.sent(final(message(account, 1)), "b"), 2*day)
	ordinary := w.aged(w.sent(message(account, 1), "c"), 2*day)
	w.lapse()
	w.wantBalance(account, 990, 0)
	for _, ref := range []string{"a", "c"} {
		w.report(sms.Report{Ref: ref, Destination: m.Destination, State: sms.Delivered})
	}
	w.wantBalance(account, 990, 0)
	for _, one := range []*sms.Message{m, ordinary} {
		r := w.read(one.ID)
		p := r.Message.Progress[0]
		if price := r.Message.PriceOf(p); r.State != sms.Delivered || p.Lapsed || (price == 0) != one.ChargeFinal {
			t.Errorf("%+v %+v at %v", r, p, price)
		}
	}
	w.change(`UPDATE overdue SET at = at - ?`, (6*day + 23*time.Hour).Milliseconds())
	w.lapse()
	if n := w.rows(`SELECT COUNT(*) FROM carrier_ref`); n != 1 {
		t.Errorf("%d receipts count still, want 1", n)
	}
	w.change(`UPDATE overdue SET at = at - ?`, (2 * time.Hour).Milliseconds())
	w.lapse()
	if n := w.rows(`SELECT COUNT(*) FROM carrier_ref`) + w.rows(`SELECT COUNT(*) FROM overdue`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	w.wantState(never.ID, sms.Unknown)
}

// overdueParts: what is known of some parts stays; what is reserved for the others is free, of a message that has failed too.
func overdueParts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	half := w.sent(final(message(account, 3)), "1", "2", "3")
	w.report(sms.Report{Ref: "2", State: sms.Delivered})
	failed := w.sent(final(message(account, 2)), "4", "5")
	w.report(sms.Report{Ref: "5", State: sms.Failed})
	w.aged(half, 2*day)
	w.aged(failed, 2*day)
	w.wantBalance(account, 990, 30)
	w.lapse()
	w.wantBalance(account, 990, 0)
	var got []string
	for _, m := range []*sms.Message{half, failed} {
		r := w.read(m.ID)
		for _, p := range r.Message.Progress {
			got = append(got, fmt.Sprintf("%v %v %v", r.State, p.State, p.Lapsed))
		}
	}
	if want := []string{"unknown unknown true", "unknown delivered false", "unknown unknown true", "failed unknown true", "failed failed false"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	for _, ref := range []string{"1", "3"} {
		w.report(sms.Report{Ref: ref, State: sms.Delivered})
	}
	w.wantState(half.ID, sms.Delivered)
	w.wantBalance(account, 990, 0)
}

// overdueOnlyOpen: what has ended is not noted.
func overdueOnlyOpen(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	done := w.sent(message(account, 2), "1", "2")
	for _, ref := range []string{"1", "2"} {
		w.report(sms.Report{Ref: ref, State: sms.Delivered})
	}
	held := w.accept(message(account, 1)) // nobody knows whether it left: there is nothing to wait for
	w.record(outcome(held, part(sms.Unknown, "")), w.mark(held))
	for _, m := range []*sms.Message{done, held, w.ended(account, "failed")} {
		w.aged(m, 2*day)
	}
	w.lapse()
	if n := w.rows(`SELECT COUNT(*) FROM overdue`); n != 0 {
		t.Errorf("%d noted", n)
	}
	w.wantState(done.ID, sms.Delivered)
	w.wantState(held.ID, sms.Unknown)
}

// overdueMetOnce: the walk goes on where it stopped, after a restart too, in steps.
func overdueMetOnce(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100_000)
	var all []*sms.Message
	for i := range 2300 { // more than two steps of reading, many of writing
		all = append(all, message(account, 1))
		all[i].Digest = uint64(i)
	}
	var admissions []*store.Admission
	for _, m := range all {
		admissions = append(admissions, &store.Admission{Message: m})
	}
	if err := w.Accept(context.Background(), admissions, func([]*sms.Message) {}); err != nil {
		t.Fatal(err)
	}
	shift := int64(2*day/time.Millisecond) << 22
	w.change(`UPDATE message SET id = id - ?, expires_at = 0, state = 4, progress = ?`, shift, []byte{1, byte(sms.Sent), 0, 0, 0, 0, 0})
	w.lapse()
	if n := w.rows(`SELECT COUNT(*) FROM message WHERE state = 8`); n != len(all) {
		t.Errorf("%d of %d are UNKNOWN", n, len(all))
	}
	w.restart()
	w.change(`UPDATE message SET state = 4, progress = ?`, []byte{1, byte(sms.Sent), 0, 0, 0, 0, 0})
	w.lapse()
	if n := w.rows(`SELECT COUNT(*) FROM message WHERE state = 4`); n != len(all) {
		t.Errorf("%d of %d were met again", len(all)-n, len(all))
	}
}

// overdueWaits: a part that was sent is no matter while another waits to be.
func overdueWaits(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.accept(message(account, 2))
	w.record(outcome(m, part(sms.Sent, "a"), part(sms.Queued, "")), w.mark(m))
	w.aged(m, 2*day)
	w.lapse()
	w.wantState(m.ID, sms.Queued)
	if n := w.rows(`SELECT COUNT(*) FROM overdue WHERE stage = 0 AND at > ?`, time.Now().UnixMilli()); n != 1 {
		t.Errorf("%d are looked at again", n)
	}
	w.change(`UPDATE overdue SET at = 0`)
	w.change(`DELETE FROM message WHERE id = ?`, int64(m.ID))
	w.lapse()
	if n := w.rows(`SELECT COUNT(*) FROM overdue`); n != 0 {
		t.Errorf("%d noted of what is gone", n)
	}
}

// overdueOneBad: a message that the database does not let go stands in the way of no other.
func overdueOneBad(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	bad, good := w.sent(final(message(account, 1)), "a"), w.sent(final(message(account, 1)), "b")
	w.aged(bad, 3*day)
	w.aged(good, 2*day)
	w.change(`UPDATE message SET part_price = 5000 WHERE id = ?`, int64(bad.ID)) // more than is reserved
	w.lapse()
	w.wantState(bad.ID, sms.Sent)
	w.wantState(good.ID, sms.Unknown)
	w.wantBalance(account, 1000, 10)
	w.change(`UPDATE message SET part_price = 10 WHERE id = ?`, int64(bad.ID))
	w.change(`UPDATE overdue SET at = 0`)
	w.lapse()
	w.wantState(bad.ID, sms.Unknown)
	w.wantBalance(account, 1000, 0)
	damaged := w.aged(w.sent(message(account, 1), "c"), 2*day-time.Minute)
	w.change(`UPDATE message SET progress = ? WHERE id = ?`, []byte{9}, int64(damaged.ID))
	last := w.aged(w.sent(message(account, 1), "d"), 2*day-2*time.Minute)
	w.lapse()
	w.wantState(last.ID, sms.Unknown)
}
