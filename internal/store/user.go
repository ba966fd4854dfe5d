package store

import (
	"context"
	"database/sql"

	"github.com/staffetta/staffetta/internal/sms"
)

func insertUser(tx *Tx, u *sms.User) error {
	u.Changed = tx.Now()
	inserted, err := tx.Exec(`INSERT INTO login (name, account_id, hash, smpp_hash, changed_at, version)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`,
		u.Name, u.Account, u.Hash, u.SMPPHash, u.Changed.UnixMilli(), tx.Revision())
	if err == nil && inserted == 0 {
		return &sms.Error{Code: sms.Conflict, Message: "the username " + u.Name + " is taken",
			Fields: []sms.FieldError{{Field: "username", Message: "is taken"}}}
	}
	return err
}

// ChangeUser reads a user, lets change alter its hashes and stores it, in one transaction; sms.NotFound when there
// is no such user.
func (s *Store) ChangeUser(ctx context.Context, deed Deed, name string, change func(*sms.User)) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		users, err := queryUsers(tx, `WHERE name = ?`, name)
		if err != nil {
			return err
		}
		if len(users) == 0 {
			return sms.Errorf(sms.NotFound, "there is no user %s", name)
		}
		u := users[0]
		change(&u)
		if _, err := tx.Exec(`UPDATE login SET hash = ?, smpp_hash = ?, changed_at = ?, version = ? WHERE name = ?`,
			u.Hash, u.SMPPHash, tx.Now().UnixMilli(), tx.Revision(), name); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

// Users reads the users of an account, in order of name.
func (s *Store) Users(ctx context.Context, account sms.AccountID) (users []sms.User, err error) {
	err = s.View(ctx, func(tx *Tx) (err error) {
		users, err = queryUsers(tx, `WHERE account_id = ? ORDER BY name`, account)
		return err
	})
	return users, err
}

func queryUsers(tx *Tx, where string, args ...any) ([]sms.User, error) {
	rows, err := tx.Query(`SELECT name, account_id, hash, smpp_hash, changed_at FROM login `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var users []sms.User
	for rows.Next() {
		var u sms.User
		var changed sql.NullInt64
		if err := rows.Scan(&u.Name, &u.Account, &u.Hash, &u.SMPPHash, &changed); err != nil {
			return nil, err
		}
		u.Changed = moment(changed)
		users = append(users, u)
	}
	return users, rows.Err()
}
