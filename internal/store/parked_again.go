package store

import (
	"context"
	"database/sql"

	"github.com/staffetta/staffetta/internal/sms"
)

// A receipt that one node parks while another records the outcome it waits for sees nothing of that, nor the outcome of
// the receipt. So each is looked at once more, when every transaction that could have been open then has ended.

// againAfter is when, and againStep how many at once.
const (
	againAfter = groupLimit + groupLimit/5
	againStep  = 200
)

// lookAgain looks again for the messages of receipts that were parked a moment ago, here or by another node.
func (s *Store) lookAgain(ctx context.Context) {
	for ctx.Err() == nil {
		step := &secondLook{store: s}
		if err := s.wait(ctx, step); err != nil || step.read < againStep {
			return
		}
	}
}

type secondLook struct {
	answer
	store *Store
	read  int
}

// apply goes on behind the last one that was looked at; nodes may meet at one, and the row decides.
func (l *secondLook) apply(tx *Tx) error {
	s := l.store
	waiting, err := parkedAfter(tx, s.lookedAt)
	if err != nil {
		return err
	}
	l.read = len(waiting)
	for _, w := range waiting {
		if err := s.unparkLate(tx, w); err != nil {
			return err
		}
	}
	if l.read > 0 {
		last := waiting[l.read-1].id
		tx.after(func() { s.lookedAt = last })
	}
	return nil
}

func parkedAfter(tx *Tx, id int64) (waiting []parkedReport, err error) {
	rows, err := tx.Query(`SELECT id, carrier_id, ref, destination, state, code, at FROM parked WHERE id > ? AND until <= ? AND until > ?
		ORDER BY id LIMIT ?`, id, tx.now.Add(parkedLife-againAfter).UnixMilli(), tx.now.UnixMilli(), againStep)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p parkedReport
		var at sql.NullInt64
		r := &p.report
		if err := rows.Scan(&p.id, &r.Carrier, &r.Ref, &r.Destination, &r.State, &r.Code, &at); err != nil {
			return nil, err
		}
		r.At = moment(at)
		waiting = append(waiting, p)
	}
	return waiting, rows.Err()
}

// unparkLate applies a parked receipt whose message is there after all.
func (s *Store) unparkLate(tx *Tx, w parkedReport) error {
	found, err := tx.rows.awaited(w.report.Carrier, w.report.Ref)
	if err != nil {
		return err
	}
	match := (*awaitedPart)(nil)
	if len(found) > 0 {
		match = bestCandidate(found, w.report.Destination)
	} else if match, err = s.similar(tx, w.report); err != nil || match == nil {
		return err
	}
	if match.record.Message.Standing()[match.part].State == sms.Queued {
		return nil // it is to be sent again: that has a receipt of its own
	}
	gone, err := tx.Exec(`DELETE FROM parked WHERE id = ?`, w.id)
	if err != nil || gone == 0 {
		return err
	}
	tx.parked--
	return s.report(tx, w.report, match)
}
