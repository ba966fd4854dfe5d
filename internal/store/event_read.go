package store

import (
	"context"
	"database/sql"
	"math"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// EventPage says which events, or attempts, of an account are asked for.
type EventPage struct {
	Stage  *sms.EventStage // nil: any; events only
	Event  sms.ID          // of this event only; zero: of all; attempts only
	Before sms.ID          // older than this event; zero: the newest
	Number int             // attempts only: of the event Before itself those below this number too
	Limit  int
}

// Events reads events of an account, the newest first.
func (s *Store) Events(ctx context.Context, account sms.AccountID, page EventPage) (events []sms.Event, err error) {
	before, stage, every := page.before(), 0, 1
	if page.Stage != nil {
		stage, every = int(*page.Stage), 0
	}
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT `+claimColumns+`, e.stage, e.due_at, e.ended_at FROM event e`+claimJoins+`
			WHERE e.account_id = ? AND e.id < ? AND (e.stage = ? OR ? = 1) ORDER BY e.id DESC LIMIT ?`, int64(account), before, stage, every, page.Limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var stage int64
			var due, ended sql.NullInt64
			e, err := scanClaimed(suffixed{rows, []any{&stage, &due, &ended}})
			if err != nil {
				return err
			}
			e.Account, e.Stage, e.Due, e.Ended = account, sms.EventStage(stage), moment(due), moment(ended)
			events = append(events, e)
		}
		return rows.Err()
	})
	return events, err
}

func (p EventPage) before() int64 {
	if p.Before == 0 {
		return math.MaxInt64
	}
	return int64(p.Before)
}

// suffixed scans columns that stand behind those of an event.
type suffixed struct {
	row   interface{ Scan(...any) error }
	after []any
}

func (s suffixed) Scan(targets ...any) error { return s.row.Scan(append(targets, s.after...)...) }

// Attempts reads what came of telling events of an account: of the newest event first, and of each the last attempt first.
func (s *Store) Attempts(ctx context.Context, account sms.AccountID, page EventPage) (attempts []sms.Attempt, err error) {
	from, to := int64(page.Event), int64(page.Event)
	if page.Event == 0 {
		from, to = 0, math.MaxInt64
	}
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT a.event_id, a.number, a.at, a.duration, a.status, a.error, a.response
			FROM event e JOIN attempt a ON a.event_id = e.id WHERE e.account_id = ? AND e.id BETWEEN ? AND ? AND e.id <= ?
			AND (e.id < ? OR a.number < ?) ORDER BY e.id DESC, a.number DESC LIMIT ?`,
			int64(account), from, to, page.before(), page.before(), page.Number, page.Limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a sms.Attempt
			var at, duration int64
			if err := rows.Scan((*int64)(&a.Event), &a.Number, &at, &duration, &a.Status, &a.Error, &a.Response); err != nil {
				return err
			}
			a.At, a.Duration = time.UnixMilli(at).UTC(), time.Duration(duration)*time.Millisecond
			attempts = append(attempts, a)
		}
		return rows.Err()
	})
	return attempts, err
}

// mostCounted is how far waiting events are counted.
const mostCounted = 100_000

// EventsWaiting counts the events that wait, of all accounts, up to 100,000.
func (s *Store) EventsWaiting(ctx context.Context) (n int, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM event WHERE due_at IS NOT NULL LIMIT ?) AS waiting`, mostCounted).Scan(&n)
	})
	return n, err
}
