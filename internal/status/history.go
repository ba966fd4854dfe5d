package status

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Query asks for the messages of an account that were accepted in some time, the newest first.
type Query struct {
	From, To time.Time // both included
	Status   string    // of the contract; empty: any
	Page     int       // from 0; not together with Cursor
	Limit    int       // 1 to 1000
	Cursor   string    // where the last page ended; empty: at the newest
}

// mostSkipped is how many messages pages can pass over; a cursor goes on from anywhere at no cost.
const mostSkipped = 100_000

// examined is how many messages are looked at for one page of a status that the store does not keep: then the page may
// have fewer, and a cursor.
const (
	examined    = 20_000
	examineStep = 1_000
)

// statesOf are the states of the store that the contract calls so; nil: there is no such status.
func statesOf(status string) []sms.State {
	switch status {
	case "SENT":
		return []sms.State{sms.Scheduled, sms.Queued, sms.Sent}
	case "RECEIVED":
		return []sms.State{sms.Queued, sms.Sent}
	case "DELIVERED":
		return []sms.State{sms.Delivered}
	case "ERROR":
		return []sms.State{sms.Failed, sms.Cancelled, sms.Refused}
	case "EXPIRED":
		return []sms.State{sms.Expired}
	case "UNKNOWN":
		return []sms.State{sms.Unknown}
	}
	return nil
}

// Span is the part of the store that has the messages of a time and a status; an unknown status is an error of class
// Invalid. Of a moment between two milliseconds the one inside counts.
func Span(from, to time.Time, status string) (store.Span, error) {
	span := store.Span{First: sms.MakeID(from.Add(time.Millisecond-1), 0, 0), Last: sms.MakeID(to, sms.MaxNode, 0xfff), States: statesOf(status)}
	if status != "" && span.States == nil {
		return span, sms.InvalidField("status", "must be SENT, RECEIVED, DELIVERED, ERROR, EXPIRED or UNKNOWN")
	}
	return span, nil
}

// History answers a page, and the cursor of the next one; empty: there is none. Errors are of class Invalid too.
func (r *Reader) History(ctx context.Context, account sms.AccountID, q Query) (page []Status, next string, err error) {
	span, err := Span(q.From, q.To, q.Status)
	if err != nil {
		return nil, "", err
	}
	skip := q.Page * q.Limit
	switch {
	case q.Cursor != "" && q.Page > 0:
		return nil, "", sms.InvalidField("page", "stands in place of cursor, not beside it")
	case q.Page > mostSkipped || skip > mostSkipped:
		return nil, "", sms.InvalidField("page", "reaches the first %d messages only: go on with the cursor of the header Link, or with an earlier \"to\"", mostSkipped)
	case q.Cursor != "":
		last, ok := r.ids.Parse(q.Cursor)
		if !ok {
			return nil, "", sms.InvalidField("cursor", "is not one that an answer gave")
		}
		span.Last = min(span.Last, last-1)
	}
	if q.Status == "SENT" || q.Status == "RECEIVED" {
		return r.sifted(ctx, account, span, sieve{q.Status, skip, q.Limit})
	}
	span.Skip, span.Limit = skip, q.Limit+1
	records, err := r.store.History(ctx, account, span)
	if err != nil {
		return nil, "", err
	}
	if len(records) > q.Limit {
		records = records[:q.Limit]
		next = r.ids.Format(records[q.Limit-1].Message.ID)
	}
	for _, record := range records {
		page = append(page, r.describe(record))
	}
	return page, next, nil
}

// sieve takes what has a status, but for the first of it.
type sieve struct {
	status string
	skip   int
	limit  int
}

// sifted looks at messages until enough have the status, or so many were looked at that another page must go on.
func (r *Reader) sifted(ctx context.Context, account sms.AccountID, span store.Span, s sieve) (page []Status, next string, err error) {
	span.Limit = examineStep
	for seen := 0; seen < max(examined, 2*s.skip); seen += examineStep {
		records, err := r.store.History(ctx, account, span)
		if err != nil {
			return nil, "", err
		}
		for _, record := range records {
			one := r.describe(record)
			if one.DeliveryStatus != s.status {
				continue
			}
			if s.skip > 0 {
				s.skip--
				continue
			}
			if len(page) == s.limit {
				return page, next, nil
			}
			page, next = append(page, one), r.ids.Format(record.Message.ID)
		}
		if len(records) < examineStep {
			return page, "", nil
		}
		span.Last = records[len(records)-1].Message.ID - 1
	}
	return page, r.ids.Format(span.Last + 1), nil
}
