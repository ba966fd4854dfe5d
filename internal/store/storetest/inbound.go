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

var inboundTests = map[string]func(*testing.T, Opener){
	"whole":             inboundWhole,
	"repeated":          inboundRepeated,
	"another like it":   inboundAnother,
	"one reference":     inboundReferenceAgain,
	"of nobody":         inboundOfNobody,
	"keywords":          inboundKeywords,
	"odd receipt":       inboundOddReceipt,
	"removed number":    numberRemoved,
	"at once":           inboundAtOnce,
	"anything":          inboundAnything,
	"earlier version":   inboundOfEarlierVersion,
	"retention":         inboundRetention,
	"redaction":         inboundRedaction,
	"nobody's for good": inboundKeptLongEnough,
}

const shortCode = "48883"

// deliver has a carrier deliver something, and answers when it is stored.
func (w *world) deliver(in sms.Inbound) {
	w.t.Helper()
	if in.Source == "" {
		in.Source = "+393401234567"
	}
	if in.Destination == "" {
		in.Destination = shortCode
	}
	if in.At.IsZero() {
		in.At = later(0)
	}
	in.Carrier = 1
	done := make(chan error, 1)
	w.Inbound(in, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

// pieceOf is a part of a message, with a reference of 8 bits.
func pieceOf(reference, total, index byte, text string) sms.Inbound {
	return sms.Inbound{ESMClass: 0x40, Octets: append([]byte{5, 0, 3, reference, total, index}, text...)}
}

func (w *world) number(number, keyword string, account sms.AccountID) {
	w.t.Helper()
	n := sms.ServiceNumber{Number: number, Keyword: keyword, Account: account}
	if err := w.AddNumber(context.Background(), store.Deed{Actor: "test"}, n); err != nil {
		w.t.Fatal(err)
	}
}

// receiver is an account to which a short code leads.
func (w *world) receiver() sms.AccountID {
	w.t.Helper()
	account := w.hooked(false)
	w.number(shortCode, "", account)
	return account
}

// texts are those of the messages that an account has been told or shall be, the oldest first.
func (w *world) texts(account sms.AccountID) (texts []string) {
	w.t.Helper()
	events := w.events(account)
	slices.Reverse(events)
	for _, e := range events {
		if e.Kind != sms.InboundEvent || e.Inbound == nil {
			w.t.Fatalf("event %+v", e)
		}
		texts = append(texts, e.Inbound.Text)
	}
	return texts
}

func (w *world) wantTexts(account sms.AccountID, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.texts(account)); diff != "" {
		w.t.Error(diff)
	}
}

// care does what is due for messages from handsets.
func (w *world) care() {
	w.t.Helper()
	if err := store.NewInboundCare(w.Store).Pass(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// age makes everything that came from handsets so much older.
func (w *world) age(by time.Duration) {
	w.t.Helper()
	err := w.Change(context.Background(), "test", func(tx *store.Tx) error {
		ids := int64(by/time.Millisecond) << 22
		ms := by.Milliseconds()
		for query, args := range map[string][]any{
			`UPDATE inbound_message SET id = id - ?, at = at - ?, until = until - ?`: {ids, ms, ms},
			`UPDATE inbound SET message_id = message_id - ?, at = at - ?`:            {ids, ms},
			`UPDATE event SET message_id = message_id - ? WHERE kind = 1`:            {ids},
		} {
			if _, err := tx.Exec(query, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func inboundWhole(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	at := later(-time.Second)
	w.deliver(sms.Inbound{Octets: []byte("hello"), At: at})
	w.deliver(sms.Inbound{DataCoding: 8, Octets: []byte{0x04, 0x4f}})
	events := w.claim(account, 10)
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	e := events[0]
	want := &sms.InboundMessage{ID: e.MessageID, Source: "+393401234567", Destination: shortCode, Text: "hello", Ports: sms.NoPorts,
		Parts: 1, Came: 1, Stage: sms.InboundRouted, At: at}
	if diff := cmp.Diff(want, e.Inbound); diff != "" || e.Kind != sms.InboundEvent || e.Message != nil || e.Account != account {
		t.Errorf("%+v\n%s", e, diff)
	}
	if events[1].Inbound.Text != "я" || events[1].Inbound.Encoding != sms.UCS2 {
		t.Errorf("%+v", events[1].Inbound)
	}
	stored, err := w.InboundMessage(context.Background(), e.MessageID)
	if err != nil || stored == nil || stored.Account != account || stored.Event != e.ID || stored.Text != "hello" {
		t.Errorf("%+v, error %v", stored, err)
	}
	listed, err := w.InboundMessages(context.Background(), account, 0, 1)
	if err != nil || len(listed) != 1 || listed[0].Text != "я" {
		t.Errorf("%+v, error %v", listed, err)
	}
	w.settleEvent(sms.Attempt{Event: e.ID, Number: 1, At: later(0), Status: 200, Stage: sms.EventDelivered})
	if again := w.claim(account, 10); len(again) != 0 {
		t.Errorf("%d taken again", len(again))
	}
}

// inboundParts: key is source, destination, reference and total; parts come in any order, through restarts, and what is
// missing after a day is said. Nothing is dropped.
func inboundParts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	other := func(in sms.Inbound) sms.Inbound { in.Source = "+393409999999"; return in }
	elsewhere := func(in sms.Inbound) sms.Inbound { in.Destination = "40404"; return in }
	w.deliver(pieceOf(7, 3, 3, "c"))
	w.deliver(other(pieceOf(7, 3, 1, "X")))
	w.deliver(pieceOf(7, 2, 1, "two"))
	w.restart()
	w.deliver(pieceOf(8, 3, 1, "eight"))
	w.deliver(elsewhere(pieceOf(7, 3, 1, "Y")))
	w.deliver(pieceOf(7, 3, 1, "a"))
	w.wantTexts(account)
	w.deliver(pieceOf(7, 3, 2, "b"))
	w.wantTexts(account, "abc")
	w.deliver(sms.Inbound{ESMClass: 0x40, Octets: append([]byte{6, 8, 4, 0, 7, 2, 2}, "gether"...)}) // the reference in 16 bits
	w.wantTexts(account, "abc", "twogether")
	w.care()
	w.wantTexts(account, "abc", "twogether")
	w.age(24*time.Hour + time.Minute)
	w.deliver(pieceOf(8, 3, 3, "late")) // too late for its message, and not lost
	w.care()
	got := w.texts(account)
	slices.Sort(got)
	want := []string{"X[parts 2 to 3 of 3 are missing]", "abc", "eight[parts 2 to 3 of 3 are missing]", "twogether"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := w.Counters.InboundIncomplete.Load(); n != 3 {
		t.Errorf("%d incomplete", n)
	}
	w.age(24*time.Hour + time.Minute)
	w.care()
	if got := w.texts(account); !slices.Contains(got, "[parts 1 to 2 of 3 are missing]late") || len(got) != 5 {
		t.Errorf("%q", got)
	}
	w.care()
	if got := w.texts(account); len(got) != 5 {
		t.Errorf("told again: %q", got)
	}
}

// duplicateInbound: a carrier that had no answer delivers again, before and after a restart, as a whole message and as a
// part; it is told once, under one id.
func duplicateInbound(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	everything := []sms.Inbound{{Octets: []byte("yes")}, pieceOf(1, 2, 1, "a"), pieceOf(1, 2, 2, "b")}
	for range 2 {
		for _, in := range everything {
			w.deliver(in)
			w.deliver(in)
		}
		w.restart()
	}
	w.wantTexts(account, "yes", "ab")
	events := w.events(account)
	if events[0].MessageID == events[1].MessageID {
		t.Error("two messages under one id")
	}
	if n := w.rows(`SELECT COUNT(*) FROM inbound`); n != 3 {
		t.Errorf("%d deliveries kept", n)
	}
}

func inboundRepeated(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	done := make(chan error, 20)
	for range cap(done) { // in one transaction, as far as that goes
		w.Inbound(sms.Inbound{Carrier: 1, Source: "39340", Destination: shortCode, Octets: []byte("yes"), At: later(0)}, func(err error) { done <- err })
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	w.wantTexts(account, "yes")
	if n := w.Counters.InboundRepeated.Load(); n != 19 {
		t.Errorf("%d repeated", n)
	}
}

// inboundAnother: the same words again are another message once the carrier surely knew that the first was taken, when
// much time has passed, and when they have another mark, coding, writer or number.
func inboundAnother(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	w.number("40404", "", account)
	yes := sms.Inbound{Octets: []byte("yes")}
	w.deliver(yes)
	for _, change := range []func(*sms.Inbound){
		func(in *sms.Inbound) { in.Before = sms.BeforeAnswered },
		func(in *sms.Inbound) { in.Mark = "17" },
		func(in *sms.Inbound) { in.DataCoding = 1 },
		func(in *sms.Inbound) { in.Source = "+39341" },
		func(in *sms.Inbound) { in.Destination = "40404" },
	} {
		in := yes
		change(&in)
		w.deliver(in)
	}
	w.wantTexts(account, "yes", "yes", "yes", "yes", "yes", "yes")
	w.age(time.Hour)
	w.restart() // the time in which nothing runs does not count, and this store is younger than what it holds
	doubtful := yes
	doubtful.Before = sms.BeforeDoubtful
	w.deliver(doubtful)
	w.wantTexts(account, "yes", "yes", "yes", "yes", "yes", "yes")
	w.deliver(yes)
	w.wantTexts(account, "yes", "yes", "yes", "yes", "yes", "yes", "yes")
}

// inboundReferenceAgain: a handset uses a reference again, after a message that is complete and after one that is not.
func inboundReferenceAgain(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	w.deliver(pieceOf(1, 2, 1, "a"))
	w.deliver(pieceOf(1, 2, 2, "b"))
	w.deliver(pieceOf(1, 2, 1, "c"))
	w.deliver(pieceOf(1, 2, 1, "e"))
	w.deliver(pieceOf(1, 2, 2, "f"))
	w.deliver(pieceOf(1, 2, 2, "d"))
	w.wantTexts(account, "ab", "ef", "cd")
}

func inboundOfNobody(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(false)
	w.number("40404", "", account)
	for i := range 120 {
		w.deliver(sms.Inbound{Octets: fmt.Appendf(nil, "number %d", i)})
	}
	w.deliver(sms.Inbound{Destination: "40404", Octets: []byte("of somebody")})
	if n, err := w.InboundNobodys(context.Background()); err != nil || n != 120 {
		t.Errorf("%d kept, error %v", n, err)
	}
	kept, err := w.InboundMessages(context.Background(), 0, 0, 10)
	if err != nil || len(kept) != 10 || kept[0].Stage != sms.InboundUnrouted || kept[0].Text != "number 119" {
		t.Errorf("%+v, error %v", kept, err)
	}
	w.number(shortCode, "", account)
	n, err := w.RouteKept(context.Background(), shortCode)
	if err != nil || n != 120 {
		t.Errorf("%d routed, error %v", n, err)
	}
	texts := w.texts(account)
	if len(texts) != 121 || texts[0] != "of somebody" || texts[1] != "number 0" || texts[120] != "number 119" {
		t.Errorf("%d: %q", len(texts), texts)
	}
	if n, err := w.RouteKept(context.Background(), shortCode); err != nil || n != 0 {
		t.Errorf("%d routed again, error %v", n, err)
	}
	if n, err := w.InboundNobodys(context.Background()); err != nil || n != 0 {
		t.Errorf("%d left, error %v", n, err)
	}
}

func inboundKeywords(t *testing.T, open Opener) {
	w := newWorld(t, open)
	win, big, rest := w.account(1), w.account(1), w.account(1)
	w.number(shortCode, "win", win)
	w.number(shortCode, "win big", big)
	w.deliver(sms.Inbound{Octets: []byte("what?")})
	w.deliver(sms.Inbound{Octets: []byte("Win me")})
	w.deliver(sms.Inbound{Octets: []byte(" WIN, big!")})
	w.deliver(sms.Inbound{Octets: []byte("winner")})
	w.wantTexts(win, "Win me")
	w.wantTexts(big, " WIN, big!")
	w.number(shortCode, "", rest)
	w.care() // another server may have added the number
	w.wantTexts(rest, "what?", "winner")
	conflict := w.AddNumber(context.Background(), store.Deed{Actor: "test"}, sms.ServiceNumber{Number: shortCode, Keyword: "win", Account: rest})
	if sms.CodeOf(conflict) != sms.Conflict {
		t.Error(conflict)
	}
	all, err := w.Numbers(context.Background())
	if err != nil || len(all) != 3 || all[0].Keyword != "" || all[2].Keyword != "win big" || all[2].Account != big || all[1].Created.IsZero() {
		t.Errorf("%+v, error %v", all, err)
	}
}

func inboundOddReceipt(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	w.deliver(sms.Inbound{ESMClass: 4, Octets: []byte("done!")})
	w.deliver(sms.Inbound{Octets: []byte("id:1 stat:DELIVRD")})
	w.care()
	w.wantTexts(account, "id:1 stat:DELIVRD")
	kept, err := w.InboundMessages(context.Background(), 0, 0, 10)
	if err != nil || len(kept) != 1 || kept[0].Stage != sms.InboundOdd || kept[0].Text != "done!" {
		t.Errorf("%+v, error %v", kept, err)
	}
}

func numberRemoved(t *testing.T, open Opener) {
	w := newWorld(t, open)
	first, second := w.receiver(), w.account(1)
	w.deliver(sms.Inbound{Octets: []byte("1")})
	if err := w.RemoveNumber(context.Background(), store.Deed{Actor: "test"}, shortCode, ""); err != nil {
		t.Fatal(err)
	}
	w.deliver(sms.Inbound{Octets: []byte("2")})
	if err := w.RemoveNumber(context.Background(), store.Deed{Actor: "test"}, shortCode, ""); sms.CodeOf(err) != sms.NotFound {
		t.Error(err)
	}
	w.number(shortCode, "", second)
	w.deliver(sms.Inbound{Octets: []byte("3")})
	w.care()
	w.wantTexts(first, "1")
	w.wantTexts(second, "3", "2")
}

// inboundAtOnce: parts of many messages come mixed, and in one transaction as far as that goes.
func inboundAtOnce(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	done := make(chan error, 150)
	for part := range 3 {
		for m := range 50 {
			in := pieceOf(byte(m), 3, byte(3-part), fmt.Sprint(m, "/", 3-part, " "))
			in.Carrier, in.Source, in.Destination, in.At = 1, "+393401234567", shortCode, later(0)
			w.Inbound(in, func(err error) { done <- err })
		}
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	texts := w.texts(account)
	if len(texts) != 50 || texts[0] != "0/1 0/2 0/3 " || texts[49] != "49/1 49/2 49/3 " {
		t.Errorf("%q", texts)
	}
}

// inboundAnything: what no database and no reader likes.
func inboundAnything(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	w.number("ACME", "", account)
	w.deliver(sms.Inbound{})
	w.deliver(sms.Inbound{Source: "\xff\x00", Octets: []byte{0xff, 0}, DataCoding: 3})
	w.deliver(sms.Inbound{Octets: []byte{0xd8, 0, 0, 0, 1}, DataCoding: 8})
	w.deliver(sms.Inbound{Octets: []byte{0, 1, 0xfe}, DataCoding: 4})
	w.deliver(sms.Inbound{ESMClass: 0x40, Octets: []byte{200, 'a'}})
	w.deliver(sms.Inbound{Destination: "ACME", Octets: []byte("letters")})
	w.wantTexts(account, "", "ÿ\uFFFD", "\uFFFD\uFFFD\uFFFD", "0001FE", "\uFFFDa", "letters")
}
