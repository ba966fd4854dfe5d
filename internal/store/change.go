package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Change runs an administrative write: all of it or nothing, durable when nil is returned. The rows that it changes
// get tx.Revision() as their version, by which every node learns of them. change may be called more than once, and
// after ctx has ended even when Change has returned: what it writes may be read only when nil was returned.
func (s *Store) Change(ctx context.Context, actor string, change func(tx *Tx) error) error {
	return s.wait(ctx, &changeMember{actor: actor, change: change})
}

type changeMember struct {
	answer
	actor  string
	change func(tx *Tx) error
}

func (m *changeMember) alone() bool { return true }

func (m *changeMember) apply(tx *Tx) error {
	tx.actor = m.actor
	if err := tx.QueryRow(`UPDATE revision SET revision = revision + 1 RETURNING revision`).Scan(&tx.revision); err != nil {
		return err
	}
	return m.change(tx)
}

// View runs reads on one snapshot. It must be short: the log cannot shrink past the oldest snapshot.
func (s *Store) View(ctx context.Context, read func(tx *Tx) error) error {
	ctx, cancel := s.limitRead(ctx)
	defer cancel()
	tx, err := s.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return unread(err)
	}
	err = read(&Tx{ctx: ctx, dialect: s.dialect, read: tx})
	return unread(errors.Join(err, ignoreDone(tx.Rollback())))
}

// unread is what a reader hears of a database that answers nobody now: to come back.
func unread(err error) error {
	if err == nil || !storeWide(err) {
		return err
	}
	return &sms.Error{Code: sms.Unavailable, Message: "the server cannot read what is stored now", RetryAfter: 5 * time.Second, Cause: err}
}

// limitRead bounds a read of a database that may not answer at all.
func (s *Store) limitRead(ctx context.Context) (context.Context, context.CancelFunc) {
	if !s.shared() {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, readLimit)
}

// Ready reports whether the store takes writes now, by making one.
func (s *Store) Ready(ctx context.Context) error {
	return s.wait(ctx, &probe{})
}

type probe struct{ answer }

func (p *probe) apply(tx *Tx) error {
	_, err := tx.Exec(`INSERT INTO setting (name, value) VALUES ('probe', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
		tx.now.UTC().String())
	return err
}
