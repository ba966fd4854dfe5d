package store

import (
	"context"

	"github.com/staffetta/staffetta/internal/sms"
)

// AddNumber gives a number, or a keyword of it, to an account. The error when it is given away already is sms.Conflict.
// What came before is routed by RouteKept.
func (s *Store) AddNumber(ctx context.Context, deed Deed, n sms.ServiceNumber) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		taken, err := queryNumbers(tx, `number = ? AND keyword = ? AND removed = 0`, n.Number, n.Keyword)
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			return sms.Errorf(sms.Conflict, "this number, or this keyword of it, is given to an account already: `staffetta number remove` takes it back")
		}
		if _, err := tx.Exec(`INSERT INTO service_number (number, keyword, account_id, created_at, removed, version) VALUES (?, ?, ?, ?, 0, ?)
			ON CONFLICT (number, keyword) DO UPDATE SET account_id = excluded.account_id, created_at = excluded.created_at,
			removed = 0, version = excluded.version`, n.Number, n.Keyword, int64(n.Account), tx.Now().UnixMilli(), tx.Revision()); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

// RemoveNumber takes a number, or a keyword of it, from its account; sms.NotFound when it is nobody's. What it got stays
// its account's.
func (s *Store) RemoveNumber(ctx context.Context, deed Deed, number, keyword string) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		n, err := tx.Exec(`UPDATE service_number SET removed = 1, version = ? WHERE number = ? AND keyword = ? AND removed = 0`,
			tx.Revision(), number, keyword)
		if err != nil {
			return err
		}
		if n == 0 {
			return sms.Errorf(sms.NotFound, "there is no such number or keyword; `staffetta number list` shows all")
		}
		return deed.note(tx)
	})
}

// Numbers reads all numbers with their keywords, in order.
func (s *Store) Numbers(ctx context.Context) (numbers []sms.ServiceNumber, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		numbers, err = queryNumbers(tx, `removed = 0`)
		return err
	})
	return numbers, err
}
