package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var webhookTests = map[string]func(*testing.T, Opener){
	"event of each end":         eventOfEachEnd,
	"only who asks":             eventsOnlyForWhoAsks,
	"one for each part":         eventForEachPart,
	"interim":                   interimEvents,
	"exactly with the status":   eventExactlyWithStatus,
	"taken once":                eventTakenOnce,
	"settled":                   eventSettled,
	"late result":               lateResult,
	"replay":                    replayEvents,
	"no webhook any more":       noWebhookAnyMore,
	"webhook":                   webhookLife,
	"seen by another directory": webhookByChanges,
	"lanes":                     eventLanes,
	"pages":                     eventPages,
	"anything a carrier says":   carrierCodes,
}

// hooked is an account with a webhook.
func (w *world) hooked(interim bool) sms.AccountID {
	w.t.Helper()
	account := w.account(100_000)
	w.hook(account, &sms.Webhook{ID: "h", URL: "https://example.com", Secret: []byte("secret"), Interim: interim, Created: later(0)})
	return account
}

func (w *world) hook(account sms.AccountID, h *sms.Webhook) {
	w.t.Helper()
	if err := w.SaveWebhook(context.Background(), store.Deed{Actor: "test"}, account, func(*sms.Webhook) (*sms.Webhook, error) { return h, nil }); err != nil {
		w.t.Fatal(err)
	}
}

// told is a message that wants events.
func told(account sms.AccountID, parts int) *sms.Message {
	m := message(account, parts)
	m.Notify = true
	return m
}

