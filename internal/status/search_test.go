package status_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

// stack is messages, one each second, the newest first; every tenth text is "rare".
func stack(n int) *shelf {
	s := &shelf{}
	for i := range n {
		r := record(sms.Delivered, taken(sms.Delivered, ""))
		r.Message.ID = sms.MakeID(accepted.Add(-time.Duration(i)*time.Second), 1, 0)
		r.Message.Text = "common"
		if i%10 == 9 {
			r.Message.Text = "rare"
		}
		s.records = append(s.records, r)
	}
	return s
}

func indexes(s *shelf, found status.Found) (at []int) {
	for _, h := range found.Hits {
		at = append(at, slices.Index(s.records, h.Record))
	}
	return at
}

func search(t *testing.T, s *shelf, q status.Search) status.Found {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 3
	}
	found, err := status.New(s, ids).Search(t.Context(), ours, q)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestSearchPages: from the newest to the oldest and back, each message is on one page.
func TestSearchPages(t *testing.T) {
	s := stack(8)
	first := search(t, s, status.Search{})
	second := search(t, s, status.Search{Cursor: first.Older})
	third := search(t, s, status.Search{Cursor: second.Older})
	if first.Newer != "" || third.Older != "" || !first.Looked.IsZero() {
		t.Errorf("first %+v, third %+v", first, third)
	}
	back := search(t, s, status.Search{Cursor: third.Newer, Newer: true})
	begin := search(t, s, status.Search{Cursor: back.Newer, Newer: true})
	for _, c := range []struct {
		found status.Found
		want  []int
	}{{first, []int{0, 1, 2}}, {second, []int{3, 4, 5}}, {third, []int{6, 7}}, {back, []int{3, 4, 5}}, {begin, []int{0, 1, 2}}} {
		if got := indexes(s, c.found); !slices.Equal(got, c.want) {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
	if begin.Newer != "" || begin.Older == "" || back.Older != second.Older {
		t.Errorf("back %+v, begin %+v", back, begin)
	}
	if got := indexes(s, search(t, s, status.Search{Cursor: begin.Older})); !slices.Equal(got, []int{3, 4, 5}) {
		t.Errorf("behind the first again: %v", got)
	}
}

// TestSearchOfEmptyPages: behind a page without messages one comes back to where one was.
func TestSearchOfEmptyPages(t *testing.T) {
	s := stack(3)
	cursor := ids.Format(s.records[2].Message.ID)
	empty := search(t, s, status.Search{Cursor: cursor})
	if len(empty.Hits) != 0 || empty.Older != "" || empty.Newer == "" {
		t.Fatalf("%+v", empty)
	}
	if got := indexes(s, search(t, s, status.Search{Cursor: empty.Newer, Newer: true})); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("back: %v", got)
	}
}

// TestSearchOfRareText: what is rare is shown as far as the time went, and the cursor goes on.
func TestSearchOfRareText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stack(10_000)
		s.slow = 100 * time.Microsecond
		for _, r := range s.records {
			r.Message.Text = "common"
		}
		s.records[5_000].Message.Text = "rare"
		q := status.Search{Text: "rare"}
		pages := 0
		for {
			began := time.Now()
			found := search(t, s, q)
			if took := time.Since(began); took > 2*status.UsualBudget {
				t.Fatalf("it looked for %v", took)
			}
			pages++
			if found.Older == "" {
				break
			}
			if found.Looked.IsZero() {
				t.Fatalf("%+v", found)
			}
			if at := indexes(s, found); len(at) > 0 && (at[0] != 5_000 || found.Looked.After(s.records[5_000].Message.ID.Time())) {
				t.Errorf("%v, looked to %v", at, found.Looked)
			}
			q.Cursor = found.Older
		}
		if pages < 5 || pages > 8 {
			t.Errorf("%d pages", pages)
		}
		for _, w := range s.walks[1:] {
			if w.Most != 1000 { // ten for each millisecond, and a thousand at least
				t.Errorf("a step of %d", w.Most)
			}
		}
	})
}

