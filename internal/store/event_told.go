package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Events are in order of time, and no index leads from a message to them: they are looked for around the moments at which
// something happened to it. An event is written with what it tells of, or as soon as the database takes it.
const (
	toldBefore = time.Second
	toldBehind = 15 * time.Second
	toldGap    = 5 * time.Minute // moments that are no further apart are looked at as one time
)

// Told reads what an account was told of a message by webhook, the oldest first, and what came of the attempts. near are
// the moments of its life; an event that was written long after them is not found.
func (s *Store) Told(ctx context.Context, m *sms.Message, near []time.Time) (events []sms.Event, attempts []sms.Attempt, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		for _, span := range around(near) {
			found, err := toldIn(tx, m, span)
			if err != nil {
				return err
			}
			events = append(events, found...)
		}
		for _, e := range events {
			found, err := attemptsOf(tx, e.ID)
			if err != nil {
				return err
			}
			attempts = append(attempts, found...)
		}
		return nil
	})
	return events, attempts, err
}

// around are the times in which events of some moments were written.
func around(near []time.Time) (spans []Span) {
	near = slices.DeleteFunc(slices.Clone(near), time.Time.IsZero)
	slices.SortFunc(near, time.Time.Compare)
	for i := 0; i < len(near); {
		first, last := near[i], near[i]
		for i++; i < len(near) && near[i].Sub(last) <= toldGap; i++ {
			last = near[i]
		}
		spans = append(spans, Span{First: sms.MakeID(first.Add(-toldBefore), 0, 0), Last: sms.MakeID(last.Add(toldBehind), sms.MaxNode, 0xfff)})
	}
	return spans
}

func toldIn(tx *Tx, m *sms.Message, span Span) (events []sms.Event, err error) {
	rows, err := tx.Query(`SELECT id, part, state, seen, code, reason, at, stage, attempts, due_at, ended_at FROM event
		WHERE account_id = ? AND id BETWEEN ? AND ? AND message_id = ? AND way = 0 AND kind = 0 ORDER BY id`,
		int64(m.Account), int64(span.First), int64(span.Last), int64(m.ID))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e := sms.Event{Account: m.Account, MessageID: m.ID, Way: sms.ByWebhook}
		var state, seen, at, stage int64
		var due, ended sql.NullInt64
		if err := rows.Scan((*int64)(&e.ID), &e.Part, &state, &seen, &e.Code, &e.Reason, &at, &stage, &e.Attempts, &due, &ended); err != nil {
			return nil, err
		}
		e.State, e.Seen, e.At, e.Stage = sms.State(state), seen != 0, time.UnixMilli(at).UTC(), sms.EventStage(stage)
		e.Due, e.Ended = moment(due), moment(ended)
		events = append(events, e)
	}
	return events, rows.Err()
}

func attemptsOf(tx *Tx, event sms.ID) (attempts []sms.Attempt, err error) {
	rows, err := tx.Query(`SELECT `+attemptColumns+` FROM attempt a WHERE a.event_id = ? ORDER BY a.number`, int64(event))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		a, err := scanAttempt(rows)
		if err != nil {
			return nil, err
		}
		attempts = append(attempts, a)
	}
	return attempts, rows.Err()
}
