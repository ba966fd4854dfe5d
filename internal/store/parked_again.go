package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// A receipt that one node parks while another records the outcome it waits for sees nothing of that, nor the outcome of
// the receipt. So each is looked at again: soon, and once more when every transaction that could have been open then has
// ended.

// againAfter are the ages at which a parked receipt is looked at, and againStep how many are at once.
const (
	againSoon  = time.Second
	againAfter = groupLimit + groupLimit/5
	againStep  = 200
)

// lookAgain looks again for the messages of receipts that were parked a moment ago, here or by another node.
func (s *Store) lookAgain(ctx context.Context) {
	for look, age := range [...]time.Duration{againSoon, againAfter} {
		for more := true; more; {
			step := &laterLook{store: s, last: &s.looked[look], age: age}
			if err := s.wait(ctx, step); err != nil {
				return
			}
			more = step.read == againStep
		}
	}
}

type laterLook struct {
	answer
	store *Store
	last  *int64 // the receipt that was looked at last, at this age; commit loop only
	age   time.Duration
	read  int
}

// apply goes on behind the last one that was looked at; nodes may meet at one, and the row decides.
func (l *laterLook) apply(tx *Tx) error {
	s := l.store
	waiting, err := parkedAfter(tx, *l.last, l.age)
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
		tx.after(func() { *l.last = last })
	}
	return nil
}

func parkedAfter(tx *Tx, id int64, age time.Duration) (waiting []parkedReport, err error) {
	rows, err := tx.Query(`SELECT id, carrier_id, ref, destination, state, code, words, exact <> 0, at FROM parked WHERE id > ? AND until <= ? AND until > ?
		ORDER BY id LIMIT ?`, id, tx.now.Add(parkedLife-age).UnixMilli(), tx.now.UnixMilli(), againStep)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p parkedReport
		var at sql.NullInt64
		r := &p.report
		if err := rows.Scan(&p.id, &r.Carrier, &r.Ref, &r.Destination, &r.State, &r.Code, &r.Words, &r.Exact, &at); err != nil {
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
