package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Events that go by SMPP.
var receiverTests = map[string]func(*testing.T, Opener){
	"one for the message":          receiptForMessage,
	"as registered_delivery asks":  receiptsAsAsked,
	"intermediate":                 intermediateReceipts,
	"ways apart":                   waysApart,
	"lanes of some":                lanesOfSome,
	"what came of it":              receiptsOfMessage,
	"replay":                       replayReceipts,
	"of what was cancelled":        receiptOfCancelled,
	"nobody bound for a week":      nobodyBound,
	"asked for survives a restart": receiptAfterRestart,
}

// everyEnd is registered_delivery 1.
const everyEnd = sms.ReceiptDelivered | sms.ReceiptFailed

// receipted is a message that came by SMPP.
func receipted(account sms.AccountID, parts int, wish sms.Receipts) *sms.Message {
	m := message(account, parts)
	m.Submission.Receipts = wish
	m.Origin.Door = "smpp"
	return m
}

func bySMPP(account sms.AccountID) store.EventQueue {
	return store.EventQueue{Account: account, Way: sms.BySMPP}
}

// receipts takes what waits to go by SMPP, in words.
func (w *world) receipts(account sms.AccountID) (told []string) {
	w.t.Helper()
	events, err := w.ClaimEvents(context.Background(), bySMPP(account), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range events {
		if e.Part != sms.WholeMessage || e.Way != sms.BySMPP {
			w.t.Errorf("%+v", e)
		}
		told = append(told, fmt.Sprintf("%v seen %v code %q %d", e.State, e.Seen, e.Code, e.Price))
	}
	return told
}

func (w *world) want(account sms.AccountID, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.receipts(account)); diff != "" {
		w.t.Error(diff)
	}
}

func receiptForMessage(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100_000)
	m := receipted(account, 3, everyEnd)
	m.Submission.SourceTON, m.Submission.DestPrefix = 5, sms.PrefixPlus
	m.Text, m.CallerID = "the beginning of a text that is longer", "c"
	w.sent(m, "1", "2", "3")
	w.report(sms.Report{Ref: "2", State: sms.Delivered, Code: "000"})
	w.report(sms.Report{Ref: "1", State: sms.Delivered, Code: "000"})
	if events := w.receipts(account); len(events) != 0 {
		t.Errorf("before all parts are delivered: %v", events)
	}
	at := later(time.Minute)
	w.report(sms.Report{Ref: "3", State: sms.Delivered, Code: "001", At: at})
	events, err := w.ClaimEvents(context.Background(), bySMPP(account), 10)
	if err != nil || len(events) != 1 {
		t.Fatalf("%+v, %v", events, err)
	}
	e := events[0]
	want := &sms.Message{ID: m.ID, Destination: m.Destination, Sender: "ACME", CallerID: "c", Parts: 3, Text: "the beginning of a t", Submission: m.Submission}
	if diff := cmp.Diff(want, e.Message); diff != "" || e.State != sms.Delivered || e.Code != "001" || e.Price != 30 || !e.At.Equal(at) {
		t.Errorf("%+v\n%s", e, diff)
	}
	w.sent(receipted(account, 3, everyEnd), "4", "5", "6")
	w.report(sms.Report{Ref: "5", State: sms.Failed, Code: "7"})
	w.report(sms.Report{Ref: "4", State: sms.Delivered})
	w.report(sms.Report{Ref: "6", State: sms.Failed, Code: "8"})
	w.want(account, `failed seen false code "7" 30`) // at the first part that failed for good, and not again
	unsent := w.accept(receipted(account, 2, everyEnd))
	w.record(outcome(unsent, parts(sms.Expired, "", "")...), w.mark(unsent))
	w.want(account, `expired seen false code "" 0`)
}

