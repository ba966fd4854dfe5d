package store

import (
	"context"
	"errors"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// retain removes messages from handsets when their account's time for keeping them is over, and blanks text and writer of
// those whose account wants that earlier. The time counts from when they came. An account with nothing to do costs a look
// into the index, no transaction.
func (c *InboundCare) retain(ctx context.Context) error {
	oldest, accounts, err := c.oldestOfAccounts(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	for i := range accounts {
		a := &accounts[i]
		first, has := oldest[a.ID]
		if !has {
			continue
		}
		if limit := now.Add(-a.Settings.Retention); first < sms.MakeID(limit, 0, 0) {
			if err := c.store.steps(ctx, removesBefore(a.ID, limit)); err != nil {
				return err
			}
		}
		if a.Settings.RedactAfter == 0 {
			continue
		}
		if err := c.redact(ctx, a.ID, sms.MakeID(now.Add(-a.Settings.RedactAfter), 0, 0)); err != nil {
			return err
		}
	}
	return nil
}

const oldestInboundSQL = `WITH RECURSIVE lane (account) AS (SELECT MIN(account_id) FROM inbound_message WHERE account_id > 0
	UNION ALL SELECT (SELECT MIN(account_id) FROM inbound_message WHERE account_id > lane.account) FROM lane WHERE account IS NOT NULL)
	SELECT account, (SELECT MIN(id) FROM inbound_message WHERE account_id = account) FROM lane WHERE account IS NOT NULL`

// oldestOfAccounts jumps from account to account in the index, however many messages there are.
func (c *InboundCare) oldestOfAccounts(ctx context.Context) (oldest map[sms.AccountID]sms.ID, accounts []sms.Account, err error) {
	oldest = map[sms.AccountID]sms.ID{}
	err = c.store.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(oldestInboundSQL)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var account, id int64
			if err := rows.Scan(&account, &id); err != nil {
				return err
			}
			oldest[sms.AccountID(account)] = sms.ID(id)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(oldest) == 0 {
			return err
		}
		accounts, err = queryAccounts(tx, ``)
		return err
	})
	return oldest, accounts, err
}

func removesBefore(account sms.AccountID, moment time.Time) func(*Store, *Tx) (int, error) {
	return func(_ *Store, tx *Tx) (int, error) {
		old, err := queryInbound(tx, `account_id = ? AND id < ? ORDER BY id LIMIT ?`, int64(account), int64(sms.MakeID(moment, 0, 0)), inboundStep)
		for i := range old {
			if err := removeInbound(tx, old[i].ID); err != nil {
				return 0, err
			}
		}
		return len(old), err
	}
}

// redact blanks the messages of an account before one id. It goes on where it was; one that is still to be told is left,
// for it would be told empty, and looked at again the next time.
func (c *InboundCare) redact(ctx context.Context, account sms.AccountID, before sms.ID) error {
	step := &redactInbound{account: account, after: c.redacted[account], before: before}
	var due bool
	err := c.store.View(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM inbound_message WHERE account_id = ? AND id > ? AND id < ?)`,
			int64(account), int64(step.after), int64(before)).Scan(&due)
	})
	if err != nil || !due {
		return err
	}
	for !step.end {
		if err := c.store.wait(ctx, step); err != nil {
			return err
		}
		if !step.waits {
			c.redacted[account] = step.after
		}
	}
	return nil
}

type redactInbound struct {
	answer
	account       sms.AccountID
	after, before sms.ID
	waits         bool // one of those that were met is still to be told
	end           bool
}

func (r *redactInbound) apply(tx *Tx) error {
	met, err := queryInbound(tx, `account_id = ? AND id > ? AND id < ? ORDER BY id LIMIT ?`, int64(r.account), int64(r.after), int64(r.before), inboundStep)
	if err != nil {
		return err
	}
	last := r.after
	for i := range met {
		id := int64(met[i].ID)
		last = met[i].ID
		n, err := tx.Exec(`UPDATE inbound_message SET text = '', source = '', redacted = 1 WHERE id = ? AND (redacted = 1 OR NOT EXISTS
			(SELECT 1 FROM event e WHERE e.id = inbound_message.event_id AND e.due_at IS NOT NULL))`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			r.waits = true
			continue
		}
		if _, err := tx.Exec(`DELETE FROM inbound WHERE message_id = ?`, id); err != nil {
			return err
		}
	}
	tx.after(func() { r.after, r.end = last, len(met) < inboundStep })
	return nil
}
