package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var retentionTests = map[string]func(*testing.T, Opener){
	"removed":     removed,
	"follows":     follows,
	"redacted":    redacted,
	"gives back":  givesBack,
	"never final": neverFinal,
}

const day = 24 * time.Hour

// keeping sets how long an account keeps its messages.
func (w *world) keeping(account sms.AccountID, retention, redact time.Duration) {
	w.t.Helper()
	err := w.ChangeAccount(context.Background(), store.Deed{Actor: "test"}, account, func(a *sms.Account) error {
		a.Settings.Retention, a.Settings.RedactAfter = retention, redact
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// aged makes a message, and what hangs on it, so much older.
func (w *world) aged(m *sms.Message, by time.Duration) *sms.Message {
	w.t.Helper()
	before := m.ID
	shift, ms := int64(by.Milliseconds())<<22, by.Milliseconds()
	m.ID -= sms.ID(shift)
	w.change(`UPDATE message SET id = id - ?, expires_at = expires_at - ?, sent_at = sent_at - ?, final_at = final_at - ? WHERE id = ?`,
		shift, ms, ms, ms, int64(before))
	for _, table := range []string{"caller_id", "carrier_ref", "incident"} {
		w.change(`UPDATE `+table+` SET message_id = ? WHERE message_id = ?`, int64(m.ID), int64(before))
	}
	return m
}

func (w *world) pass(r *store.Retention) {
	w.t.Helper()
	if err := r.Pass(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wantThere(m *sms.Message, want bool) {
	w.t.Helper()
	r, err := w.Message(context.Background(), m.ID)
	if err != nil || (r != nil) != want {
		w.t.Errorf("message of account %d accepted %v ago: there %v, want %v, error %v", m.Account, time.Since(m.ID.Time()).Round(time.Hour), r != nil, want, err)
	}
}

// ended is a message with a caller's id that has come to its end, with an incident.
func (w *world) ended(account sms.AccountID, id string) *sms.Message {
	w.t.Helper()
	m := w.wantResult(named(account, id, 1), store.Stored).Message
	o := outcome(m, part(sms.Failed, ""))
	o.Incident = "refused"
	w.record(o, w.mark(m))
	return m
}

// removed: each account's messages go when its time is over, with all that hangs on them, and nothing else.
func removed(t *testing.T, open Opener) {
	w := newWorld(t, open)
	short, ordinary, long := w.account(10_000), w.account(10_000), w.account(10_000)
	w.keeping(short, 2*day, 0)
	w.keeping(long, 400*day, 0)
	var gone, stay []*sms.Message
	for i := range 250 { // more than one step
		gone = append(gone, w.aged(w.ended(short, fmt.Sprint("old", i)), 3*day))
	}
	stay = append(stay, w.aged(w.ended(short, "young"), day), w.aged(w.ended(long, "long"), 300*day), w.aged(w.ended(ordinary, "ordinary"), 89*day))
	waits := w.aged(w.accept(message(short, 1)), 10*day)
	gone = append(gone, w.aged(w.ended(ordinary, "old"), 91*day))
	newer := w.ended(short, "again")
	w.change(`DELETE FROM caller_id WHERE message_id = ?`, int64(newer.ID))
	older := w.aged(w.ended(short, "again"), 3*day)
	w.change(`UPDATE caller_id SET message_id = ? WHERE message_id = ?`, int64(newer.ID), int64(older.ID))

	r := store.NewRetention(w.Store)
	w.pass(r)
	for _, m := range append(gone, older) {
		w.wantThere(m, false)
	}
	for _, m := range append(stay, waits, newer) {
		w.wantThere(m, true)
	}
	for _, table := range []string{"caller_id", "incident"} {
		if n := w.rows(`SELECT COUNT(*) FROM ` + table); n != 4 {
			t.Errorf("%s has %d rows, want 4", table, n)
		}
	}
	w.keeping(ordinary, 2*day, 0) // everything is met again
	w.pass(r)
	w.wantThere(stay[2], false)
	w.wantThere(stay[1], true)
}

// follows: later passes meet what has become old since the first, however late it ended.
func follows(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	w.keeping(account, 2*day, 0)
	r := store.NewRetention(w.Store)
	w.pass(r)
	quick := w.aged(w.ended(account, "quick"), 2*day+10*time.Minute)
	w.pass(r)
	w.wantThere(quick, true) // it stands before the place that the walk at this distance had reached
	w.wantThere(w.aged(w.ended(account, "late"), 2*day+30*time.Minute), true)
	again := store.NewRetention(w.Store) // as after a restart
	w.pass(again)
	w.wantThere(quick, false)
}

// redacted: text and number go earlier than the message; its status and its id still answer.
func redacted(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.account(10_000), w.account(10_000)
	w.keeping(account, 30*day, time.Hour)
	old := w.aged(w.ended(account, "old"), 2*time.Hour)
	recent := w.ended(account, "recent")
	waits := w.aged(w.accept(message(account, 1)), 2*time.Hour)
	others := w.aged(w.ended(other, "old"), 2*time.Hour)
	before := w.read(old.ID)
	r := store.NewRetention(w.Store)
	w.pass(r)
	w.pass(r)
	got := w.read(old.ID)
	if got.Message.Text != "" || got.Message.Destination != 0 || got.Message.UDH != nil || !got.Redacted {
		t.Errorf("%+v of %+v", got, got.Message)
	}
	if got.State != before.State || got.Reason != before.Reason || got.Message.Digest != before.Message.Digest || got.Message.Sender != before.Message.Sender ||
		got.Message.Flash != before.Message.Flash || got.Message.Hold != before.Message.Hold || got.Message.Parts != before.Message.Parts {
		t.Errorf("more than the text and the number has changed: %+v, before %+v", got.Message, before.Message)
	}
	for _, m := range []*sms.Message{recent, waits, others} {
		if got := w.read(m.ID); got.Redacted || got.Message.Text == "" || got.Message.Destination == 0 {
			t.Errorf("blanked too early: %+v", got.Message)
		}
	}
	w.wantResult(named(account, "old", 1), store.Replayed) // known by its digest
	w.wantResult(named(account, "old", 2), store.IDTaken)
}

// givesBack: what is still reserved for parts that nobody reported delivered is free when their message goes.
func givesBack(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := message(account, 2)
	m.ChargeFinal = true
	w.sent(m, "a", "b")
	w.report(sms.Report{Ref: "a", Destination: m.Destination, State: sms.Delivered})
	w.wantBalance(account, 990, 10)
	w.aged(m, 92*day)
	r := store.NewRetention(w.Store)
	for range 2 {
		w.pass(r)
		w.wantThere(m, false)
		w.wantBalance(account, 990, 0)
	}
	if n := w.rows(`SELECT COUNT(*) FROM carrier_ref`); n != 0 {
		t.Errorf("%d receipts are awaited", n)
	}
}

// neverFinal: a message without a receipt is over a day after the end of its validity.
func neverFinal(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	w.keeping(account, 2*day, 0)
	young, old := w.sent(message(account, 1), "a"), w.sent(message(account, 1), "b") // valid for an hour
	w.aged(young, 3*day)
	w.aged(old, 3*day+2*time.Hour)
	w.pass(store.NewRetention(w.Store))
	w.wantThere(young, true)
	w.wantThere(old, false)
}
