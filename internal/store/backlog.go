package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Lane is the messages of one account and priority that wait for one carrier.
type Lane struct {
	Carrier  sms.CarrierID
	Priority sms.Priority
	Account  sms.AccountID
}

// Lanes are those in which something waits. It jumps from lane to lane in the index, however long they are.
func (s *Store) Lanes(ctx context.Context) (lanes []Lane, err error) {
	last := nodeLane{node: int64(s.claim.Load().node), Lane: Lane{Carrier: -1}}
	err = s.View(ctx, func(tx *Tx) error {
		for {
			more, err := last.next(tx)
			if err != nil || !more {
				return err
			}
			lanes = append(lanes, last.Lane)
		}
	})
	return lanes, err
}

const waitingSQL = `SELECT ` + messageColumns + ` FROM message WHERE state = 2 AND due_at IS NULL AND node = ?
	AND carrier_id = ? AND priority = ? AND account_id = ? AND id > ? ORDER BY id LIMIT ?`

// Waiting reads the messages of a lane after one id, in order of acceptance.
func (s *Store) Waiting(ctx context.Context, lane Lane, after sms.ID, limit int) (messages []*sms.Message, err error) {
	mine := s.claim.Load()
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(waitingSQL, mine.node, lane.Carrier, lane.Priority, lane.Account, int64(after), limit)
		if err != nil {
			return err
		}
		messages, err = scanMessages(rows, mine)
		return err
	})
	return messages, err
}

// Due takes up to limit messages whose moment has come into their queues and, after the commit and in the order of
// commits, calls ready with them. It answers how many there were.
func (s *Store) Due(ctx context.Context, limit int, ready func([]*sms.Message)) (int, error) {
	m := &dueMember{store: s, limit: limit, ready: ready}
	if err := s.wait(ctx, m); err != nil {
		return 0, err
	}
	return len(m.messages), nil
}

type dueMember struct {
	answer
	store    *Store
	limit    int
	ready    func([]*sms.Message)
	messages []*sms.Message
}

const dueSQL = `SELECT ` + messageColumns + ` FROM message WHERE due_at <= ? AND state IN (1, 2) ORDER BY due_at, id LIMIT ?`

var queueDueSQL = `UPDATE message SET state = 2, due_at = NULL, node = ? WHERE id ` + inIDs

func (d *dueMember) apply(tx *Tx) error {
	mine := d.store.claim.Load()
	rows, err := tx.Query(dueSQL+tx.dialect.skipLocked, tx.now.UnixMilli(), d.limit)
	if err != nil {
		return err
	}
	if d.messages, err = scanMessages(rows, mine); err != nil {
		return err
	}
	ids := make([]sms.ID, len(d.messages))
	for i, m := range d.messages {
		m.Due, ids[i] = time.Time{}, m.ID
		tx.goes(m)
		if m.Attempts == 0 { // it was held until its date; else it waited to be tried again
			tx.traffic.queued(m)
		}
		tx.rows.reread(m.ID, sms.Queued)
	}
	for step := range slices.Chunk(ids, retainWrite) {
		if _, err := tx.Exec(queueDueSQL, append([]any{mine.node}, idArguments(step)...)...); err != nil {
			return err
		}
	}
	return nil
}

func (d *dueMember) settle(err error) {
	if err == nil && len(d.messages) > 0 {
		d.ready(d.messages)
	}
	d.answer.settle(err)
}

// NextDue is the moment of the first message that waits for one; zero: none does.
func (s *Store) NextDue(ctx context.Context) (at time.Time, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		var due int64
		err := tx.QueryRow(`SELECT due_at FROM message WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1`).Scan(&due)
		if err == nil {
			at = time.UnixMilli(due)
		}
		return ignoreMissing(err)
	})
	return at, err
}

// Place is where a walk through all lanes has come to; the zero value is their beginning.
type Place struct {
	Lane Lane
	ID   sms.ID
}

// Stale reads up to limit messages, behind a place, that still wait although their validity has ended. With fewer than
// limit the walk is at its end. It looks at the index alone, and at each entry once in a walk.
func (s *Store) Stale(ctx context.Context, after Place, limit int) (messages []*sms.Message, err error) {
	l := after.Lane
	mine := s.claim.Load()
	err = s.View(ctx, func(tx *Tx) error {
		messages, err = stale(tx, mine, limit, `carrier_id = ? AND priority = ? AND account_id = ? AND id > ?`,
			int64(l.Carrier), int64(l.Priority), int64(l.Account), int64(after.ID))
		if err != nil || len(messages) == limit {
			return err
		}
		next, err := stale(tx, mine, limit-len(messages), `(carrier_id, priority, account_id) > (?, ?, ?)`,
			int64(l.Carrier), int64(l.Priority), int64(l.Account))
		messages = append(messages, next...)
		return err
	})
	return messages, err
}

func stale(tx *Tx, mine *claim, limit int, where string, place ...any) ([]*sms.Message, error) {
	const order = ` ORDER BY carrier_id, priority, account_id, id`
	args := append([]any{mine.node, time.Now().UnixMilli()}, place...)
	rows, err := tx.Query(`SELECT `+messageColumns+` FROM message WHERE id IN (SELECT id FROM message`+tx.dialect.queueIndex+`
		WHERE state = 2 AND due_at IS NULL AND node = ? AND expires_at <= ? AND `+where+order+` LIMIT ?)`+order, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	return scanMessages(rows, mine)
}

// scanMessages reads messages that this process holds under a claim from now on.
func scanMessages(rows *sql.Rows, mine *claim) (messages []*sms.Message, err error) {
	defer rows.Close()
	for rows.Next() {
		record, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		record.Message.Term = mine.term
		messages = append(messages, record.Message)
	}
	return messages, rows.Err()
}
