package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var cancelTests = map[string]func(*testing.T, Opener){
	"scheduled":                 cancelScheduled,
	"queued":                    cancelQueued,
	"another attempt waits":     cancelBetweenAttempts,
	"too late":                  cancelTooLate,
	"not one's own":             cancelForeign,
	"in one group":              cancelInOneGroup,
	"against the clock":         cancelAgainstDue,
	"against a mark":            cancelAgainstMark,
	"a new date":                reschedule,
	"a new text":                replaceText,
	"a text that is too dear":   replaceTooDear,
	"no longer held":            replaceTooLate,
	"replaced, then cancelled":  replaceThenCancel,
	"cancelled stays cancelled": cancelledStays,
	"by a person":               cancelledBy,
}

// cancel cancels a message that is in nobody's memory.
func (w *world) cancel(account sms.AccountID, id sms.ID) error {
	return w.Cancel(context.Background(), account, id, func(*sms.Message) bool { return false })
}

func (w *world) wantCode(err error, want sms.Code) {
	w.t.Helper()
	if err == nil || sms.CodeOf(err) != want {
		w.t.Errorf("error %v, want one of class %d", err, want)
	}
}

func (w *world) scheduled(account sms.AccountID, parts int, due time.Duration) *sms.Message {
	w.t.Helper()
	m := message(account, parts)
	m.Due, m.Notify = later(due), true
	return w.accept(m)
}

func cancelScheduled(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.scheduled(account, 3, time.Hour)
	w.wantBalance(account, 1000, 30)
	w.wantBacklog(1)
	if err := w.cancel(account, m.ID); err != nil {
		t.Fatal(err)
	}
	w.wantBalance(account, 1000, 0)
	w.wantBacklog(0)
	r := w.read(m.ID)
	if r.State != sms.Cancelled || r.Final.IsZero() || !r.Message.Due.IsZero() {
		t.Errorf("%+v", r)
	}
	w.wantCode(w.cancel(account, m.ID), sms.Conflict)
	w.wantBalance(account, 1000, 0)
	if n := w.rows(`SELECT COUNT(*) FROM message WHERE due_at IS NOT NULL`); n != 0 {
		t.Errorf("%d messages still wait for a date", n)
	}
	w.restart()
	w.wantState(m.ID, sms.Cancelled)
	w.wantBacklog(0)
}

func cancelQueued(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.accept(message(account, 2))
	var told *sms.Message
	err := w.Cancel(context.Background(), account, m.ID, func(gone *sms.Message) bool {
		told = gone
		return true // a session has taken it
	})
	if err != nil || told == nil || told.ID != m.ID || told.Carrier != m.Carrier {
		t.Fatalf("error %v, told %+v", err, told)
	}
	other := w.accept(message(account, 1))
	_, err = w.Mark(context.Background(), []*sms.Message{other, m})
	if gone, ok := errors.AsType[*store.WithdrawnError](err); !ok || len(gone.IDs) != 1 || gone.IDs[0] != m.ID {
		t.Errorf("a mark of a cancelled message: %v", err)
	}
	if n := w.rows(marks); n != 0 {
		t.Errorf("%d marks", n)
	}
	w.wantState(m.ID, sms.Cancelled)
	w.wantBalance(account, 1000, 10)
	w.sent(other, "r")
}

// cancelBetweenAttempts: what the carrier refused for now has surely not left; what it may have taken may have.
func cancelBetweenAttempts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	refused := w.accept(message(account, 1))
	again := outcome(refused, part(sms.Queued, ""))
	again.Retry = later(time.Hour)
	w.record(again, w.mark(refused))
	if err := w.cancel(account, refused.ID); err != nil {
		t.Error(err)
	}
	w.wantState(refused.ID, sms.Cancelled)
	w.wantBalance(account, 1000, 0)

	for name, parts := range map[string][]sms.Part{
		"a part has left":    {part(sms.Sent, "a"), part(sms.Queued, "")},
		"a part may have":    {{State: sms.Queued, Doubts: 1}, part(sms.Queued, "")},
		"a part was refused": {part(sms.Failed, ""), part(sms.Queued, "")},
	} {
		m := w.accept(message(account, 2))
		o := outcome(m, parts...)
		o.Retry = later(time.Hour)
		w.record(o, w.mark(m))
		before, err := w.Balance(context.Background(), account)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.cancel(account, m.ID); sms.CodeOf(err) != sms.Conflict {
			t.Errorf("%s: %v", name, err)
		}
		w.wantBalance(account, before.Credit, before.Reserved)
	}
}

