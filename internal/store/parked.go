package store

import (
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// parkedLife is how long a receipt waits for its message. It is short because carriers use their ids again: an old
// receipt must not settle a new message.
const parkedLife = time.Hour

// park keeps a report whose message is not known yet; one that only repeats what is settled is counted and dropped.
func (s *Store) park(tx *Tx, r sms.Report) error {
	if s.repeats.has(r.Carrier, r.Ref) {
		tx.after(func() { s.Counters.ReportsRepeated.Add(1) })
		return nil
	}
	tx.parked++
	tx.after(func() { s.Counters.ReportsParked.Add(1) })
	_, err := tx.Exec(`INSERT INTO parked (carrier_id, ref, destination, state, code, at, until) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		int64(r.Carrier), r.Ref, int64(r.Destination), int64(r.State), r.Code, r.At.UnixMilli(), tx.now.Add(parkedLife).UnixMilli())
	return err
}

// unpark applies the receipts that waited for this id, in the order in which they came.
func (s *Store) unpark(tx *Tx, carrier sms.CarrierID, ref string, destination sms.Number) error {
	ids, reports, err := parkedFor(tx, carrier, append([]string{ref}, notations(ref)...), destination)
	if err != nil {
		return err
	}
	for i, r := range reports {
		if r.Ref != ref && r.Destination != destination {
			continue
		}
		r.Ref = ref
		if _, err := tx.Exec(`DELETE FROM parked WHERE id = ?`, ids[i]); err != nil {
			return err
		}
		tx.parked--
		found, err := s.awaited(tx, r)
		if err != nil {
			return err
		}
		if found == nil {
			continue
		}
		if err := s.report(tx, r, found); err != nil {
			return err
		}
	}
	return nil
}

func parkedFor(tx *Tx, carrier sms.CarrierID, refs []string, destination sms.Number) (ids []int64, reports []sms.Report, err error) {
	for _, ref := range refs {
		rows, err := tx.Query(`SELECT id, destination, state, code, at FROM parked WHERE carrier_id = ? AND ref = ?
			AND (destination = 0 OR destination = ?) AND until > ? ORDER BY id`, int64(carrier), ref, int64(destination), tx.now.UnixMilli())
		if err != nil {
			return nil, nil, err
		}
		for rows.Next() {
			r := sms.Report{Carrier: carrier, Ref: ref}
			var id, at int64
			if err := rows.Scan(&id, &r.Destination, &r.State, &r.Code, &at); err != nil {
				rows.Close()
				return nil, nil, err
			}
			r.At = time.UnixMilli(at).UTC()
			ids, reports = append(ids, id), append(reports, r)
		}
		if err := rows.Close(); err != nil {
			return nil, nil, err
		}
		if len(reports) > 0 {
			break
		}
	}
	return ids, reports, nil
}

// recent remembers the last ids whose part is settled, so that a carrier that repeats its receipts fills nothing. It
// is a help, not a promise: what it has forgotten is parked and forgotten after parkedLife.
type recent struct {
	limit    int
	new, old map[recentKey]struct{}
}

type recentKey struct {
	carrier sms.CarrierID
	ref     string
}

func newRecent(limit int) *recent {
	return &recent{limit: limit, new: map[recentKey]struct{}{}}
}

func (r *recent) add(carrier sms.CarrierID, ref string) {
	if len(r.new) >= r.limit {
		r.old, r.new = r.new, make(map[recentKey]struct{}, r.limit)
	}
	r.new[recentKey{carrier, ref}] = struct{}{}
}

func (r *recent) has(carrier sms.CarrierID, ref string) bool {
	key := recentKey{carrier, ref}
	_, ok := r.new[key]
	if !ok {
		_, ok = r.old[key]
	}
	return ok
}