func receiptsAsAsked(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(true)
	for i, wish := range []sms.Receipts{0, everyEnd, sms.ReceiptFailed} {
		for j, state := range []sms.State{sms.Delivered, sms.Failed, sms.Expired} {
			ref := fmt.Sprint(i, j)
			w.sent(receipted(account, 1, wish), ref)
			w.report(sms.Report{Ref: ref, State: sms.Sent})
			w.report(sms.Report{Ref: ref, State: sms.Unknown})
			w.report(sms.Report{Ref: ref, State: state})
		}
	}
	const unknown = `unknown seen false code "" 10`
	w.want(account, unknown, `delivered seen false code "" 10`, unknown, `failed seen false code "" 10`, unknown, `expired seen false code "" 10`,
		unknown, unknown, `failed seen false code "" 10`, unknown, `expired seen false code "" 10`)
	if n := w.rows(`SELECT COUNT(*) FROM event WHERE way = 0`); n != 0 {
		t.Errorf("%d went to the webhook", n)
	}
}

func intermediateReceipts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(100_000)
	w.sent(receipted(account, 2, everyEnd|sms.ReceiptInterim), "1", "2")
	for _, r := range []sms.Report{{Ref: "1", State: sms.Sent}, {Ref: "2", State: sms.Sent}, {Ref: "1", State: sms.Unknown},
		{Ref: "2", State: sms.Unknown}, {Ref: "1", State: sms.Delivered}, {Ref: "2", State: sms.Delivered}} {
		w.report(r)
	}
	w.want(account, `sent seen false code "" 20`, `sent seen true code "" 20`, `unknown seen false code "" 20`, `delivered seen false code "" 20`)
}

// Events of a webhook and of sessions of one account are taken apart, and end apart.
func waysApart(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.hooked(false), context.Background()
	w.delivered(account, "a")
	w.sent(receipted(account, 1, everyEnd), "b")
	w.report(sms.Report{Ref: "b", State: sms.Failed})
	stirred := w.Stirred()
	slices.SortFunc(stirred, func(a, b store.EventQueue) int { return int(a.Way) - int(b.Way) })
	if diff := cmp.Diff([]store.EventQueue{{Account: account}, bySMPP(account)}, stirred); diff != "" {
		t.Error(diff)
	}
	for _, way := range []sms.Way{sms.ByWebhook, sms.BySMPP} {
		n, err := w.EventsWaiting(ctx, way)
		lanes, err2 := w.EventLanes(ctx, way)
		if n != 1 || len(lanes) != 1 || lanes[0].Way != way || lanes[0].Account != account || err != nil || err2 != nil {
			t.Errorf("way %d: %d wait in %+v, %v, %v", way, n, lanes, err, err2)
		}
	}
	if events := w.claim(account, 10); len(events) != 1 || events[0].State != sms.Delivered {
		t.Errorf("for the webhook: %+v", events)
	}
	w.hook(account, nil)
	for ended := int64(1); ended > 0; {
		var err error
		if ended, err = w.FailEvents(ctx, account); err != nil {
			t.Fatal(err)
		}
	}
	w.want(account, `failed seen false code "" 10`)
}

func lanesOfSome(t *testing.T, open Opener) {
	w := newWorld(t, open)
	ctx := context.Background()
	var accounts []sms.AccountID
	for i := range 4 {
		accounts = append(accounts, w.account(1000))
		w.sent(receipted(accounts[i], 1, everyEnd), fmt.Sprint(i))
		if i != 1 {
			w.report(sms.Report{Ref: fmt.Sprint(i), State: sms.Delivered})
		}
	}
	for _, c := range []struct{ ask, want []sms.AccountID }{{nil, nil}, {accounts[:1], accounts[:1]}, {accounts[1:2], nil}, {accounts[1:3], accounts[2:3]}} {
		lanes, err := w.EventLanesOf(ctx, sms.BySMPP, c.ask)
		var got []sms.AccountID
		for _, l := range lanes {
			got = append(got, l.Account)
			if l.Due.After(time.Now()) || l.Way != sms.BySMPP {
				t.Errorf("%+v", l)
			}
		}
		if !slices.Equal(got, c.want) || err != nil {
			t.Errorf("of %v: %v, %v; want %v", c.ask, got, err, c.want)
		}
	}
}

