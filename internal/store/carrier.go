package store

import (
	"context"
	"fmt"

	"github.com/staffetta/staffetta/internal/sms"
)

// SaveCarrier stores a carrier under its name: a new one, or the one of that name with another address. It sets the
// id and the state, which only ChangeCarrier alters; an error leaves carrier as it was. A default carrier takes the place
// of the one before; one that is the default stays it.
func (s *Store) SaveCarrier(ctx context.Context, deed Deed, carrier *sms.Carrier) error {
	saved := *carrier // the commit loop may still write it when the caller has given up
	err := s.Change(ctx, deed.Actor, func(tx *Tx) error {
		before, known, err := s.carrierNamed(tx, saved.Name)
		if err != nil {
			return err
		}
		saved.ID, saved.State = before.ID, before.State
		if !known {
			if err := tx.QueryRow(`SELECT COALESCE(MAX(id), 0) + 1 FROM carrier`).Scan(&saved.ID); err != nil {
				return err
			}
		}
		stored := saved
		stored.Default = saved.Default || before.Default
		if err := s.writeCarrier(tx, &stored); err != nil {
			return err
		}
		return deed.note(tx)
	})
	if err == nil {
		*carrier = saved
	}
	return err
}

// carrierNamed finds the carrier in use that has a name.
func (s *Store) carrierNamed(tx *Tx, name string) (found sms.Carrier, known bool, err error) {
	err = s.eachCarrier(tx, `WHERE name = ? AND removed = 0`, []any{name}, func(c sms.Carrier, _ bool) { found, known = c, true })
	return found, known, err
}

// writeCarrier stores a carrier under its id. Ids are never used again: stored messages name them.
func (s *Store) writeCarrier(tx *Tx, c *sms.Carrier) error {
	if c.Default {
		if _, err := tx.Exec(`UPDATE carrier SET is_default = 0, version = ? WHERE is_default = 1 AND id <> ?`, tx.Revision(), c.ID); err != nil {
			return err
		}
	}
	sealed, err := s.seal(carrierLabel(c.ID), []byte(c.Secret))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO carrier (id, name, kind, address, secret, is_default, state, removed, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, address = excluded.address,
		secret = excluded.secret, is_default = excluded.is_default, state = excluded.state, version = excluded.version`,
		c.ID, c.Name, c.Kind, c.Address, sealed, c.Default, int64(c.State), tx.Revision())
	return err
}

// ChangeCarrier reads a carrier with its password, lets change alter it and stores it, in one transaction. Its id and
// name stay. The error of an unknown name is sms.NotFound; an error of change leaves everything as it was.
func (s *Store) ChangeCarrier(ctx context.Context, deed Deed, name string, change func(*sms.Carrier) error) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		c, known, err := s.carrierNamed(tx, name)
		if err != nil {
			return err
		}
		if !known {
			return noCarrier(name)
		}
		id := c.ID
		if err := change(&c); err != nil {
			return err
		}
		c.ID, c.Name = id, name
		if err := s.writeCarrier(tx, &c); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

func noCarrier(name string) error {
	return sms.Errorf(sms.NotFound, "there is no carrier named %s", name)
}

// RemoveCarrier takes a carrier out of use, and its routes with it; sms.NotFound when there is none of that name. It
// answers the routes, of which the audit log has a line each. The row stays, without its password: messages that went
// through it name it.
func (s *Store) RemoveCarrier(ctx context.Context, deed Deed, name string) (routes []sms.RouteID, err error) {
	var gone []sms.RouteID // the commit loop may still write it when the caller has given up
	err = s.Change(ctx, deed.Actor, func(tx *Tx) error {
		c, known, err := s.carrierNamed(tx, name)
		if err != nil {
			return err
		}
		if !known {
			return noCarrier(name)
		}
		if _, err := tx.Exec(`UPDATE carrier SET removed = 1, is_default = 0, secret = ?, version = ? WHERE id = ?`,
			[]byte{}, tx.Revision(), c.ID); err != nil {
			return err
		}
		if gone, err = removeRoutesTo(tx, c.ID, name); err != nil {
			return err
		}
		return deed.note(tx)
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
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
	rows, err := tx.Query(`SELECT id, name, kind, address, secret, is_default, state, removed FROM carrier `+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c sms.Carrier
		var sealed []byte
		var removed bool
		if err := rows.Scan(&c.ID, &c.Name, &c.Kind, &c.Address, &sealed, &c.Default, &c.State, &removed); err != nil {
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
