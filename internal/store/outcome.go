package store

import (
	"database/sql"
	"errors"

	"github.com/staffetta/staffetta/internal/sms"
)

// Record stores the outcome of an attempt and settles the credit, in one transaction with whatever else waits. It
// does not wait: done is called after the commit and must not block. An outcome is kept until the database takes it;
// done gets an error only when the store was closed first.
func (s *Store) Record(o sms.Outcome, mark *Mark, done func(error)) {
	s.enqueue(&outcomeMember{store: s, outcome: o, mark: mark, done: done})
}

type outcomeMember struct {
	store   *Store
	outcome sms.Outcome
	mark    *Mark
	done    func(error)
}

func (o *outcomeMember) keep() bool       { return true }
func (o *outcomeMember) settle(err error) { o.done(err) }
func (o *outcomeMember) apply(tx *Tx) error {
	tx.unmark(o.mark)
	return o.store.record(tx, o.outcome)
}

const recordSQL = `UPDATE message SET state = ?, carrier_id = ?, due_at = ?, attempts = attempts + 1, sent_at = COALESCE(sent_at, ?),
	final_at = ?, progress = ?, reason = ? WHERE id = ? AND state = 2`

// record writes an outcome. A message that is no longer queued (it was cancelled meanwhile) stays as it is.
func (s *Store) record(tx *Tx, o sms.Outcome) error {
	m := o.Message
	var due, sent, final any
	if o.State == sms.Queued {
		due = milliseconds(o.Retry)
	}
	for _, p := range o.Parts {
		if p.State == sms.Sent && sent == nil {
			sent = p.At.UnixMilli()
		}
	}
	if o.State.Final() {
		final = o.At.UnixMilli()
	}
	touched, err := tx.Exec(recordSQL, int64(o.State), int64(o.Carrier), due, sent, final, packProgress(o.Parts), optional(o.Reason), int64(m.ID))
	if err != nil || touched == 0 {
		return err
	}
	if o.Incident != "" {
		if err := noteIncident(tx, m.ID, "attempt", o.Incident); err != nil {
			return err
		}
	}
	if err := tx.balances.settle(tx, m.Account, billOf(m, m.Standing(), o.Parts)); err != nil {
		return err
	}
	return s.expectReceipts(tx, o)
}

func billOf(m *sms.Message, before, after []sms.Part) (bill sms.Bill) {
	for i := range after {
		bill = bill.Add(m.Settle(before[i].State, after[i].State))
	}
	return bill
}

// expectReceipts notes the carrier's ids of the parts it has taken just now, and matches receipts that came earlier.
func (s *Store) expectReceipts(tx *Tx, o sms.Outcome) error {
	before := o.Message.Standing()
	for i, p := range o.Parts {
		if p.State != sms.Sent || p.Ref == "" || before[i].State == sms.Sent {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO carrier_ref (carrier_id, ref, message_id, part) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			int64(o.Carrier), p.Ref, int64(o.Message.ID), i); err != nil {
			return err
		}
		if s.parked+tx.parked > 0 {
			if err := s.unpark(tx, o.Carrier, p.Ref, o.Message.Destination); err != nil {
				return err
			}
		}
	}
	return nil
}

func noteIncident(tx *Tx, id sms.ID, kind, detail string) error {
	_, err := tx.Exec(`INSERT INTO incident (message_id, at, kind, detail) VALUES (?, ?, ?, ?)`, int64(id), tx.now.UnixMilli(), kind, detail)
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
