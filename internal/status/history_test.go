package status_test

import (
	"slices"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// TestHistoryOfRareStatus: a page of a status that no index has ends after a bounded search, and its cursor goes on.
func TestHistoryOfRareStatus(t *testing.T) {
	s := &shelf{}
	for n := range 25_000 { // the newest first
		r := record(sms.Sent, taken(sms.Sent, ""))
		if n == 5 || n == 24_000 {
			r = record(sms.Sent, seen(taken(sms.Sent, "")))
		}
		r.Message.ID = sms.MakeID(accepted.Add(-time.Duration(n)*time.Millisecond), 1, 0)
		s.records = append(s.records, r)
	}
	reader := status.New(s, ids)
	query := status.Query{From: accepted.Add(-time.Hour), To: accepted, Status: "RECEIVED", Limit: 10}
	var found []string
	pages := 0
	for next := "first"; next != ""; pages++ {
		page, cursor, err := reader.History(t.Context(), ours, query)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range page {
			found = append(found, one.MessageID)
		}
		next, query.Cursor = cursor, cursor
	}
	want := []string{ids.Format(s.records[5].Message.ID), ids.Format(s.records[24_000].Message.ID)}
	if !slices.Equal(found, want) || pages != 2 {
		t.Errorf("%v on %d pages, want %v", found, pages, want)
	}
}

// TestHistoryBounds: both ends are included, to the millisecond.
func TestHistoryBounds(t *testing.T) {
	s := &shelf{records: []*sms.Record{record(sms.Sent, taken(sms.Sent, ""))}}
	at := accepted
	for name, c := range map[string]struct {
		from, to time.Time
		want     int
	}{
		"exactly": {at, at, 1}, "before": {at.Add(-time.Hour), at.Add(-time.Millisecond), 0}, "behind": {at.Add(time.Millisecond), at.Add(time.Hour), 0},
		"a moment behind": {at.Add(time.Microsecond), at.Add(time.Hour), 0}, "the wrong way": {at.Add(time.Hour), at.Add(-time.Hour), 0},
		"another zone": {at.In(time.FixedZone("", 3600)), at, 1},
	} {
		page, next, err := status.New(s, ids).History(t.Context(), ours, status.Query{From: c.from, To: c.to, Limit: 10})
		if err != nil || len(page) != c.want || next != "" {
			t.Errorf("%s: %v, next %q, error %v", name, page, next, err)
		}
	}
}
