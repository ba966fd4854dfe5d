package store

import (
	"context"

	"github.com/staffetta/staffetta/internal/sms"
)

// SetPrice stores what one part costs to the numbers with a prefix, in the list of an account or the general one
// (account zero).
func (s *Store) SetPrice(ctx context.Context, deed Deed, price sms.Price) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if _, err := tx.Exec(`INSERT INTO price (account_id, prefix, part, removed, version) VALUES (?, ?, ?, 0, ?)
			ON CONFLICT (account_id, prefix) DO UPDATE SET part = excluded.part, removed = 0, version = excluded.version`,
			price.Account, price.Prefix, int64(price.Part), tx.Revision()); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

// RemovePrice takes a price off its list; sms.NotFound when it is not there.
func (s *Store) RemovePrice(ctx context.Context, deed Deed, price sms.Price) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		n, err := tx.Exec(`UPDATE price SET removed = 1, version = ? WHERE account_id = ? AND prefix = ? AND removed = 0`,
			tx.Revision(), price.Account, price.Prefix)
		if err != nil {
			return err
		}
		if n == 0 {
			return sms.Errorf(sms.NotFound, "there is no price for the prefix %q", price.Prefix)
		}
		return deed.note(tx)
	})
}

// Prices reads all price lists, the general one first, each in order of prefix.
func (s *Store) Prices(ctx context.Context) (prices []sms.Price, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT account_id, prefix, part FROM price WHERE removed = 0 ORDER BY account_id, prefix`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p sms.Price
			if err := rows.Scan(&p.Account, &p.Prefix, &p.Part); err != nil {
				return err
			}
			prices = append(prices, p)
		}
		return rows.Err()
	})
	return prices, err
}
