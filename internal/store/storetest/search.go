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

var searchTests = map[string]func(*testing.T, Opener){
	"what fits":        searchFits,
	"in steps":         searchSteps,
	"all accounts":     searchAllAccounts,
	"blanked":          searchBlanked,
	"callers' ids":     searchCallersIDs,
	"what was told":    searchTold,
	"from handsets":    searchInbound,
	"inbound, foreign": searchInboundForeign,
}

// walk goes on until a search has come to its end, and answers what it found in the order of the walk.
func (w *world) walk(account sms.AccountID, f store.Filter, span store.Span, most int) (ids []sms.ID) {
	w.t.Helper()
	if span.Last == 0 {
		span.Last = 1<<63 - 1
	}
	if span.Limit == 0 {
		span.Limit = 100
	}
	for range 1000 {
		walked, err := w.Walk(context.Background(), account, store.Walk{Span: span, Filter: f, Most: most})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range walked.Records {
			ids = append(ids, r.Message.ID)
		}
		if walked.End {
			return ids
		}
		if span.OldestFirst {
			span.First = walked.Reached + 1
		} else {
			span.Last = walked.Reached - 1
		}
	}
	w.t.Fatal("the search has no end")
	return nil
}

// varied are messages that differ in what can be searched; the oldest first.
func (w *world) varied(account sms.AccountID) (ids []sms.ID) {
	w.t.Helper()
	for _, one := range []struct {
		to             sms.Number
		sender         sms.Sender
		campaign, text string
		encoding       sms.Encoding
	}{
		{393401234567, "ACME", "spring", "100% off_now", sms.GSM7},
		{393401234500, "Acme2", "Spring-2", "Perché NO", sms.GSM7},
		{4915112345670, "+393401", "", "ПРИВЕТ мир", sms.UCS2},
		{3934012, "Bank", "autumn", `back\slash`, sms.GSM7},
		{393401234567, "Bank", "", "0041006300", sms.Octets},
	} {
		m := message(account, 1)
		m.Destination, m.Sender, m.Campaign, m.Text, m.Encoding = one.to, one.sender, one.campaign, one.text, one.encoding
		ids = append(ids, w.accept(m).ID)
	}
	return ids
}

func searchFits(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	ids := w.varied(account)
	for _, c := range []struct {
		filter store.Filter
		want   []int // the newest first
	}{
		{store.Filter{}, []int{4, 3, 2, 1, 0}},
		{store.Filter{Begins: "393401234567"}, []int{4, 0}},
		{store.Filter{Begins: "39"}, []int{4, 3, 1, 0}},
		{store.Filter{Begins: "39340123450"}, []int{1}},
		{store.Filter{Begins: "3934012345671"}, nil},
		{store.Filter{Begins: "3934012345671234"}, nil},
		{store.Filter{Ends: "567"}, []int{4, 0}},
		{store.Filter{Ends: "00"}, []int{1}},
		{store.Filter{Ends: "12345670"}, []int{2}},
		{store.Filter{Ends: "3934012"}, []int{3}},
		{store.Filter{Ends: "13934012"}, nil},
		{store.Filter{Ends: "12345678901234567890"}, nil},
		{store.Filter{Sender: "acme"}, []int{1, 0}},
		{store.Filter{Sender: "3401"}, []int{2}},
		{store.Filter{Sender: "a_me"}, nil},
		{store.Filter{Campaign: "SPRING"}, []int{1, 0}},
		{store.Filter{Text: "100%"}, []int{0}},
		{store.Filter{Text: "f_n"}, []int{0}},
		{store.Filter{Text: "f%n"}, nil},
		{store.Filter{Text: "k\\s"}, []int{3}},
		{store.Filter{Text: "perchÉ no"}, []int{1}},
		{store.Filter{Text: "perchà"}, nil},
		{store.Filter{Text: "Привет МИР"}, []int{2}},
		{store.Filter{Text: "0063"}, nil},
		{store.Filter{Text: "a", Sender: "bank", Begins: "39"}, []int{3}},
	} {
		var want []sms.ID
		for _, i := range c.want {
			want = append(want, ids[i])
		}
		if got := w.walk(account, c.filter, store.Span{}, 100); !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", c.filter, got, want)
		}
	}
}