func cancelTooLate(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.accept(message(account, 1))
	mark := w.mark(m)
	w.wantCode(w.cancel(account, m.ID), sms.Conflict)
	w.unmark(mark, m)
	if err := w.cancel(account, m.ID); err != nil {
		t.Errorf("after it was given back: %v", err)
	}
	gone := w.sent(message(account, 1), "r")
	w.wantCode(w.cancel(account, gone.ID), sms.Conflict)
	w.report(sms.Report{Ref: "r", State: sms.Delivered})
	w.wantCode(w.cancel(account, gone.ID), sms.Conflict)
	w.wantState(gone.ID, sms.Delivered)
	w.wantBalance(account, 990, 0)
}

func cancelForeign(t *testing.T, open Opener) {
	w := newWorld(t, open)
	mine, other := w.account(1000), w.account(1000)
	m := w.scheduled(mine, 1, time.Hour)
	w.wantCode(w.cancel(other, m.ID), sms.NotFound)
	w.wantCode(w.cancel(mine, m.ID+1), sms.NotFound)
	w.wantState(m.ID, sms.Scheduled)
	w.wantBalance(mine, 1000, 10)
	w.wantBalance(other, 1000, 0)
}

// cancelInOneGroup: what several ask at once of the same message is one cancellation.
func cancelInOneGroup(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.scheduled(account, 1, time.Hour)
	w.scheduled(account, 1, time.Hour)
	var done sync.WaitGroup
	results := make(chan error, 50)
	for range 50 {
		done.Go(func() { results <- w.cancel(account, m.ID) })
	}
	done.Wait()
	close(results)
	cancelled := 0
	for err := range results {
		if err == nil {
			cancelled++
		} else {
			w.wantCode(err, sms.Conflict)
		}
	}
	if cancelled != 1 {
		t.Errorf("cancelled %d times", cancelled)
	}
	w.wantBalance(account, 1000, 10)
	w.wantBacklog(1)
}

// races is how often the races are run.
const races = 1_000

// cancelAgainstDue: a message is cancelled and never brought, or brought and sent, whoever comes first.
func cancelAgainstDue(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(races * 10)
	brought := map[sms.ID]bool{}
	var cancelled, sent sms.Money
	for range races / 10 {
		var messages []*sms.Message
		for range 10 {
			messages = append(messages, w.scheduled(account, 1, 0))
		}
		errs := make([]error, len(messages))
		var both sync.WaitGroup
		var due []*sms.Message
		both.Go(func() { due = w.due() })
		for i, m := range messages {
			both.Go(func() {
				errs[i] = w.Cancel(context.Background(), account, m.ID, func(gone *sms.Message) bool { return true })
			})
		}
		both.Wait()
		for _, m := range append(due, w.due()...) {
			brought[m.ID] = true
			if _, err := w.Mark(context.Background(), []*sms.Message{m}); err == nil {
				sent += 10
				w.wantState(m.ID, sms.Queued)
			} else if w.read(m.ID).State != sms.Cancelled {
				t.Fatalf("no mark of what is not cancelled: %v", err)
			}
		}
		for i, m := range messages {
			state := w.read(m.ID).State
			if errs[i] == nil {
				cancelled += 10
			}
			if errs[i] == nil != (state == sms.Cancelled) || errs[i] != nil && !brought[m.ID] {
				t.Fatalf("error %v, state %v, brought %v", errs[i], state, brought[m.ID])
			}
		}
	}
	if cancelled+sent != races*10 {
		t.Errorf("%d cancelled, %d sent of %d", cancelled, sent, races*10)
	}
	w.wantBalance(account, races*10, sent)
}

