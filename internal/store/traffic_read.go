package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// HourTraffic is the messages of one account, or of all, that were accepted in one hour, and stand with one carrier.
type HourTraffic struct {
	Hour    time.Time // its beginning, UTC
	Carrier sms.CarrierID
	sms.Traffic
}

// AllAccounts asks for the sums over all accounts.
const AllAccounts sms.AccountID = 0

// sumColumns are the sums of all counts over the nodes. While a server of a version that does not count works on the same
// database, some may be below zero: it is not told.
var sumColumns = `SUM(` + strings.Join(trafficColumns[:], `), SUM(`) + `)`

// Traffic reads the counts of an account, or of AllAccounts, for the messages accepted in the hours from one moment up to
// another, which is not among them. Hours in which nothing was accepted are left out. They come in order of hour and carrier.
// What was accepted before this version first ran is in none of them.
func (s *Store) Traffic(ctx context.Context, account sms.AccountID, from, to time.Time) (hours []HourTraffic, err error) {
	list := hoursBetween(from, to)
	if len(list) == 0 {
		return nil, nil
	}
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT hour, carrier_id, `+sumColumns+` FROM traffic WHERE hour IN (`+strings.Join(list, ", ")+`) AND `+s.whose(account)+`
			GROUP BY hour, carrier_id ORDER BY hour, carrier_id`, int64(account))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at int64
			var h HourTraffic
			if err := scanTraffic(rows, &h.Traffic, &at, &h.Carrier); err != nil {
				return err
			}
			h.Hour = time.UnixMilli(at).UTC()
			hours = append(hours, h)
		}
		return rows.Err()
	})
	return hours, err
}

// hoursBetween are the beginnings of hours, as numbers of SQL.
func hoursBetween(from, to time.Time) (list []string) {
	for at := from.Truncate(time.Hour); at.Before(to); at = at.Add(time.Hour) {
		if !at.Before(from) {
			list = append(list, strconv.FormatInt(at.UnixMilli(), 10))
		}
	}
	return list
}

// scanTraffic scans a row of sums behind other columns.
func scanTraffic(rows *sql.Rows, t *sms.Traffic, before ...any) error {
	var counts trafficCounts
	targets := before
	for i := range counts {
		targets = append(targets, &counts[i])
	}
	if err := rows.Scan(targets...); err != nil {
		return err
	}
	*t = counts.traffic()
	return nil
}

func (c *trafficCounts) traffic() sms.Traffic {
	for i := range c {
		c[i] = max(0, c[i])
	}
	t := sms.Traffic{Accepted: c[countAccepted], Refused: c[countRefused], Scheduled: c[countScheduled], Parts: c[countParts],
		Sent: c[countSent], Failed: c[countFailed], Expired: c[countExpired], Cancelled: c[countCancelled], Unknown: c[countUnknown],
		Charged: sms.Money(c[countCharged]), Delivered: c[countDelivered]}
	copy(t.Latency[:], c[countLatency:])
	return t
}

// AccountTraffic is the messages of one account.
type AccountTraffic struct {
	Account sms.AccountID
	sms.Traffic
}

// Busiest are the accounts with the most messages accepted in the hours from one moment up to another, the busiest first, at
// most so many. It reads the counts of all accounts: tens of milliseconds where a day has ten thousand.
func (s *Store) Busiest(ctx context.Context, from, to time.Time, limit int) (accounts []AccountTraffic, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT account_id, `+sumColumns+` FROM traffic WHERE hour >= ? AND hour < ? AND account_id > 0
			GROUP BY account_id HAVING SUM(accepted) + SUM(refused) > 0 ORDER BY SUM(accepted) DESC, account_id LIMIT ?`,
			from.UnixMilli(), to.UnixMilli(), limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a AccountTraffic
			if err := scanTraffic(rows, &a.Traffic, &a.Account); err != nil {
				return err
			}
			accounts = append(accounts, a)
		}
		return rows.Err()
	})
	return accounts, err
}

// trafficFrom is the first message that may be counted: what was accepted before the table was made is not.
func trafficFrom(tx *Tx) (from sms.ID, err error) {
	var text string
	if err := tx.QueryRow(`SELECT value FROM setting WHERE name = 'traffic_from'`).Scan(&text); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return sms.ID(n), err
}

// TrafficByDay adds up the messages of an account, or of AllAccounts, that were accepted between each moment and the next one of a
// list in order: one fewer than there are moments.
func (s *Store) TrafficByDay(ctx context.Context, account sms.AccountID, days []time.Time) (sums []sms.Traffic, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		for i := range len(days) - 1 {
			list := hoursBetween(days[i], days[i+1])
			if len(list) == 0 {
				sums = append(sums, sms.Traffic{})
				continue
			}
			sum, err := s.sumOf(tx, account, list)
			if err != nil {
				return err
			}
			sums = append(sums, sum)
		}
		return nil
	})
	return sums, err
}

func (s *Store) sumOf(tx *Tx, account sms.AccountID, list []string) (sum sms.Traffic, err error) {
	rows, err := tx.Query(`SELECT 1, `+sumColumns+` FROM traffic WHERE hour IN (`+strings.Join(list, ", ")+`) AND `+s.whose(account)+`
		HAVING COUNT(*) > 0`, int64(account))
	if err != nil {
		return sum, err
	}
	defer rows.Close()
	for rows.Next() {
		var one int64
		if err := scanTraffic(rows, &sum, &one); err != nil {
			return sum, err
		}
	}
	return sum, rows.Err()
}

// whose is the condition on the account: PostgreSQL has no rows for the sums over all.
func (s *Store) whose(account sms.AccountID) string {
	if account == AllAccounts && s.shared() {
		return `account_id > ?`
	}
	return `account_id = ?`
}
