package store

import (
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// parkedLife is how long a receipt waits for its message. It is short because carriers use their ids again: an old
// receipt must not settle a new message.
const parkedLife = time.Hour

// park keeps a report whose message is not known yet.
func (s *Store) park(tx *Tx, r sms.Report) error {
	tx.parked++
	tx.after(func() { s.Counters.ReportsParked.Add(1) })
	exact := 0
	if r.Exact {
		exact = 1
	}
	_, err := tx.Exec(`INSERT INTO parked (carrier_id, ref, destination, state, code, words, exact, at, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(r.Carrier), r.Ref, int64(r.Destination), int64(r.State), r.Code, r.Words, exact, r.At.UnixMilli(), tx.now.Add(parkedLife).UnixMilli())
	return err
}

// unpark applies the receipts that waited for the id of a part, in the order in which they came.
func (s *Store) unpark(tx *Tx, m *sms.Message, part int, ref string) error {
	waiting, err := parkedFor(tx, m, ref)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if _, err := tx.Exec(`DELETE FROM parked WHERE id = ?`, w.id); err != nil {
			return err
		}
		tx.parked--
		record, err := loadRecord(tx, m.ID)
		if err != nil {
			return err
		}
		if err := s.report(tx, w.report, &awaitedPart{record: record, part: part, ref: ref}); err != nil {
			return err
		}
	}
	return nil
}

type parkedReport struct {
	id     int64
	report sms.Report
}

const parkedSQL = `SELECT id, ref, destination, state, code, words, exact <> 0, at FROM parked WHERE carrier_id = ?
	AND ref IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AND (destination = 0 OR destination = ?) AND until > ? ORDER BY id`

// parkedFor finds the receipts that waited for an id: those with its exact text; else those with another notation
// that say the destination of the message.
func parkedFor(tx *Tx, m *sms.Message, ref string) (exact []parkedReport, err error) {
	args := make([]any, 0, 3+notationLimit)
	args = append(args, int64(m.Carrier), ref)
	for _, form := range notations(ref) {
		args = append(args, form)
	}
	for len(args) < 1+notationLimit {
		args = append(args, ref)
	}
	rows, err := tx.Query(parkedSQL, append(args, int64(m.Destination), tx.now.UnixMilli())...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var similar []parkedReport
	for rows.Next() {
		p := parkedReport{report: sms.Report{Carrier: m.Carrier}}
		var at int64
		if err := rows.Scan(&p.id, &p.report.Ref, &p.report.Destination, &p.report.State, &p.report.Code,
			&p.report.Words, &p.report.Exact, &at); err != nil {
			return nil, err
		}
		p.report.At = time.UnixMilli(at).UTC()
		switch {
		case p.report.Ref == ref:
			exact = append(exact, p)
		case p.report.Destination == m.Destination && !p.report.Exact:
			similar = append(similar, p)
		}
	}
	if len(exact) == 0 {
		exact = similar
	}
	return exact, rows.Err()
}

// recent remembers the last reports that settled a part, so that a carrier that repeats them fills nothing. It is a
// help, not a promise: a repetition that it has forgotten is parked and forgotten after parkedLife.
type recent struct {
	limit    int
	new, old map[recentKey]struct{}
}

// recentKey has the destination because carriers use their ids again: an early receipt of another message must wait
// for it.
type recentKey struct {
	carrier     sms.CarrierID
	destination sms.Number
	ref         string
}

func newRecent(limit int) *recent {
	return &recent{limit: limit, new: map[recentKey]struct{}{}}
}

func (r *recent) add(report sms.Report) {
	if len(r.new) >= r.limit {
		r.old, r.new = r.new, make(map[recentKey]struct{}, r.limit)
	}
	r.new[recentKey{report.Carrier, report.Destination, report.Ref}] = struct{}{}
}

func (r *recent) has(report sms.Report) bool {
	key := recentKey{report.Carrier, report.Destination, report.Ref}
	_, ok := r.new[key]
	if !ok {
		_, ok = r.old[key]
	}
	return ok
}
