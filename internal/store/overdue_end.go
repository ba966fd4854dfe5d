package store

import (
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// overdueMember ends the waiting for the receipts of some messages.
type overdueMember struct {
	answer
	store *Store
	rules map[sms.AccountID]sms.State
	due   []overdueRow
}

func (o *overdueMember) apply(tx *Tx) error {
	for _, row := range o.due {
		if err := o.end(tx, row); err != nil {
			return err
		}
	}
	return nil
}

// end looks at one message: it is gone, or waits still, or its receipts are overdue, or they are for long.
func (o *overdueMember) end(tx *Tx, row overdueRow) error {
	record, err := loadRecord(tx, row.id)
	switch {
	case err != nil:
		if err = ignoreMissing(err); err != nil {
			return err
		}
		return tx.rows.later(`DELETE FROM overdue WHERE message_id = ?`, int64(row.id))
	case waits(record.State):
		return again(tx, row.id, 0, overdueAgain)
	case row.stage == 0:
		return o.lapse(tx, record)
	}
	if _, err := forgetOpen(tx, record.Message, record.Message.Standing(), true); err != nil {
		return err
	}
	return tx.rows.later(`DELETE FROM overdue WHERE message_id = ?`, int64(row.id))
}

// putOffMember has a message looked at later that could not be ended.
type putOffMember struct {
	answer
	due overdueRow
}

func (p *putOffMember) apply(tx *Tx) error {
	return again(tx, p.due.id, int(p.due.stage), overdueAgain)
}

// again has a message looked at later.
func again(tx *Tx, id sms.ID, stage int, after time.Duration) error {
	return tx.rows.later(`UPDATE overdue SET stage = ?, at = ? WHERE message_id = ?`, stage, tx.now.Add(after).UnixMilli(), int64(id))
}

// lapse makes of the parts of a message without a receipt what its account says of such.
func (o *overdueMember) lapse(tx *Tx, record *sms.Record) error {
	m, to := record.Message, sms.Unknown
	if own, ok := o.rules[m.Account]; ok {
		to = own
	}
	before, parts := m.Standing(), m.Standing()
	lapsed := int64(0)
	for i, p := range parts {
		if p.State == sms.Sent {
			parts[i] = p.Lapse(to, tx.now)
			lapsed++
		}
	}
	if lapsed > 0 {
		if err := o.write(tx, record, before, parts); err != nil {
			return err
		}
		tx.after(func() { o.store.Counters.ReportsOverdue.Add(lapsed) })
	}
	left, err := forgetOpen(tx, m, parts, false)
	if err != nil {
		return err
	}
	if left {
		return again(tx, m.ID, 1, overdueWeek)
	}
	return tx.rows.later(`DELETE FROM overdue WHERE message_id = ?`, int64(m.ID))
}

// write stores what the parts became, settles what was reserved for them and tells it.
func (o *overdueMember) write(tx *Tx, record *sms.Record, before, parts []sms.Part) error {
	m := record.Message
	state, final := standing(record, parts, tx.now), time.Time{}
	if state.Final() {
		final = tx.now
	}
	if state != record.State {
		tx.reached[state]++
		tx.moved(record.State, state)
	}
	what, bill := turn{message: m, from: record.State, to: state, before: before, after: parts, reason: overdueReason}, billOf(m, before, parts)
	tx.traffic.turned(what, m.Carrier, tx.now, bill.Charged)
	if err := tx.balances.settle(tx, m.Account, bill); err != nil {
		return err
	}
	if err := o.store.tell(tx, what); err != nil {
		return err
	}
	return tx.rows.writeReport(record, state, final, parts)
}

// forgetOpen forgets the carrier's ids of parts that have ended without a receipt; of all that have one when all is true.
// It reports whether a receipt may still come for another.
func forgetOpen(tx *Tx, m *sms.Message, parts []sms.Part, all bool) (left bool, err error) {
	for i, p := range parts {
		if p.Ref == "" {
			continue
		}
		open := isOpen(p)
		if !all && open {
			left = true
			continue
		}
		if open || p.Lapsed {
			if err := tx.rows.forget(openRef{m.Carrier, p.Ref, m.ID, i}); err != nil {
				return false, err
			}
		}
	}
	return left, nil
}
