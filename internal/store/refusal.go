package store

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// KeptRefusals is how many refusals are kept of an account.
const KeptRefusals = 50

// refusalLock is the advisory lock under which nodes write refusals, one after another.
const refusalLock = 0x73746166_72656675

// refusalLife is how long a refusal is kept after the last time: an address is of a person.
const refusalLife = 90 * 24 * time.Hour

// SaveAccessRefusals adds to what is stored, in one transaction, and keeps of each account the last 50 that differ in
// address, credential or reason.
func (s *Store) SaveAccessRefusals(ctx context.Context, refusals []sms.AccessRefusal) error {
	refusals = slices.Clone(refusals)
	slices.SortStableFunc(refusals, func(a, b sms.AccessRefusal) int { return cmp.Compare(a.Account, b.Account) })
	return s.wait(ctx, &refusalMember{refusals: refusals})
}

type refusalMember struct {
	answer
	refusals []sms.AccessRefusal
}

// alone: nodes take turns by a lock, and who waits for it must hold nothing else.
func (m *refusalMember) alone() bool { return true }

func (m *refusalMember) apply(tx *Tx) error {
	if err := tx.exclude(refusalLock); err != nil {
		return err
	}
	for i, r := range m.refusals {
		if _, err := tx.Exec(`INSERT INTO access_refusal (account_id, address, credential, reason, times, first_at, last_at)
			VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, address, credential, reason) DO UPDATE SET
			times = access_refusal.times + excluded.times,
			last_at = CASE WHEN excluded.last_at > access_refusal.last_at THEN excluded.last_at ELSE access_refusal.last_at END`,
			int64(r.Account), r.Address.String(), r.Credential, string(r.Reason), r.Times, r.First.UnixMilli(), r.Last.UnixMilli()); err != nil {
			return err
		}
		if i == len(m.refusals)-1 || m.refusals[i+1].Account != r.Account {
			if err := forgetRefusals(tx, r.Account); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetRefusals removes of an account what is beyond the last ones.
func forgetRefusals(tx *Tx, account sms.AccountID) error {
	_, err := tx.Exec(`DELETE FROM access_refusal WHERE account_id = ? AND (address, credential, reason) IN
		(SELECT address, credential, reason FROM access_refusal WHERE account_id = ?
		ORDER BY last_at DESC, address, credential, reason LIMIT 100000 OFFSET ?)`, int64(account), int64(account), KeptRefusals)
	return err
}

// tidyRefusals removes what is too old, one step of it.
func tidyRefusals(tx *Tx) (removed int64, err error) {
	return tx.Exec(`DELETE FROM access_refusal WHERE (account_id, address, credential, reason) IN
		(SELECT account_id, address, credential, reason FROM access_refusal WHERE last_at < ? LIMIT ?)`,
		tx.now.Add(-refusalLife).UnixMilli(), tidyStep)
}

// AccessRefusals reads those of an account, the last one first.
func (s *Store) AccessRefusals(ctx context.Context, account sms.AccountID) (refusals []sms.AccessRefusal, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT address, credential, reason, times, first_at, last_at FROM access_refusal WHERE account_id = ?
			ORDER BY last_at DESC, address, credential, reason LIMIT ?`, int64(account), KeptRefusals)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			r := sms.AccessRefusal{Account: account}
			var address string
			var first, last int64
			if err := rows.Scan(&address, &r.Credential, (*string)(&r.Reason), &r.Times, &first, &last); err != nil {
				return err
			}
			if r.Address, err = netip.ParseAddr(address); err != nil {
				return err
			}
			r.First, r.Last = time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
			refusals = append(refusals, r)
		}
		return rows.Err()
	})
	return refusals, err
}