func (w *world) claim(account sms.AccountID, limit int) []sms.Event {
	w.t.Helper()
	events, err := w.ClaimEvents(context.Background(), store.EventQueue{Account: account}, limit)
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

func (w *world) settleEvent(a sms.Attempt) {
	w.t.Helper()
	done := make(chan error, 1)
	w.SettleEvent(a, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) events(account sms.AccountID) []sms.Event {
	w.t.Helper()
	events, err := w.Events(context.Background(), account, store.EventPage{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

func eventOfEachEnd(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	failed := w.accept(told(account, 1))
	o := outcome(failed, sms.Part{State: sms.Failed, Code: "11", At: later(0)})
	o.Reason = "the carrier refused it"
	w.record(o, w.mark(failed))
	expired := w.accept(told(account, 1))
	w.record(outcome(expired, part(sms.Expired, "")), w.mark(expired))
	named := told(account, 1)
	named.CallerID, named.Campaign = "m-1", "autumn"
	w.sent(named, "r1")
	at := later(0)
	w.report(sms.Report{Ref: "r1", State: sms.Delivered, Code: "000", At: at})
	w.sent(told(account, 1), "r2")
	w.report(sms.Report{Ref: "r2", State: sms.Failed, Code: "7"})
	unknown := w.sent(told(account, 1), "r3")
	w.report(sms.Report{Ref: "r3", State: sms.Unknown})
	w.wantState(unknown.ID, sms.Unknown)
	var got []string
	for _, e := range w.claim(account, 10) {
		got = append(got, fmt.Sprintf("%v %d %q %q %d", e.State, e.Part, e.Code, e.Reason, e.Price))
		if e.MessageID == named.ID {
			want := &sms.Message{ID: named.ID, Destination: named.Destination, Sender: "ACME", CallerID: "m-1", Campaign: "autumn", Parts: 1, Notify: true}
			if diff := cmp.Diff(want, e.Message); diff != "" || !e.At.Equal(at) || e.Attempts != 1 || e.Tries != 1 {
				t.Errorf("%+v\n%s", e, diff)
			}
		}
	}
	want := []string{`failed 0 "11" "the carrier refused it" 0`, `expired 0 "" "" 0`, `delivered 0 "000" "" 10`, `failed 0 "7" "" 10`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if stirred := w.Stirred(); !slices.Equal(stirred, []store.EventQueue{{Account: account}}) || len(w.Stirred()) != 0 {
		t.Errorf("stirred: %v", stirred)
	}
}

func eventsOnlyForWhoAsks(t *testing.T, open Opener) {
	w := newWorld(t, open)
	plain, hooked := w.account(1000), w.hooked(false)
	w.sent(told(plain, 1), "a")
	w.sent(message(hooked, 1), "b")
	disabled := w.hooked(false)
	w.hook(disabled, &sms.Webhook{ID: "h", URL: "https://example.com", Secret: []byte("s"), Created: later(0), DisabledAt: later(0)})
	w.sent(told(disabled, 1), "c")
	removed := w.hooked(false)
	w.hook(removed, nil)
	w.sent(told(removed, 1), "d")
	for _, ref := range []string{"a", "b", "c", "d"} {
		w.report(sms.Report{Ref: ref, State: sms.Delivered})
	}
	if n := w.rows(`SELECT COUNT(*) FROM event`); n != 0 {
		t.Errorf("%d events that nobody asked for", n)
	}
	w.sent(told(hooked, 1), "e")
	w.report(sms.Report{Ref: "e", State: sms.Delivered})
	if n := len(w.claim(hooked, 10)); n != 1 {
		t.Errorf("%d events", n)
	}
}

func eventForEachPart(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	m := w.sent(told(account, 3), "1", "2", "3")
	w.report(sms.Report{Ref: "2", State: sms.Delivered})
	w.report(sms.Report{Ref: "1", State: sms.Failed, Code: "5"})
	w.report(sms.Report{Ref: "1", State: sms.Failed, Code: "5"})
	w.report(sms.Report{Ref: "3", State: sms.Delivered})
	unsent := w.accept(told(account, 2))
	w.record(outcome(unsent, parts(sms.Expired, "", "")...), w.mark(unsent))
	half := w.accept(told(account, 2))
	w.record(outcome(half, part(sms.Sent, "4"), part(sms.Failed, "")), w.mark(half))
	w.report(sms.Report{Ref: "4", State: sms.Delivered})
	var got []string
	for _, e := range w.claim(account, 20) {
		got = append(got, fmt.Sprintf("%v %d of %d %d", e.State, e.Part, e.Message.Parts, e.Price))
	}
	want := []string{"delivered 1 of 3 10", "failed 0 of 3 10", "delivered 2 of 3 10", "expired -1 of 2 0", "failed 1 of 2 0", "delivered 0 of 2 10"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w.wantState(m.ID, sms.Failed)
}

func interimEvents(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(true)
	w.sent(told(account, 1), "r")
	for _, state := range []sms.State{sms.Sent, sms.Sent, sms.Unknown, sms.Delivered} {
		w.report(sms.Report{Ref: "r", State: state})
	}
	var got []string
	for _, e := range w.claim(account, 10) {
		got = append(got, fmt.Sprint(e.State, e.Seen))
	}
	if diff := cmp.Diff([]string{"sent false", "sent true", "unknown true", "delivered true"}, got); diff != "" {
		t.Error(diff)
	}
}

// At every moment, and over restarts in the middle, a message that has ended has one event and others have none.
func eventExactlyWithStatus(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	const wrong = `SELECT COUNT(*) FROM message m LEFT JOIN (SELECT message_id, COUNT(*) AS n FROM event GROUP BY message_id) e ON e.message_id = m.id
		WHERE COALESCE(e.n, 0) <> CASE WHEN m.state IN (5, 6, 7) THEN 1 ELSE 0 END`
	for round := range 3 {
		refs := make([]string, 40)
		for i := range refs {
			refs[i] = fmt.Sprintf("%d/%d", round, i)
			w.sent(told(account, 1), refs[i])
		}
		answered := make(chan error, len(refs))
		for i, ref := range refs {
			state := []sms.State{sms.Delivered, sms.Failed, sms.Expired, sms.Unknown}[i%4]
			w.Report(sms.Report{Carrier: 1, Ref: ref, State: state, At: later(0)}, func(err error) { answered <- err })
			if n := w.rows(wrong); n != 0 {
				t.Fatalf("%d messages have events that do not fit", n)
			}
			if i == len(refs)/2 {
				w.restart() // the rest is refused or recorded
			}
		}
		for range refs {
			<-answered
		}
		if n := w.rows(wrong); n != 0 {
			t.Fatalf("%d messages have events that do not fit", n)
		}
	}
	if w.rows(`SELECT COUNT(*) FROM event`) < 30 {
		t.Error("there were no events")
	}
}

// delivered is an event that waits.
func (w *world) delivered(account sms.AccountID, ref string) {
	w.t.Helper()
	w.sent(told(account, 1), ref)
	w.report(sms.Report{Ref: ref, State: sms.Delivered})
}

func eventTakenOnce(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.hooked(false), w.hooked(false)
	for i := range 6 {
		w.delivered(account, fmt.Sprint(i))
	}
	w.delivered(other, "x")
	taken := make(chan []sms.Event, 3)
	for range 3 {
		go func() {
			events, _ := w.ClaimEvents(context.Background(), store.EventQueue{Account: account}, 3)
			taken <- events
		}()
	}
	seen := map[sms.ID]bool{}
	for range 3 {
		for _, e := range <-taken {
			if seen[e.ID] {
				t.Errorf("event %d was taken twice", e.ID)
			}
			seen[e.ID] = true
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d taken", len(seen))
	}
	if w.restart(); len(w.claim(account, 10)) != 0 { // the lease holds over a restart
		t.Error("what was taken is taken again")
	}
	if len(w.claim(other, 10)) != 1 {
		t.Error("the other account's is not there")
	}
}

func eventSettled(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	for i := range 4 {
		w.delivered(account, fmt.Sprint(i))
	}
	e := w.claim(account, 4)
	try := func(i int, a sms.Attempt) sms.Attempt {
		a.Event, a.Number, a.At, a.Duration = e[i].ID, e[i].Attempts, later(0), 7*time.Millisecond
		return a
	}
	w.settleEvent(try(0, sms.Attempt{Stage: sms.EventDelivered, Status: 200, Response: []byte("fine\xff\x00")}))
	w.settleEvent(try(1, sms.Attempt{Stage: sms.EventFailed, Error: "answered with status 410", Status: 410}))
	w.settleEvent(try(2, sms.Attempt{Due: later(0), Error: "the connection was refused"}))
	w.settleEvent(try(3, sms.Attempt{Void: true, Due: later(0)}))
	again := w.claim(account, 4)
	if len(again) != 2 || again[0].ID != e[2].ID || again[0].Attempts != 2 || again[1].ID != e[3].ID || again[1].Attempts != 1 || again[1].Tries != 1 {
		t.Errorf("%+v", again)
	}
	var stages []sms.EventStage
	for _, e := range slices.Backward(w.events(account)) {
		stages = append(stages, e.Stage)
	}
	if diff := cmp.Diff([]sms.EventStage{sms.EventDelivered, sms.EventFailed, sms.EventWaiting, sms.EventWaiting}, stages); diff != "" {
		t.Error(diff)
	}
	attempts, err := w.Attempts(context.Background(), account, store.EventPage{Limit: 10})
	if err != nil || len(attempts) != 3 {
		t.Fatalf("%+v %v", attempts, err)
	}
	last := attempts[2]
	if last.Event != e[0].ID || last.Status != 200 || string(last.Response) != "fine\xff\x00" || last.Duration != 7*time.Millisecond || last.Number != 1 {
		t.Errorf("%+v", last)
	}
}

// Who was thought dead comes late: a success counts, anything else changes nothing.
func lateResult(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	w.delivered(account, "r")
	first := w.claim(account, 1)[0]
	w.settleEvent(sms.Attempt{Event: first.ID, Number: 1, At: later(0), Error: "x", Due: later(0)})
	second := w.claim(account, 1)[0]
	w.settleEvent(sms.Attempt{Event: first.ID, Number: 1, At: later(0), Stage: sms.EventFailed, Error: "late"})
	if e := w.events(account)[0]; e.Stage != sms.EventWaiting {
		t.Errorf("a late failure: %+v", e)
	}
	w.settleEvent(sms.Attempt{Event: first.ID, Number: 1, At: later(0), Stage: sms.EventDelivered})
	w.settleEvent(sms.Attempt{Event: second.ID, Number: 2, At: later(0), Due: later(0), Error: "later still"})
	if e := w.events(account)[0]; e.Stage != sms.EventDelivered || e.Ended.IsZero() {
		t.Errorf("a late success: %+v", e)
	}
	if len(w.claim(account, 1)) != 0 {
		t.Error("what was delivered is due")
	}
}

func replayEvents(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.hooked(false), context.Background()
	for i := range 3 {
		w.delivered(account, fmt.Sprint(i))
	}
	e := w.claim(account, 3)
	for i, stage := range []sms.EventStage{sms.EventFailed, sms.EventDelivered, sms.EventFailed} {
		w.settleEvent(sms.Attempt{Event: e[i].ID, Number: 1, At: later(0), Stage: stage})
	}
	for _, step := range []struct {
		account sms.AccountID
		replay  store.Replay
		want    int
	}{
		{account + 1, store.Replay{From: 0, To: e[2].ID, Delivered: true}, 0},
		{account, store.Replay{From: e[0].ID, To: e[1].ID}, 1},
		{account, store.Replay{From: e[0].ID, To: e[2].ID}, 1},
		{account, store.Replay{From: 0, To: e[2].ID, Delivered: true}, 1},
	} {
		if n, err := w.ReplayEvents(ctx, step.account, step.replay); n != step.want || err != nil {
			t.Errorf("%+v: %d, %v", step, n, err)
		}
	}
	if again := w.claim(account, 5); len(again) != 3 || again[0].Tries != 1 || again[0].Attempts != 2 {
		t.Errorf("%+v", again)
	}
}

func noWebhookAnyMore(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.hooked(false), context.Background()
	w.delivered(account, "r")
	if n, err := w.FailEvents(ctx, account); n != 0 || err != nil {
		t.Errorf("with a webhook: %d, %v", n, err)
	}
	w.hook(account, nil)
	if n, err := w.FailEvents(ctx, account); n != 1 || err != nil {
		t.Errorf("without: %d, %v", n, err)
	}
	if e := w.events(account)[0]; e.Stage != sms.EventFailed {
		t.Errorf("%+v", e)
	}
}

func webhookLife(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, ctx := w.account(0), context.Background()
	if h, err := w.Webhook(ctx, account); h != nil || err != nil {
		t.Fatalf("%+v, %v", h, err)
	}
	want := &sms.Webhook{Account: account, ID: "h", URL: "https://example.com/a?b", Interim: true, Secret: []byte("one"), OldSecret: []byte("two"),
		OldUntil: later(time.Hour), Created: later(0), FailingSince: later(-time.Hour), DisabledAt: later(0)}
	w.hook(account, want)
	w.restart()
	if h, err := w.Webhook(ctx, account); err != nil || !cmp.Equal(want, h) {
		t.Errorf("%v %s", err, cmp.Diff(want, h))
	}
	if n := w.rows(`SELECT COUNT(*) FROM webhook WHERE secret IN (?, ?)`, []byte("one"), []byte("two")); n != 0 {
		t.Error("a secret is not sealed")
	}
	for _, since := range []time.Time{later(0), {}, later(0)} {
		if err := w.SetWebhookFailing(ctx, account, since); err != nil {
			t.Fatal(err)
		}
		h, err := w.Webhook(ctx, account)
		if err != nil || h.FailingSince.IsZero() != since.IsZero() {
			t.Errorf("%v became %v, %v", since, h.FailingSince, err)
		}
	}
	healthy := w.account(0)
	w.hook(healthy, &sms.Webhook{ID: "i", URL: "https://example.com/", Secret: []byte("one"), Created: later(0)})
	for whose, want := range map[sms.AccountID]int{0: 1, account: 1, healthy: 0} {
		troubled, err := w.TroubledWebhooks(ctx, whose)
		if err != nil || len(troubled) != want || want == 1 && (troubled[0].Account != account || troubled[0].FailingSince.IsZero() || troubled[0].Secret != nil) {
			t.Errorf("of %d: %+v, %v", whose, troubled, err)
		}
	}
	refused := errors.New("no")
	if err := w.SaveWebhook(ctx, store.Deed{}, account, func(*sms.Webhook) (*sms.Webhook, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Error(err)
	}
	w.hook(account, nil)
	if h, err := w.Webhook(ctx, account); h != nil || err != nil {
		t.Errorf("%+v, %v", h, err)
	}
}

// A webhook that another process made is seen with the changes of the directory.
func webhookByChanges(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	w.delivered(account, "r")
	w.restart() // what was known is read again
	w.delivered(account, "s")
	if _, err := w.Changes(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	w.delivered(account, "u")
	if n := len(w.claim(account, 5)); n != 3 {
		t.Errorf("%d events", n)
	}
}