func searchSteps(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.account(10_000), w.account(10_000)
	w.mixed(other)
	ids := w.mixed(account)
	w.mixed(other)
	var failed []sms.ID
	for i := 3; i < len(ids); i += 5 {
		failed = append(failed, ids[i])
	}
	newest, failedNewest := slices.Clone(ids), slices.Clone(failed)
	slices.Reverse(newest)
	slices.Reverse(failedNewest)
	for _, most := range []int{1, 7, 30, 100} {
		for _, limit := range []int{1, 3, 100} {
			span := store.Span{Limit: limit}
			w.wantIDs(w.walk(account, store.Filter{Sender: "acme"}, span, most), newest)
			span.First, span.Last = ids[3], ids[20]
			w.wantIDs(w.walk(account, store.Filter{}, span, most), newest[9:27])
			span.OldestFirst = true
			w.wantIDs(w.walk(account, store.Filter{}, span, most), ids[3:21])
			span = store.Span{Limit: limit, States: []sms.State{sms.Failed}}
			w.wantIDs(w.walk(account, store.Filter{Ends: "567"}, span, most), failedNewest)
			span.OldestFirst = true
			w.wantIDs(w.walk(account, store.Filter{}, span, most), failed)
			w.wantIDs(w.walk(account, store.Filter{Text: "nobody wrote that"}, span, most), nil)
		}
	}
	walked, err := w.Walk(context.Background(), account, store.Walk{Span: store.Span{Last: 1<<63 - 1, Limit: 50}, Most: 7, Filter: store.Filter{Text: "nothing"}})
	if err != nil || walked.End || walked.Looked != 7 || walked.Reached != newest[6] {
		t.Errorf("%+v, error %v", walked, err)
	}
}

func searchAllAccounts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	one, two := w.account(10_000), w.account(10_000)
	ids := append(w.mixed(one), w.mixed(two)...)
	slices.Reverse(ids)
	for _, most := range []int{1, 13, 100} {
		w.wantIDs(w.walk(0, store.Filter{}, store.Span{Limit: 9}, most), ids)
		w.wantIDs(w.walk(0, store.Filter{Begins: "39"}, store.Span{Limit: 9}, most), ids)
		if found := w.walk(0, store.Filter{}, store.Span{Limit: 9, States: []sms.State{sms.Failed}}, most); len(found) != 12 {
			t.Errorf("%d failed", len(found))
		}
	}
}

func searchBlanked(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(10_000)
	kept := w.varied(account)
	span := store.Span{Last: 1<<63 - 1, Limit: 10}
	w.change(`UPDATE message SET destination = 0, body = '', flags = 16`) // as redaction leaves them
	for _, f := range []store.Filter{{Ends: "0"}, {Ends: "000"}, {Begins: "0"}, {Text: "off"}} {
		if found := w.walk(account, f, span, 100); len(found) != 0 {
			t.Errorf("%+v finds %v", f, found)
		}
	}
	if found := w.walk(account, store.Filter{Sender: "acme"}, span, 100); len(found) != 2 {
		t.Errorf("%v of %v", found, kept)
	}
}

func searchCallersIDs(t *testing.T, open Opener) {
	w := newWorld(t, open)
	var want []sms.ID
	for i := range 3 {
		m := message(w.account(10_000), 1)
		m.CallerID = "order-1"
		want = append([]sms.ID{w.accept(m).ID}, want...)
		other := message(m.Account, 1)
		other.CallerID = fmt.Sprint("other", i)
		w.accept(other)
	}
	for limit, n := range map[int]int{10: 3, 2: 2} {
		found, err := w.MessagesOf(context.Background(), "order-1", limit)
		var got []sms.ID
		for _, r := range found {
			got = append(got, r.Message.ID)
		}
		if err != nil || !slices.Equal(got, want[:n]) {
			t.Errorf("%v, error %v, want %v", got, err, want)
		}
	}
	if found, err := w.MessagesOf(context.Background(), "order", 10); err != nil || found != nil {
		t.Errorf("%v, error %v", found, err)
	}
	if r, err := w.MessageOf(context.Background(), 0, "order-1"); err != nil || r == nil || r.Message.ID != want[0] {
		t.Errorf("%v, error %v", r, err)
	}
}