func receiptsOfMessage(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.account(1000), context.Background()
	m := w.sent(receipted(account, 1, everyEnd|sms.ReceiptInterim), "r")
	w.report(sms.Report{Ref: "r", State: sms.Delivered})
	taken, err := w.ClaimEvents(ctx, bySMPP(account), 10)
	if err != nil || len(taken) != 2 {
		t.Fatalf("%+v, %v", taken, err)
	}
	w.settleEvent(sms.Attempt{Event: taken[0].ID, Number: 1, At: later(0), Due: later(time.Hour), Status: 0x64, Error: "ESME_RX_T_APPN", Receiver: "acme from 127.0.0.1:1"})
	w.settleEvent(sms.Attempt{Event: taken[1].ID, Number: 1, At: later(0), Stage: sms.EventDelivered, Receiver: "acme from 127.0.0.1:2"})
	events, attempts, err := w.Receipts(ctx, m.ID)
	if err != nil || len(events) != 2 || len(attempts) != 2 {
		t.Fatalf("%+v, %+v, %v", events, attempts, err)
	}
	if events[0].State != sms.Sent || events[0].Stage != sms.EventWaiting || events[1].State != sms.Delivered || events[1].Stage != sms.EventDelivered {
		t.Errorf("%+v", events)
	}
	if attempts[0].Receiver != "acme from 127.0.0.1:1" || attempts[0].Status != 0x64 || attempts[1].Event != events[1].ID {
		t.Errorf("%+v", attempts)
	}
	if events, _, err := w.Receipts(ctx, m.ID+1); len(events) != 0 || err != nil {
		t.Errorf("%+v, %v", events, err)
	}
}

func replayReceipts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.hooked(false), context.Background()
	w.delivered(account, "a")
	w.sent(receipted(account, 1, everyEnd), "b")
	w.report(sms.Report{Ref: "b", State: sms.Delivered})
	hooked := w.claim(account, 1)[0]
	taken, err := w.ClaimEvents(ctx, bySMPP(account), 1)
	if err != nil || len(taken) != 1 {
		t.Fatalf("%+v, %v", taken, err)
	}
	for _, e := range []sms.Event{hooked, taken[0]} {
		w.settleEvent(sms.Attempt{Event: e.ID, Number: 1, At: later(0), Stage: sms.EventFailed})
	}
	w.Stirred()
	if n, err := w.ReplayEvents(ctx, account, store.Replay{To: taken[0].ID, NoWebhook: true}); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if stirred := w.Stirred(); !slices.Equal(stirred, []store.EventQueue{bySMPP(account)}) {
		t.Errorf("%+v", stirred)
	}
	w.want(account, `delivered seen false code "" 10`)
}

func receiptOfCancelled(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.account(1000), context.Background()
	held := receipted(account, 2, everyEnd)
	held.Due = later(time.Hour)
	w.accept(held)
	if err := w.Cancel(ctx, account, held.ID, func(*sms.Message) bool { return false }); err != nil {
		t.Fatal(err)
	}
	w.want(account, `cancelled seen false code "" 0`)
}

// What has waited for a session for a week has failed; what waits for a shorter time, or is being sent, has not.
func nobodyBound(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.account(1000), context.Background()
	for _, ref := range []string{"old", "young"} {
		w.sent(receipted(account, 1, everyEnd), ref)
		w.report(sms.Report{Ref: ref, State: sms.Delivered})
	}
	age := func(hours int64) any { return time.Now().Add(-time.Duration(hours) * time.Hour).UnixMilli() }
	if err := w.Change(ctx, "test", func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE event SET due_at = CASE WHEN id = (SELECT MIN(id) FROM event) THEN ` + fmt.Sprint(age(7*24+1)) + ` ELSE ` + fmt.Sprint(age(7*24-1)) + ` END`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if n, err := w.ExpireEvents(ctx); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	events := w.events(account)
	if events[0].Stage != sms.EventWaiting || events[1].Stage != sms.EventFailed || events[1].Ended.IsZero() {
		t.Errorf("%+v", events)
	}
}

// A message keeps what its customer asked for, whoever reads it from the store.
func receiptAfterRestart(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := receipted(account, 1, sms.ReceiptFailed|sms.ReceiptInterim)
	m.Flash = true
	w.sent(m, "r")
	w.restart()
	if r := w.read(m.ID); r.Message.Submission != m.Submission || !r.Message.Flash || r.Redacted {
		t.Errorf("%+v", r.Message)
	}
	w.report(sms.Report{Ref: "r", State: sms.Failed})
	w.want(account, `sent seen false code "" 10`, `failed seen false code "" 10`)
}
