package store

import (
	"context"

	"github.com/staffetta/staffetta/internal/sms"
)

// Replace changes a message that is still held until its date: change gets a copy of it, to alter its Due (never zero),
// Expires, Text, UDH, Encoding, Raw, Parts, PartPrice, Reference, Sender, Notify or Submission. It is called in the commit
// loop, perhaps more than once, must be quick, and an error of it is Replace's. The difference of the price is reserved, or
// given back, in the same transaction. Replace answers the message as it then is.
//
// Other errors are of class NotFound, for a message that is not the account's; Conflict, when it is no longer held; and
// NoCredit, when the difference cannot be paid. Then nothing is changed.
func (s *Store) Replace(ctx context.Context, account sms.AccountID, id sms.ID, change func(*sms.Message) error) (*sms.Message, error) {
	return s.ReplaceBy(ctx, Deed{}, account, id, change)
}

// ReplaceBy is Replace with a line in the audit log, in the same transaction, of who did it; a deed of nobody has none.
func (s *Store) ReplaceBy(ctx context.Context, deed Deed, account sms.AccountID, id sms.ID, change func(*sms.Message) error) (*sms.Message, error) {
	r := &replaceMember{deed: deed, account: account, id: id, change: change}
	if err := s.wait(ctx, r); err != nil {
		return nil, err
	}
	return r.message, nil
}

type replaceMember struct {
	answer
	deed    Deed
	account sms.AccountID
	id      sms.ID
	change  func(*sms.Message) error
	message *sms.Message
}

func (r *replaceMember) needs(n *needs) {
	n.messages, n.accounts = append(n.messages, r.id), append(n.accounts, r.account)
}

func (r *replaceMember) apply(tx *Tx) error {
	record, err := ownRecord(tx, r.account, r.id)
	if err != nil {
		return err
	}
	if record.State != sms.Scheduled {
		return tooLate(record.State)
	}
	next := *record.Message
	if err := r.change(&next); err != nil {
		return err
	}
	if err := rebook(tx, record.Message, &next); err != nil {
		return err
	}
	r.message = &next
	if err := r.deed.noteBy(tx); err != nil {
		return err
	}
	tx.traffic.cut(record.Message, &next)
	return rewrite(tx, &next, record.Redacted)
}

// rebook reserves what a message costs more than before, or gives back what it costs less.
func rebook(tx *Tx, before, after *sms.Message) error {
	more := after.Price() - before.Price()
	if more <= 0 {
		return tx.balances.settle(tx, after.Account, sms.Bill{Released: -more})
	}
	ok, err := tx.balances.reserve(tx, after.Account, more)
	if err == nil && !ok {
		err = sms.Errorf(sms.NoCredit, "the credit does not suffice for the new text")
	}
	return err
}

func rewrite(tx *Tx, m *sms.Message, redacted bool) error {
	if err := tx.rows.flush(); err != nil {
		return err
	}
	tx.rows.reread(m.ID, sms.Scheduled)
	row, flags := rowOf(m, 0, tx.now), packFlags(m)
	if redacted {
		flags |= flagRedacted
	}
	_, err := tx.Exec(`UPDATE message SET due_at = ?, expires_at = ?, sender = ?, body = ?, udh = ?, encoding = ?, parts = ?, part_price = ?,
		flags = ?, reference = ? WHERE id = ?`, row[6], row[7], row[9], row[10], row[11], row[12], row[13], row[14], flags, row[16], row[0])
	return err
}