func searchTold(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.hooked(true)
	m := w.sent(told(account, 1), "r1")
	w.sent(told(account, 1), "r2")
	w.report(sms.Report{Ref: "r1", Destination: m.Destination, State: sms.Delivered})
	for _, e := range w.claim(account, 10) {
		w.settleEvent(sms.Attempt{Event: e.ID, Number: e.Attempts, At: later(0), Duration: 30 * time.Millisecond, Status: 503, Due: later(0), Error: "no", Response: []byte("busy")})
	}
	r := w.read(m.ID)
	events, attempts, err := w.Told(context.Background(), r.Message, []time.Time{m.ID.Time(), r.Sent, r.Final, {}})
	if err != nil || len(events) != 2 || len(attempts) != 2 {
		t.Fatalf("%+v, %+v, error %v", events, attempts, err)
	}
	if events[0].State != sms.Sent || events[1].State != sms.Delivered || events[1].Attempts != 1 || events[1].Stage != sms.EventWaiting || events[1].Due.IsZero() {
		t.Errorf("%+v", events)
	}
	if a := attempts[1]; a.Event != events[1].ID || a.Status != 503 || string(a.Response) != "busy" || a.Duration != 30*time.Millisecond {
		t.Errorf("%+v", a)
	}
	old := r.Final.Add(-time.Hour)
	if events, _, err := w.Told(context.Background(), r.Message, []time.Time{old, {}}); err != nil || len(events) != 0 {
		t.Errorf("an hour before: %+v, error %v", events, err)
	}
}

func searchInbound(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	for i := range 9 {
		w.deliver(sms.Inbound{Source: fmt.Sprintf("+3934012345%02d", i), Octets: fmt.Appendf(nil, "Answer %d 50%%", i)})
	}
	list := func(walk store.InboundWalk) (texts []string) {
		if walk.Last == 0 {
			walk.Last = 1<<63 - 1
		}
		for {
			walked, err := w.WalkInbound(context.Background(), account, walk)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range walked.Messages {
				texts = append(texts, m.Text[7:8])
			}
			if walked.End {
				return texts
			}
			if walk.OldestFirst {
				walk.First = walked.Reached + 1
			} else {
				walk.Last = walked.Reached - 1
			}
		}
	}
	forward := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}
	back := slices.Clone(forward)
	slices.Reverse(back)
	for _, most := range []int{1, 4, 100} {
		for _, limit := range []int{1, 4, 100} {
			span := store.Span{Limit: limit}
			for _, c := range []struct {
				walk store.InboundWalk
				want []string
			}{
				{store.InboundWalk{Span: span, Most: most}, back},
				{store.InboundWalk{Span: span, Most: most, Text: "aNSWER"}, back},
				{store.InboundWalk{Span: span, Most: most, Text: "answer 3"}, []string{"3"}},
				{store.InboundWalk{Span: span, Most: most, Text: "r%5"}, nil},
				{store.InboundWalk{Span: span, Most: most, Number: "4507"}, []string{"7"}},
				{store.InboundWalk{Span: span, Most: most, Number: shortCode}, back},
				{store.InboundWalk{Span: store.Span{Limit: limit, OldestFirst: true}, Most: most}, forward},
			} {
				if got := list(c.walk); !slices.Equal(got, c.want) {
					t.Errorf("%+v: %v, want %v", c.walk, got, c.want)
				}
			}
		}
	}
}

func searchInboundForeign(t *testing.T, open Opener) {
	w := newWorld(t, open)
	w.receiver()
	w.deliver(sms.Inbound{Octets: []byte("secret")})
	walked, err := w.WalkInbound(context.Background(), w.account(0), store.InboundWalk{Span: store.Span{Last: 1<<63 - 1, Limit: 10}, Most: 10})
	if err != nil || len(walked.Messages) != 0 || !walked.End {
		t.Errorf("%+v, error %v", walked, err)
	}
}
