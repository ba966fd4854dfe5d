package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/staffetta/staffetta/internal/sms"
)

// CreateKey stores a new key of an account and sets its date of creation; an error leaves key as it was.
func (s *Store) CreateKey(ctx context.Context, deed Deed, key *sms.Key) error {
	made := *key // the commit loop may still write it when the caller has given up
	err := s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if err := insertKey(tx, &made); err != nil {
			return err
		}
		return deed.note(tx)
	})
	if err == nil {
		*key = made
	}
	return err
}

func insertKey(tx *Tx, k *sms.Key) error {
	k.Created = tx.Now()
	_, err := tx.Exec(`INSERT INTO api_key (id, account_id, name, description, operations, hash, old_hash, old_until,
		allow_enabled, allow_list, created_at, expires_at, revoked_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Account, k.Name, k.Description, encodeOperations(k.Operations), k.Hash, k.OldHash, milliseconds(k.OldUntil),
		k.AllowList.Enabled, encodeAllowList(k.AllowList), k.Created.UnixMilli(), milliseconds(k.Expires),
		milliseconds(k.Revoked), tx.Revision())
	return err
}

// ChangeKey reads a key of an account, lets change alter it and stores it, in one transaction. Its id, account and
// date of creation stay. The error of a key that the account does not have is sms.NotFound; an error of change
// leaves everything as it was.
func (s *Store) ChangeKey(ctx context.Context, deed Deed, key sms.Key, change func(*sms.Key) error) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		keys, err := queryKeys(tx, `WHERE account_id = ? AND id = ?`, key.Account, key.ID)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			return sms.Errorf(sms.NotFound, "the account has no key %s", key.ID)
		}
		k := keys[0]
		if err := change(&k); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE api_key SET name = ?, description = ?, operations = ?, hash = ?, old_hash = ?, old_until = ?,
			allow_enabled = ?, allow_list = ?, expires_at = ?, revoked_at = ?, version = ? WHERE id = ?`,
			k.Name, k.Description, encodeOperations(k.Operations), k.Hash, k.OldHash, milliseconds(k.OldUntil),
			k.AllowList.Enabled, encodeAllowList(k.AllowList), milliseconds(k.Expires), milliseconds(k.Revoked),
			tx.Revision(), k.ID); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

// Keys reads the keys of an account, the oldest first, the revoked ones too.
func (s *Store) Keys(ctx context.Context, account sms.AccountID) (keys []sms.Key, err error) {
	err = s.View(ctx, func(tx *Tx) (err error) {
		keys, err = queryKeys(tx, `WHERE account_id = ? ORDER BY created_at, id`, account)
		return err
	})
	return keys, err
}

func queryKeys(tx *Tx, where string, args ...any) ([]sms.Key, error) {
	rows, err := tx.Query(`SELECT id, account_id, name, description, operations, hash, old_hash, old_until, allow_enabled,
		allow_list, created_at, expires_at, revoked_at, (SELECT used_at FROM key_use WHERE key_id = api_key.id),
		(SELECT used_from FROM key_use WHERE key_id = api_key.id) FROM api_key `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []sms.Key
	for rows.Next() {
		k, err := scanKey(rows)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}

func scanKey(rows *sql.Rows) (k sms.Key, err error) {
	var operations, list string
	var oldUntil, created, expires, revoked, used sql.NullInt64
	var from sql.NullString
	err = rows.Scan(&k.ID, &k.Account, &k.Name, &k.Description, &operations, &k.Hash, &k.OldHash, &oldUntil,
		&k.AllowList.Enabled, &list, &created, &expires, &revoked, &used, &from)
	if err != nil {
		return k, err
	}
	k.OldUntil, k.Created, k.Expires, k.Revoked = moment(oldUntil), moment(created), moment(expires), moment(revoked)
	k.LastUsed, k.LastFrom = moment(used), from.String
	return k, errors.Join(decodeOperations(operations, &k.Operations), decodeAllowList(list, &k.AllowList))
}