// cancelAgainstMark: a message has a mark or is cancelled, never both and never neither.
func cancelAgainstMark(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(races * 10)
	var sent sms.Money
	for range races / 10 {
		var messages []*sms.Message
		for range 10 {
			messages = append(messages, w.accept(message(account, 1)))
		}
		cancels, marked := make([]error, len(messages)), make([]error, len(messages))
		var both sync.WaitGroup
		for i, m := range messages {
			both.Go(func() {
				cancels[i] = w.Cancel(context.Background(), account, m.ID, func(*sms.Message) bool { return true })
			})
			both.Go(func() {
				mark, err := w.Mark(context.Background(), []*sms.Message{m})
				if marked[i] = err; err == nil {
					w.record(outcome(m, part(sms.Sent, "")), mark)
				}
			})
		}
		both.Wait()
		for i, m := range messages {
			want := sms.Cancelled
			if marked[i] == nil {
				want, sent = sms.Sent, sent+10
			}
			if (cancels[i] == nil) == (marked[i] == nil) {
				t.Fatalf("cancel %v, mark %v", cancels[i], marked[i])
			}
			w.wantState(m.ID, want)
		}
	}
	w.wantBalance(account, races*10-sent, 0)
	w.wantBacklog(0)
}

func (w *world) replace(account sms.AccountID, id sms.ID, change func(*sms.Message)) (*sms.Message, error) {
	return w.Replace(context.Background(), account, id, func(m *sms.Message) error {
		change(m)
		return nil
	})
}

func reschedule(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.scheduled(account, 2, time.Hour)
	date := later(-time.Second)
	changed, err := w.replace(account, m.ID, func(m *sms.Message) { m.Due, m.Expires = date, date.Add(time.Hour) })
	if err != nil || !changed.Due.Equal(date) {
		t.Fatalf("%+v, error %v", changed, err)
	}
	if r := w.read(m.ID); !r.Message.Due.Equal(date) || !r.Message.Expires.Equal(date.Add(time.Hour)) || r.State != sms.Scheduled || r.Message.Text != "hello" {
		t.Errorf("%+v", r)
	}
	w.wantBalance(account, 1000, 20)
	if due := w.due(); len(due) != 1 || due[0].ID != m.ID {
		t.Errorf("due: %v", due)
	}
}

func replaceText(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.scheduled(account, 2, time.Hour)
	want := errors.New("not so")
	if _, err := w.Replace(context.Background(), account, m.ID, func(m *sms.Message) error {
		m.Parts = 50
		return want
	}); !errors.Is(err, want) {
		t.Errorf("error %v", err)
	}
	w.wantBalance(account, 1000, 20)
	text := func(text string, parts int) func(*sms.Message) {
		return func(m *sms.Message) {
			m.Text, m.Encoding, m.Parts, m.Reference, m.Notify = text, sms.UCS2, parts, 7, false
		}
	}
	if _, err := w.replace(account, m.ID, text("καλημέρα", 5)); err != nil {
		t.Fatal(err)
	}
	w.wantBalance(account, 1000, 50)
	got := w.read(m.ID).Message
	if got.Text != "καλημέρα" || got.Parts != 5 || got.Encoding != sms.UCS2 || got.Reference != 7 || got.Notify || !got.Due.Equal(m.Due) {
		t.Errorf("%+v", got)
	}
	if _, err := w.replace(account, m.ID, text("x", 1)); err != nil {
		t.Fatal(err)
	}
	w.wantBalance(account, 1000, 10)
	w.wantBacklog(1)
}

