package store

import (
	"context"

	"github.com/staffetta/staffetta/internal/sms"
)

// SetPrice stores what one part costs to the numbers with a prefix, in the list of an account or the general one
// (account zero).
func (s *Store) SetPrice(ctx context.Context, deed Deed, price sms.Price) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if err := setPrice(tx, price); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

func setPrice(tx *Tx, price sms.Price) error {
	_, err := tx.Exec(`INSERT INTO price (account_id, prefix, part, removed, version) VALUES (?, ?, ?, 0, ?)
		ON CONFLICT (account_id, prefix) DO UPDATE SET part = excluded.part, removed = 0, version = excluded.version`,
		price.Account, price.Prefix, int64(price.Part), tx.Revision())
	return err
}

const removePriceSQL = `UPDATE price SET removed = 1, version = ? WHERE account_id = ? AND prefix = ? AND removed = 0`

// RemovePrice takes a price off its list; sms.NotFound when it is not there.
func (s *Store) RemovePrice(ctx context.Context, deed Deed, price sms.Price) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		n, err := tx.Exec(removePriceSQL, tx.Revision(), price.Account, price.Prefix)
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
		prices, err = queryPrices(tx, ``)
		return err
	})
	return prices, err
}

func queryPrices(tx *Tx, where string, args ...any) (prices []sms.Price, err error) {
	rows, err := tx.Query(`SELECT account_id, prefix, part FROM price WHERE removed = 0 `+where+` ORDER BY account_id, prefix`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p sms.Price
		if err := rows.Scan(&p.Account, &p.Prefix, &p.Part); err != nil {
			return nil, err
		}
		prices = append(prices, p)
	}
	return prices, rows.Err()
}

// ReplacePrices makes the list of an account, or the general one, hold exactly these prices, in one transaction. agree
// judges what stood there before, in order of prefix; its error leaves everything as it was.
func (s *Store) ReplacePrices(ctx context.Context, deed Deed, account sms.AccountID, next []sms.Price, agree func(before []sms.Price) error) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		before, err := queryPrices(tx, `AND account_id = ?`, int64(account))
		if err != nil {
			return err
		}
		if err := agree(before); err != nil {
			return err
		}
		was := map[string]sms.Money{}
		for _, p := range before {
			was[p.Prefix] = p.Part
		}
		for _, p := range next {
			old, known := was[p.Prefix]
			if delete(was, p.Prefix); known && old == p.Part {
				continue
			}
			p.Account = account
			if err := setPrice(tx, p); err != nil {
				return err
			}
		}
		for prefix := range was {
			if _, err := tx.Exec(removePriceSQL, tx.Revision(), int64(account), prefix); err != nil {
				return err
			}
		}
		return deed.note(tx)
	})
}
