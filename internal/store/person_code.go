package store

import (
	"context"
	"errors"

	"github.com/staffetta/staffetta/internal/sms"
)

// TakeCode uses up the code of a step of a person's second factor; false when one of this step or a later one was taken.
func (s *Store) TakeCode(ctx context.Context, person sms.PersonID, step int64) (bool, error) {
	return s.takeOne(ctx, `UPDATE person SET totp_step = ? WHERE id = ? AND totp_step < ?`, step, int64(person), step)
}

// TakeRecoveryCode uses up a recovery code, by its hash; false when there is no such code.
func (s *Store) TakeRecoveryCode(ctx context.Context, deed Deed, person sms.PersonID, hash string) (bool, error) {
	err := s.Change(ctx, deed.Actor, func(tx *Tx) error {
		return changeOne(tx, deed, `DELETE FROM recovery_code WHERE person_id = ? AND hash = ?`, int64(person), hash)
	})
	if sms.CodeOf(err) == sms.NotFound {
		return false, nil
	}
	return err == nil, err
}

// RecoveryCodes counts the recovery codes that a person has left.
func (s *Store) RecoveryCodes(ctx context.Context, person sms.PersonID) (n int, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM recovery_code WHERE person_id = ?`, int64(person)).Scan(&n)
	})
	return n, err
}

// takeOne runs a statement that touches one row, or none.
func (s *Store) takeOne(ctx context.Context, query string, args ...any) (bool, error) {
	m := &takeMember{query: query, args: args}
	err := s.wait(ctx, m)
	if errors.Is(err, errNotTaken) {
		return false, nil
	}
	return err == nil, err
}

// errNotTaken says that a statement touched nothing. It goes by the error, which is given back safely to who may have given up.
var errNotTaken = errors.New("nothing was taken")

type takeMember struct {
	answer
	query string
	args  []any
}

func (m *takeMember) alone() bool { return true }

func (m *takeMember) apply(tx *Tx) error {
	n, err := tx.Exec(m.query, append([]any(nil), m.args...)...)
	if err == nil && n == 0 {
		return errNotTaken
	}
	return err
}

func replaceCodes(tx *Tx, person sms.PersonID, codes []string) error {
	if _, err := tx.Exec(`DELETE FROM recovery_code WHERE person_id = ?`, int64(person)); err != nil {
		return err
	}
	for _, code := range codes {
		if _, err := tx.Exec(`INSERT INTO recovery_code (person_id, hash) VALUES (?, ?)`, int64(person), code); err != nil {
			return err
		}
	}
	return nil
}
