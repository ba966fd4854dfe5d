package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// SaveWebhook stores the webhook of an account: change alters the one that is there, nil when there is none, and answers
// what shall be; nil removes it. An error of change leaves everything as it was. A deed without a target is of the account.
func (s *Store) SaveWebhook(ctx context.Context, deed Deed, account sms.AccountID, change func(*sms.Webhook) (*sms.Webhook, error)) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		before, err := s.webhook(tx, account)
		if err != nil {
			return err
		}
		deed, err := deed.of(tx, account)
		if err != nil {
			return err
		}
		after, err := change(before)
		if err != nil {
			return err
		}
		if after == nil {
			_, err = tx.Exec(`UPDATE webhook SET removed = 1, secret = ?, old_secret = NULL, old_until = NULL, version = ?
				WHERE account_id = ?`, []byte{}, tx.Revision(), account)
		} else {
			after.Account = account
			err = s.writeWebhook(tx, after)
		}
		if err != nil {
			return err
		}
		wished := wantedBy(after, tx.Revision())
		tx.after(func() { s.wanted.learn(map[sms.AccountID]wishes{account: wished}) })
		return deed.note(tx)
	})
}

func (s *Store) writeWebhook(tx *Tx, h *sms.Webhook) error {
	secret, err := s.seal(webhookLabel(h.Account), h.Secret)
	if err != nil {
		return err
	}
	var old any
	if h.OldSecret != nil {
		if old, err = s.seal(webhookLabel(h.Account), h.OldSecret); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`INSERT INTO webhook (account_id, id, url, secret, old_secret, old_until, interim, created_at,
		failing_since, disabled_at, removed, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (account_id) DO UPDATE SET
		id = excluded.id, url = excluded.url, secret = excluded.secret, old_secret = excluded.old_secret, old_until = excluded.old_until,
		interim = excluded.interim, created_at = excluded.created_at, failing_since = excluded.failing_since,
		disabled_at = excluded.disabled_at, removed = 0, version = excluded.version`,
		h.Account, h.ID, h.URL, secret, old, milliseconds(h.OldUntil), h.Interim, h.Created.UnixMilli(),
		milliseconds(h.FailingSince), milliseconds(h.DisabledAt), tx.Revision())
	return err
}

func webhookLabel(account sms.AccountID) string { return fmt.Sprintf("webhook %d", account) }

// Webhook reads the webhook of an account; nil when it has none.
func (s *Store) Webhook(ctx context.Context, account sms.AccountID) (h *sms.Webhook, err error) {
	err = s.View(ctx, func(tx *Tx) (err error) {
		h, err = s.webhook(tx, account)
		return err
	})
	return h, err
}

func (s *Store) webhook(tx *Tx, account sms.AccountID) (*sms.Webhook, error) {
	h := &sms.Webhook{Account: account}
	var secret, oldSecret []byte
	var interim, created int64
	var oldUntil, failing, disabled sql.NullInt64
	err := tx.QueryRow(`SELECT id, url, secret, old_secret, old_until, interim, created_at, failing_since, disabled_at
		FROM webhook WHERE account_id = ? AND removed = 0`, account).
		Scan(&h.ID, &h.URL, &secret, &oldSecret, &oldUntil, &interim, &created, &failing, &disabled)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h.Interim, h.Created, h.OldUntil = interim != 0, time.UnixMilli(created).UTC(), moment(oldUntil)
	h.FailingSince, h.DisabledAt = moment(failing), moment(disabled)
	if h.Secret, err = s.unseal(webhookLabel(account), secret); err == nil && oldSecret != nil {
		h.OldSecret, err = s.unseal(webhookLabel(account), oldSecret)
	}
	if err != nil {
		return nil, fmt.Errorf("secret of the webhook of account %d: %w", account, err)
	}
	return h, nil
}

// SetWebhookFailing notes since when nothing comes through to an account's webhook; the zero time: the last event did. An
// earlier moment that is noted already stays.
func (s *Store) SetWebhookFailing(ctx context.Context, account sms.AccountID, since time.Time) error {
	return s.wait(ctx, &failingMember{account: account, since: since})
}

type failingMember struct {
	answer
	account sms.AccountID
	since   time.Time
}

func (f *failingMember) apply(tx *Tx) error {
	query, args := `UPDATE webhook SET failing_since = COALESCE(failing_since, ?) WHERE account_id = ?`, []any{milliseconds(f.since), f.account}
	if f.since.IsZero() {
		query, args = `UPDATE webhook SET failing_since = NULL WHERE account_id = ?`, args[1:]
	}
	_, err := tx.Exec(query, args...)
	return err
}

// TroubledWebhooks reads the webhooks, of one account or of all (zero), that fail or were switched off; without their secrets.
func (s *Store) TroubledWebhooks(ctx context.Context, account sms.AccountID) (hooks []sms.Webhook, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT account_id, id, url, failing_since, disabled_at FROM webhook
			WHERE removed = 0 AND (failing_since IS NOT NULL OR disabled_at IS NOT NULL) AND (account_id = ? OR ? = 0)
			ORDER BY COALESCE(failing_since, disabled_at) LIMIT 100`, int64(account), int64(account))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h sms.Webhook
			var failing, disabled sql.NullInt64
			if err := rows.Scan(&h.Account, &h.ID, &h.URL, &failing, &disabled); err != nil {
				return err
			}
			h.FailingSince, h.DisabledAt = moment(failing), moment(disabled)
			hooks = append(hooks, h)
		}
		return rows.Err()
	})
	return hooks, err
}
