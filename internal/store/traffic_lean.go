package store

import (
	"context"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// HourQueued is how many messages of an hour wait for one carrier still.
type HourQueued struct {
	Hour    time.Time
	Carrier sms.CarrierID
	Count   int64
}

// Queued reads of which hours, from one moment up to another, messages of an account, or of AllAccounts, wait in their queues
// still, in order of hour and carrier.
func (s *Store) Queued(ctx context.Context, account sms.AccountID, from, to time.Time) (hours []HourQueued, err error) {
	list := hoursBetween(from, to)
	if len(list) == 0 {
		return nil, nil
	}
	const queued = `SUM(accepted) - SUM(scheduled) - SUM(sent) - SUM(delivered) - SUM(failed) - SUM(expired) - SUM(cancelled) - SUM(unknown)`
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT hour, carrier_id, `+queued+` FROM traffic WHERE hour IN (`+strings.Join(list, ", ")+`) AND `+s.whose(account)+`
			GROUP BY hour, carrier_id HAVING `+queued+` > 0 ORDER BY hour, carrier_id`, int64(account))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at int64
			var h HourQueued
			if err := rows.Scan(&at, &h.Carrier, &h.Count); err != nil {
				return err
			}
			h.Hour = time.UnixMilli(at).UTC()
			hours = append(hours, h)
		}
		return rows.Err()
	})
	return hours, err
}

// Spending is what an account paid in some time.
type Spending struct {
	Account sms.AccountID
	Charged sms.Money
	Refused int64 // messages that were refused since a later moment
}

// Spending reads what an account, or each (AllAccounts), paid for messages accepted from one moment on, and how many were refused
// since lately. Accounts without either are left out.
func (s *Store) Spending(ctx context.Context, account sms.AccountID, from, lately time.Time) (all []Spending, err error) {
	whose := `account_id = ?`
	if account == AllAccounts {
		whose = `account_id > ?`
	}
	list := hoursBetween(from, time.Now().Add(time.Hour))
	if len(list) == 0 {
		return nil, nil
	}
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT account_id, SUM(charged), SUM(CASE WHEN hour >= ? THEN refused ELSE 0 END) FROM traffic
			WHERE hour IN (`+strings.Join(list, ", ")+`) AND `+whose+` GROUP BY account_id ORDER BY account_id`, lately.UnixMilli(), int64(account))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one Spending
			if err := rows.Scan(&one.Account, (*int64)(&one.Charged), &one.Refused); err != nil {
				return err
			}
			if one.Charged != 0 || one.Refused != 0 {
				all = append(all, one)
			}
		}
		return rows.Err()
	})
	return all, err
}
