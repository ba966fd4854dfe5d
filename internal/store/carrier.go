package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/staffetta/staffetta/internal/sms"
)

// SaveCarrier stores a carrier under its name: a new one, or the one of that name with another address. It sets the
// id; an error leaves carrier as it was. A default carrier takes the place of the one before; one that is the default
// stays it.
func (s *Store) SaveCarrier(ctx context.Context, deed Deed, carrier *sms.Carrier) error {
	saved := *carrier // the commit loop may still write it when the caller has given up
	err := s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if err := carrierID(tx, &saved); err != nil {
			return err
		}
		if saved.Default {
			if _, err := tx.Exec(`UPDATE carrier SET is_default = 0, version = ? WHERE is_default = 1 AND id <> ?`,
				tx.Revision(), saved.ID); err != nil {
				return err
			}
		}
		sealed, err := s.seal(carrierLabel(saved.ID), []byte(saved.Secret))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO carrier (id, name, kind, address, secret, is_default, removed, version)
			VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, address = excluded.address,
			secret = excluded.secret, version = excluded.version,
			is_default = CASE WHEN carrier.is_default = 1 THEN 1 ELSE excluded.is_default END`,
			saved.ID, saved.Name, saved.Kind, saved.Address, sealed, saved.Default, tx.Revision()); err != nil {
			return err
		}
		return deed.note(tx)
	})
	if err == nil {
		*carrier = saved
	}
	return err
}

// carrierID finds the id of the carrier of that name, or the next free one. Ids are never used again: stored
// messages name them.
func carrierID(tx *Tx, carrier *sms.Carrier) error {
	err := tx.QueryRow(`SELECT id FROM carrier WHERE name = ? AND removed = 0`, carrier.Name).Scan(&carrier.ID)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow(`SELECT COALESCE(MAX(id), 0) + 1 FROM carrier`).Scan(&carrier.ID)
	}
	return err
}

// RemoveCarrier takes a carrier out of use; sms.NotFound when there is none of that name. The row stays, without its
// password: messages that went through it name it.
func (s *Store) RemoveCarrier(ctx context.Context, deed Deed, name string) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		n, err := tx.Exec(`UPDATE carrier SET removed = 1, is_default = 0, secret = ?, version = ? WHERE name = ? AND removed = 0`,
			[]byte{}, tx.Revision(), name)
		if err != nil {
			return err
		}
		if n == 0 {
			return sms.Errorf(sms.NotFound, "there is no carrier named %s", name)
		}
		return deed.note(tx)
	})
}

// Carriers reads the carriers that are in use, in order of name.
func (s *Store) Carriers(ctx context.Context) (carriers []sms.Carrier, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return s.eachCarrier(tx, `WHERE removed = 0 ORDER BY name`, nil, func(c sms.Carrier, _ bool) {
			carriers = append(carriers, c)
		})
	})
	return carriers, err
}

func (s *Store) eachCarrier(tx *Tx, where string, args []any, each func(c sms.Carrier, removed bool)) error {
	rows, err := tx.Query(`SELECT id, name, kind, address, secret, is_default, removed FROM carrier `+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c sms.Carrier
		var sealed []byte
		var removed bool
		if err := rows.Scan(&c.ID, &c.Name, &c.Kind, &c.Address, &sealed, &c.Default, &removed); err != nil {
			return err
		}
		if !removed {
			secret, err := s.unseal(carrierLabel(c.ID), sealed)
			if err != nil {
				return fmt.Errorf("password of carrier %s: %w", c.Name, err)
			}
			c.Secret = string(secret)
		}
		each(c, removed)
	}
	return rows.Err()
}

func carrierLabel(id sms.CarrierID) string { return fmt.Sprintf("carrier %d", id) }