func TestSearchBounds(t *testing.T) {
	s := stack(8)
	at := func(i int) time.Time { return s.records[i].Message.ID.Time() }
	for name, c := range map[string]struct {
		q    status.Search
		want []int
	}{
		"from and to": {status.Search{From: at(4), To: at(3)}, []int{3, 4}},
		"cursor":      {status.Search{From: at(4), Cursor: ids.Format(s.records[2].Message.ID)}, []int{3, 4}},
		"newer":       {status.Search{To: at(1), Newer: true, Cursor: ids.Format(s.records[3].Message.ID)}, []int{1, 2}},
		"status":      {status.Search{Status: "failed"}, nil},
		"its status":  {status.Search{Status: "delivered", From: at(0)}, []int{0}},
		"id":          {status.Search{ID: " " + ids.Format(s.records[7].Message.ID), Text: "not looked at"}, []int{7}},
		"no id":       {status.Search{ID: "m-1"}, nil},
	} {
		if got := indexes(s, search(t, s, c.q)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestSearchByIDOfAllAccounts(t *testing.T) {
	s := stack(3)
	s.records[0].Message.CallerID, s.records[2].Message.CallerID = "order-1", "order-1"
	s.records[2].Message.Account = theirs
	reader := status.New(s, ids)
	for _, c := range []struct {
		account sms.AccountID
		id      string
		want    []int
	}{{0, "order-1", []int{0, 2}}, {ours, "order-1", []int{0}}, {theirs, "order-1", []int{2}}, {0, ids.Format(s.records[2].Message.ID), []int{2}},
		{ours, ids.Format(s.records[2].Message.ID), nil}} {
		found, err := reader.Search(t.Context(), c.account, status.Search{ID: c.id, Limit: 5})
		if err != nil || !slices.Equal(indexes(s, found), c.want) {
			t.Errorf("%s of account %d: %v, error %v, want %v", c.id, c.account, indexes(s, found), err, c.want)
		}
	}
}

func TestSearchReadsWhatPeopleWrite(t *testing.T) {
	for text, want := range map[string]store.Filter{
		"":                 {},
		"+39 340 123-4567": {Begins: "393401234567"},
		"0039340":          {Begins: "39340"},
		"(340) 123.4567":   {Ends: "3401234567"},
		"567":              {Ends: "567"},
		"067":              {Ends: "067"},
		"0170 1234567":     {Ends: "1701234567"},
		"0012":             {Ends: "012"},
	} {
		s := &shelf{}
		search(t, s, status.Search{Number: text})
		if got := s.walks[0].Filter; got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	for field, q := range map[string]status.Search{
		"number":   {Number: "+39 34O"},
		"text":     {Text: "\xff"},
		"sender":   {Sender: "a\x00"},
		"campaign": {Campaign: strings.Repeat("é", 201)},
		"status":   {Status: "DELIVERED"},
		"cursor":   {Cursor: "garbage"},
		"id":       {ID: "\xff"},
	} {
		q.Limit = 3
		_, err := status.New(&shelf{}, ids).Search(t.Context(), ours, q)
		if sms.CodeOf(err) != sms.Invalid || !strings.Contains(fmt.Sprint(err), field+":") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestInboundPages(t *testing.T) {
	s := &shelf{}
	for i := range 5 {
		s.inbound = append(s.inbound, sms.InboundMessage{ID: sms.MakeID(accepted.Add(-time.Duration(i)*time.Second), 1, 0), Source: fmt.Sprint("+39340", i), Text: "yes"})
	}
	reader := status.New(s, ids)
	page := func(q status.InboundSearch) (sources []string, found status.InboundFound) {
		q.Limit = 2
		found, err := reader.Inbound(t.Context(), ours, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range found.Hits {
			sources = append(sources, h.Message.Source[6:])
		}
		return sources, found
	}
	first, found := page(status.InboundSearch{})
	second, found := page(status.InboundSearch{Cursor: found.Older})
	back, _ := page(status.InboundSearch{Cursor: found.Newer, Newer: true})
	third, found := page(status.InboundSearch{Cursor: found.Older})
	one, _ := page(status.InboundSearch{Number: "+39 3403"})
	if diff := cmp.Diff([][]string{{"0", "1"}, {"2", "3"}, {"0", "1"}, {"4"}, {"3"}}, [][]string{first, second, back, third, one}); diff != "" || found.Older != "" {
		t.Error(diff, found.Older)
	}
	if _, err := reader.Inbound(t.Context(), ours, status.InboundSearch{Cursor: "x", Limit: 2}); sms.CodeOf(err) != sms.Invalid {
		t.Error(err)
	}
}
