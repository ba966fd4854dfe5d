package store

import (
	"database/sql"
	"errors"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// Record stores the outcome of an attempt and settles the credit, in one transaction with whatever else waits. It
// does not wait: done is called after the commit and must not block. An outcome is kept until the database takes it;
// done gets an error only when the store was closed first, or ErrSuperseded when the message may be another node's
// by now.
func (s *Store) Record(o sms.Outcome, mark *Mark, done func(error)) {
	s.enqueue(&outcomeMember{store: s, outcome: o, mark: mark, done: done})
}

type outcomeMember struct {
	store   *Store
	outcome sms.Outcome
	mark    *Mark
	done    func(error)
	late    bool // the message may be another node's by now
}

func (o *outcomeMember) keep() bool       { return true }
func (o *outcomeMember) settle(err error) { o.done(supersededIf(o.late, err)) }
func (o *outcomeMember) apply(tx *Tx) error {
	if o.late = o.outcome.Message.Term != o.store.claim.Load().term; o.late {
		return o.store.expectLate(tx, o.outcome)
	}
	tx.unmark(o.mark, o.outcome.Message.ID, o.outcome.State == sms.Queued)
	return o.store.record(tx, o.outcome)
}

// record writes an outcome. A message that is no longer queued (it was cancelled meanwhile) stays as it is. What the
// message had reached when it was read may be old when it is not the first attempt: the stored parts count then.
func (s *Store) record(tx *Tx, o sms.Outcome) error {
	was, written, err := o.Message, false, error(nil)
	if o.Message.Progress == nil {
		written, err = tx.rows.writeOutcome(o, true)
	}
	if err == nil && !written {
		was, written, err = recordAgain(tx, &o)
	}
	if err != nil || !written {
		return err
	}
	before := was.Standing()
	tx.reached[o.State]++
	tx.moved(sms.Queued, o.State)
	if o.Incident != "" {
		if err := noteIncident(tx, o.Message.ID, "attempt", o.Incident); err != nil {
			return err
		}
	}
	what, bill := turn{message: o.Message, from: sms.Queued, to: o.State, before: before, after: o.Parts, reason: o.Reason}, billOf(o.Message, before, o.Parts)
	tx.traffic.moved(o.Message, was.Carrier, o.Carrier)
	tx.traffic.turned(what, o.Carrier, o.At, bill.Charged)
	if err := tx.balances.settle(tx, o.Message.Account, bill); err != nil {
		return err
	}
	if err := s.tell(tx, what); err != nil {
		return err
	}
	return s.expectReceipts(tx, o, before)
}

// recordAgain joins an outcome with what the parts have reached in the store, where receipts may have changed those
// that an earlier attempt sent.
func recordAgain(tx *Tx, o *sms.Outcome) (was *sms.Message, written bool, err error) {
	record, err := loadRecord(tx, o.Message.ID)
	if err != nil || record.State != sms.Queued {
		return nil, false, ignoreMissing(err)
	}
	o.Parts = slices.Clone(o.Parts)
	for i, p := range record.Message.Standing() {
		if p.State != sms.Queued {
			o.Parts[i] = p
		}
	}
	state := sms.Standing(o.Parts)
	if state.Final() {
		sms.Abandon(o.Parts, state, o.At)
	}
	if state == sms.Failed && o.State != state {
		o.Reason = "the carrier could not deliver a part of it"
	}
	o.State = state
	written, err = tx.rows.writeOutcome(*o, false)
	return record.Message, written, err
}

func billOf(m *sms.Message, before, after []sms.Part) (bill sms.Bill) {
	for i := range after {
		bill = bill.Add(m.Settle(before[i].State, after[i].State))
	}
	return bill
}

// expectReceipts notes the carrier's ids of the parts it has taken just now, and then matches receipts that came
// earlier: one may speak for all parts.
func (s *Store) expectReceipts(tx *Tx, o sms.Outcome, before []sms.Part) error {
	m := o.Message
	awaits := func(i int) bool {
		return o.Parts[i].State == sms.Sent && o.Parts[i].Ref != "" && before[i].State != sms.Sent
	}
	for i, p := range o.Parts {
		if !awaits(i) {
			continue
		}
		if err := tx.rows.expect(openRef{m.Carrier, p.Ref, m.ID, i}); err != nil {
			return err
		}
	}
	for i, p := range o.Parts {
		if !awaits(i) || !s.mayBeParked(tx) {
			continue
		}
		if err := s.unpark(tx, m, i, p.Ref); err != nil {
			return err
		}
	}
	return nil
}

// expectLate notes the carrier's ids of parts whose message another node has adopted: it decides about the message and
// the money, and may have sent it again, but a receipt under the first id tells of it too.
func (s *Store) expectLate(tx *Tx, o sms.Outcome) error {
	record, err := loadRecord(tx, o.Message.ID)
	if err != nil || record.State.Final() {
		return ignoreMissing(err)
	}
	stored := record.Message.Standing()
	for i, p := range o.Parts {
		if p.State != sms.Sent || p.Ref == "" || i >= len(stored) || stored[i].State.Final() || stored[i].Ref == p.Ref {
			continue
		}
		if err := tx.rows.expect(openRef{o.Carrier, p.Ref, o.Message.ID, i}); err != nil {
			return err
		}
		if stored[i].State != sms.Queued && s.mayBeParked(tx) { // a receipt cannot speak of a part that waits
			if err := s.unpark(tx, record.Message, i, p.Ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayBeParked reports whether any receipt waits for its message: here, or, where other nodes share the database, there.
func (s *Store) mayBeParked(tx *Tx) bool {
	return s.parked+tx.parked > 0 || tx.rows.parkedElsewhere()
}

func noteIncident(tx *Tx, id sms.ID, kind, detail string) error {
	return tx.rows.later(`INSERT INTO incident (message_id, at, kind, detail) VALUES (?, ?, ?, ?)`, int64(id), tx.now.UnixMilli(), kind, detail)
}

func ignoreMissing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
