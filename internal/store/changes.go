package store

import (
	"context"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
)

// Changes reads what administrative writes changed after a revision, all in one snapshot; 0 asks for everything.
// When nothing changed it costs one read of one row.
func (s *Store) Changes(ctx context.Context, since int64) (changes directory.Changes, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		err := tx.QueryRow(`SELECT revision FROM revision`).Scan(&changes.Revision)
		if err != nil || changes.Revision <= since {
			return err
		}
		const news = `WHERE version > ?`
		if changes.Accounts, err = queryAccounts(tx, news, since); err != nil {
			return err
		}
		if changes.Users, err = queryUsers(tx, news, since); err != nil {
			return err
		}
		if changes.Keys, err = queryKeys(tx, news, since); err != nil {
			return err
		}
		if changes.Prices, err = queryPriceChanges(tx, since); err != nil {
			return err
		}
		if changes.Senders, err = querySenderChanges(tx, since); err != nil {
			return err
		}
		if changes.Rules, err = querySenderRuleChanges(tx, since); err != nil {
			return err
		}
		if changes.Routes, err = queryRouteChanges(tx, since); err != nil {
			return err
		}
		wishes, err := readWanted(tx, since)
		if err != nil {
			return err
		}
		s.wanted.learn(wishes)
		choosers, err := readChoosers(tx, since)
		if err != nil {
			return err
		}
		s.choosers.add(choosers...)
		return s.eachCarrier(tx, news, []any{since}, func(c sms.Carrier, removed bool) {
			changes.Carriers = append(changes.Carriers, directory.CarrierChange{Carrier: c, Removed: removed})
		})
	})
	return changes, err
}

func queryPriceChanges(tx *Tx, since int64) (prices []directory.PriceChange, err error) {
	rows, err := tx.Query(`SELECT account_id, prefix, part, removed FROM price WHERE version > ?`, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p directory.PriceChange
		if err := rows.Scan(&p.Account, &p.Prefix, &p.Part, &p.Removed); err != nil {
			return nil, err
		}
		prices = append(prices, p)
	}
	return prices, rows.Err()
}
