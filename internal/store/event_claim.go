package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// EventLease is how long an event that was taken to be sent belongs to who took it. When nothing is heard of it by then,
// anybody may take it again: so the events of a process that died are adopted.
const EventLease = time.Minute

// EventLane is a queue in which events wait, and when the first of them is due.
type EventLane struct {
	EventQueue
	Due time.Time
}

const eventLanesSQL = `WITH RECURSIVE lane (account) AS (SELECT MIN(account_id) FROM event WHERE way = ? AND due_at IS NOT NULL
	UNION ALL SELECT (SELECT MIN(account_id) FROM event WHERE way = ? AND due_at IS NOT NULL AND account_id > lane.account) FROM lane WHERE account IS NOT NULL)
	SELECT account, (SELECT MIN(due_at) FROM event WHERE way = ? AND account_id = account AND due_at IS NOT NULL) FROM lane WHERE account IS NOT NULL`

// EventLanes are the queues of one way in which events wait. It jumps from account to account in the index, however much
// waits.
func (s *Store) EventLanes(ctx context.Context, way sms.Way) (lanes []EventLane, err error) {
	return s.eventLanes(ctx, way, eventLanesSQL, int64(way), int64(way), int64(way))
}

const eventLanesOfSQL = `SELECT account, (SELECT MIN(due_at) FROM event WHERE way = ? AND account_id = account AND due_at IS NOT NULL) AS due FROM `

// EventLanesOf is EventLanes for some accounts: it costs nothing how many others there are.
func (s *Store) EventLanesOf(ctx context.Context, way sms.Way, accounts []sms.AccountID) ([]EventLane, error) {
	list := make([]byte, 0, 8*len(accounts))
	for i, account := range accounts {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, int64(account), 10)
	}
	if s.shared() {
		return s.eventLanes(ctx, way, eventLanesOfSQL+`unnest(string_to_array(?, ',')::bigint[]) AS list (account)`, int64(way), string(list))
	}
	return s.eventLanes(ctx, way, eventLanesOfSQL+`(SELECT value AS account FROM json_each('[' || ? || ']'))`, int64(way), string(list))
}

func (s *Store) eventLanes(ctx context.Context, way sms.Way, query string, args ...any) (lanes []EventLane, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			l := EventLane{EventQueue: EventQueue{Way: way}}
			var due sql.NullInt64
			if err := rows.Scan(&l.Account, &due); err != nil {
				return err
			}
			if due.Valid {
				l.Due = time.UnixMilli(due.Int64)
				lanes = append(lanes, l)
			}
		}
		return rows.Err()
	})
	return lanes, err
}

const claimColumns = `e.id, e.message_id, e.part, e.state, e.seen, e.code, e.reason, e.price, e.at, e.attempts, e.tries,
	m.destination, m.sender, m.caller_id, m.campaign, m.parts, m.flags, CASE WHEN e.way = 1 THEN substr(m.body, 1, 20) END, m.encoding,
	e.kind, i.source, i.destination, i.text, i.encoding, i.ports, i.parts, i.came, i.at`

// claimJoins are what an event is about; behind the name of its row, e.
const claimJoins = ` LEFT JOIN message m ON m.id = e.message_id LEFT JOIN inbound_message i ON i.id = CASE WHEN e.kind = 1 THEN e.message_id END`

// ClaimEvents takes up to limit events of a queue that are due, the earliest first. They belong to this process for
// EventLease; it must say by SettleEvent what came of each. That they were taken is durable: it counts as an attempt.
func (s *Store) ClaimEvents(ctx context.Context, queue EventQueue, limit int) ([]sms.Event, error) {
	c := &claimMember{queue: queue, limit: limit}
	if !s.shared() {
		err := s.wait(ctx, c)
		return c.taken(err), err
	}
	err := s.aside(ctx, func(ctx context.Context, tx *sql.Tx) error { // the commit loop does not wait for it
		now := time.Now()
		return c.take(&Tx{ctx: ctx, dialect: s.dialect, read: tx}, `WITH due AS (SELECT id FROM event WHERE way = ? AND account_id = ? AND due_at <= ? ORDER BY due_at, id LIMIT ? FOR UPDATE SKIP LOCKED),
			e AS (UPDATE event SET due_at = ?, attempts = attempts + 1, tries = tries + 1 FROM due WHERE event.id = due.id RETURNING event.*)
			SELECT `+claimColumns+` FROM e`+claimJoins+` ORDER BY e.id`,
			int64(queue.Way), int64(queue.Account), now.UnixMilli(), limit, now.Add(EventLease).UnixMilli())
	})
	return c.taken(err), err
}