func replaceTooDear(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(30)
	m := w.scheduled(account, 2, time.Hour)
	_, err := w.replace(account, m.ID, func(m *sms.Message) { m.Text, m.Parts = "longer", 4 })
	w.wantCode(err, sms.NoCredit)
	w.wantBalance(account, 30, 20)
	if got := w.read(m.ID).Message; got.Text != "hello" || got.Parts != 2 {
		t.Errorf("%+v", got)
	}
	if _, err := w.replace(account, m.ID, func(m *sms.Message) { m.Parts = 3 }); err != nil {
		t.Error(err)
	}
	w.wantBalance(account, 30, 30)
}

func replaceTooLate(t *testing.T, open Opener) {
	w := newWorld(t, open)
	mine, other := w.account(1000), w.account(1000)
	nothing := func(*sms.Message) { t.Error("the change is asked for") }
	queued := w.accept(message(mine, 1))
	_, err := w.replace(mine, queued.ID, nothing)
	w.wantCode(err, sms.Conflict)
	held := w.scheduled(mine, 1, time.Hour)
	_, err = w.replace(other, held.ID, nothing)
	w.wantCode(err, sms.NotFound)
	if err := w.cancel(mine, held.ID); err != nil {
		t.Fatal(err)
	}
	_, err = w.replace(mine, held.ID, nothing)
	w.wantCode(err, sms.Conflict)
}

func replaceThenCancel(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.scheduled(account, 2, time.Hour)
	var both sync.WaitGroup
	both.Go(func() { _, _ = w.replace(account, m.ID, func(m *sms.Message) { m.Parts = 9 }) })
	both.Go(func() {
		if err := w.cancel(account, m.ID); err != nil {
			t.Error(err)
		}
	})
	both.Wait()
	w.wantState(m.ID, sms.Cancelled)
	w.wantBalance(account, 1000, 0)
}

// cancelledStays: an outcome of a message that was never marked (its validity ended) comes too late.
func cancelledStays(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.accept(message(account, 1))
	if err := w.cancel(account, m.ID); err != nil {
		t.Fatal(err)
	}
	w.record(expiredNow(m), nil)
	w.wantState(m.ID, sms.Cancelled)
	w.wantBalance(account, 1000, 0)
	w.wantBacklog(0)
	w.sent(message(account, 1), "r") // no mark is refused for what is in nobody's memory
}

// cancelledBy: what a person did is in the audit log with it, and what came to nothing is not.
func cancelledBy(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	held, other := w.scheduled(account, 1, time.Hour), w.scheduled(account, 1, time.Hour)
	none := func(*sms.Message) bool { return false }
	move := func(m *sms.Message) error { m.Due = later(2 * time.Hour); return nil }
	by := store.Deed{Actor: "ann@example.com", Action: "message reschedule", Target: "acme"}
	if _, err := w.ReplaceBy(context.Background(), by, account, held.ID, move); err != nil {
		t.Fatal(err)
	}
	by.Action = "message cancel"
	if err := w.CancelBy(context.Background(), by, account, held.ID, none); err != nil {
		t.Fatal(err)
	}
	if err := w.CancelBy(context.Background(), by, account, held.ID, none); sms.CodeOf(err) != sms.Conflict {
		t.Errorf("again: %v", err)
	}
	if _, err := w.ReplaceBy(context.Background(), by, account, held.ID, move); sms.CodeOf(err) != sms.Conflict {
		t.Errorf("moving it: %v", err)
	}
	if err := w.cancel(account, other.ID); err != nil { // by a program
		t.Fatal(err)
	}
	if n := w.rows(`SELECT COUNT(*) FROM audit WHERE actor = 'ann@example.com' AND target = 'acme' AND action IN ('message cancel', 'message reschedule')`); n != 2 {
		t.Errorf("%d lines", n)
	}
	if n := w.rows(`SELECT COUNT(*) FROM audit WHERE action LIKE 'message %'`); n != 2 {
		t.Errorf("%d lines of messages", n)
	}
}
