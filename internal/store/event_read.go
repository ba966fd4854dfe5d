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
		rows, err := tx.Query(`SELECT `+claimColumns+`, e.way, e.stage, e.due_at, e.ended_at FROM event e`+claimJoins+`
			WHERE e.account_id = ? AND e.id < ? AND (e.stage = ? OR ? = 1) ORDER BY e.id DESC LIMIT ?`, int64(account), before, stage, every, page.Limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var way, stage int64
			var due, ended sql.NullInt64
			e, err := scanClaimed(suffixed{rows, []any{&way, &stage, &due, &ended}})
			if err != nil {
				return err
			}
			e.Account, e.Way, e.Stage, e.Due, e.Ended = account, sms.Way(way), sms.EventStage(stage), moment(due), moment(ended)
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
		rows, err := tx.Query(`SELECT `+attemptColumns+`
			FROM event e JOIN attempt a ON a.event_id = e.id WHERE e.account_id = ? AND e.id BETWEEN ? AND ? AND e.id <= ?
			AND (e.id < ? OR a.number < ?) ORDER BY e.id DESC, a.number DESC LIMIT ?`,
			int64(account), from, to, page.before(), page.before(), page.Number, page.Limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			a, err := scanAttempt(rows)
			if err != nil {
				return err
			}
			attempts = append(attempts, a)
		}
		return rows.Err()
	})
	return attempts, err
}

const attemptColumns = `a.event_id, a.number, a.at, a.duration, a.status, a.error, a.response, a.receiver`

func scanAttempt(row interface{ Scan(...any) error }) (a sms.Attempt, err error) {
	var at, duration int64
	err = row.Scan((*int64)(&a.Event), &a.Number, &at, &duration, &a.Status, &a.Error, &a.Response, &a.Receiver)
	a.At, a.Duration = time.UnixMilli(at).UTC(), time.Duration(duration)*time.Millisecond
	return a, err
}

// Receipts reads the events of a message that go by SMPP, the oldest first, and what came of the attempts to send them.
func (s *Store) Receipts(ctx context.Context, message sms.ID) (events []sms.Event, attempts []sms.Attempt, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		events, err = receiptEvents(tx, message)
		if err != nil || len(events) == 0 {
			return err
		}
		rows, err := tx.Query(`SELECT `+attemptColumns+` FROM event e JOIN attempt a ON a.event_id = e.id
			WHERE e.message_id = ? AND e.way = 1 ORDER BY a.event_id, a.number`, int64(message))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			a, err := scanAttempt(rows)
			if err != nil {
				return err
			}
			attempts = append(attempts, a)
		}
		return rows.Err()
	})
	return events, attempts, err
}

func receiptEvents(tx *Tx, message sms.ID) (events []sms.Event, err error) {
	rows, err := tx.Query(`SELECT id, state, seen, stage, due_at, ended_at FROM event WHERE message_id = ? AND way = 1 ORDER BY id`, int64(message))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e := sms.Event{MessageID: message, Way: sms.BySMPP, Part: sms.WholeMessage}
		var state, seen, stage int64
		var due, ended sql.NullInt64
		if err := rows.Scan((*int64)(&e.ID), &state, &seen, &stage, &due, &ended); err != nil {
			return nil, err
		}
		e.State, e.Seen, e.Stage, e.Due, e.Ended = sms.State(state), seen != 0, sms.EventStage(stage), moment(due), moment(ended)
		events = append(events, e)
	}
	return events, rows.Err()
}

// mostCounted is how far waiting events are counted.
const mostCounted = 100_000

// EventsWaiting counts the events that wait to go one way, of all accounts, up to 100,000.
func (s *Store) EventsWaiting(ctx context.Context, way sms.Way) (n int, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM event WHERE way = ? AND due_at IS NOT NULL LIMIT ?) AS waiting`, int64(way), mostCounted).Scan(&n)
	})
	return n, err
}
