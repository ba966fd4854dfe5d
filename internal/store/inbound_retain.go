package store

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// retain removes messages from handsets when their account's time for keeping them is over, and blanks text and writer of
// those whose account wants that earlier. The time counts from when they came.
func (c *InboundCare) retain(ctx context.Context) error {
	var accounts []sms.Account
	err := c.store.View(ctx, func(tx *Tx) (err error) {
		accounts, err = queryAccounts(tx, ``)
		return err
	})
	if err != nil {
		return err
	}
	now := time.Now()
	for i := range accounts {
		a := &accounts[i]
		if err := c.store.steps(ctx, removesBefore(a.ID, now.Add(-a.Settings.Retention))); err != nil {
			return err
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