// claimMember takes events on SQLite: one writer, so that what the first statement changes is what the second reads.
type claimMember struct {
	answer
	queue  EventQueue
	limit  int
	events []sms.Event
}

func (c *claimMember) apply(tx *Tx) error {
	if err := c.take(tx, `SELECT `+claimColumns+` FROM (SELECT * FROM event WHERE way = ? AND account_id = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?) e`+claimJoins,
		int64(c.queue.Way), int64(c.queue.Account), tx.now.UnixMilli(), c.limit); err != nil {
		return err
	}
	for i := range c.events {
		e := &c.events[i]
		e.Attempts++
		e.Tries++
		if _, err := tx.Exec(`UPDATE event SET due_at = ?, attempts = ?, tries = ? WHERE id = ?`,
			tx.now.Add(EventLease).UnixMilli(), e.Attempts, e.Tries, int64(e.ID)); err != nil {
			return err
		}
	}
	return nil
}

func (c *claimMember) take(tx *Tx, query string, args ...any) error {
	c.events = nil
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanClaimed(rows)
		if err != nil {
			return err
		}
		e.Account, e.Way = c.queue.Account, c.queue.Way
		c.events = append(c.events, e)
	}
	return rows.Err()
}

// taken is nothing when the transaction failed; the commit loop may still be at work then.
func (c *claimMember) taken(err error) []sms.Event {
	if err != nil {
		return nil
	}
	return c.events
}

func scanClaimed(row interface{ Scan(...any) error }) (e sms.Event, err error) {
	var state, seen, at int64
	var destination, parts, flags, encoding sql.NullInt64
	var sender, callerID, campaign, text sql.NullString
	var in claimedInbound
	err = row.Scan((*int64)(&e.ID), (*int64)(&e.MessageID), &e.Part, &state, &seen, &e.Code, &e.Reason, (*int64)(&e.Price), &at,
		&e.Attempts, &e.Tries, &destination, &sender, &callerID, &campaign, &parts, &flags, &text, &encoding,
		&e.Kind, &in.source, &in.destination, &in.text, &in.encoding, &in.ports, &in.parts, &in.came, &in.at)
	e.Inbound = in.message(e.MessageID)
	e.State, e.Seen, e.At = sms.State(state), seen != 0, time.UnixMilli(at).UTC()
	if parts.Valid {
		e.Message = &sms.Message{ID: e.MessageID, Destination: sms.Number(destination.Int64), Sender: sms.Sender(sender.String),
			CallerID: callerID.String, Campaign: campaign.String, Parts: int(parts.Int64), Text: text.String, Encoding: sms.Encoding(encoding.Int64)}
		unpackFlags(e.Message, flags.Int64)
	}
	return e, err
}

// SettleEvent stores what came of an attempt. It does not wait: done is called after the commit and must not block. A
// result is kept until the database takes it.
func (s *Store) SettleEvent(a sms.Attempt, done func(error)) { s.enqueue(&settleMember{a, done}) }

type settleMember struct {
	attempt sms.Attempt
	done    func(error)
}

func (m *settleMember) keep() bool         { return true }
func (m *settleMember) settle(err error)   { m.done(err) }
func (m *settleMember) apply(tx *Tx) error { return tx.rows.addAttempt(m.attempt) }

// settleColumns are what an attempt makes of its event. A success counts whoever else is at work on the event; anything
// else only while nobody has taken it again.
func settleColumns(a sms.Attempt, now time.Time) (due, ended *int64, back int64) {
	if a.Stage == sms.EventWaiting {
		at := a.Due.UnixMilli()
		due = &at
	} else {
		at := now.UnixMilli()
		ended = &at
	}
	if a.Void {
		back = 1
	}
	return due, ended, back
}

const settleSQL = `UPDATE event SET stage = ?, due_at = ?, ended_at = ?, attempts = attempts - ?, tries = tries - ?
	WHERE id = ? AND stage = 0 AND (attempts = ? OR ? = 1)`

func (r rowByRow) addAttempt(a sms.Attempt) error {
	due, ended, back := settleColumns(a, r.tx.now)
	if _, err := r.tx.Exec(settleSQL, int64(a.Stage), nullable(due), nullable(ended), back, back, int64(a.Event), a.Number, int64(a.Stage)); err != nil || a.Void {
		return err
	}
	_, err := r.tx.Exec(insertAttemptSQL+` VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, int64(a.Event), a.Number, a.At.UnixMilli(),
		a.Duration.Milliseconds(), a.Status, a.Error, octets(a.Response), a.Receiver)
	return err
}

const insertAttemptSQL = `INSERT INTO attempt (event_id, number, at, duration, status, error, response, receiver)`

func nullable(v *int64) any {
	if v == nil {
		return nil
	}
	return *v
}

func octets(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
