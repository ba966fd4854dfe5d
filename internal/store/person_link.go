package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// SaveLink stores a one-time link; those of its kind that the person had, and those that are over, go.
func (s *Store) SaveLink(ctx context.Context, deed Deed, link sms.OneTimeLink) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if _, err := tx.Exec(`DELETE FROM one_time_link WHERE expires_at <= ?`, link.Created.UnixMilli()); err != nil {
			return err
		}
		if link.Person != 0 {
			if _, err := tx.Exec(`DELETE FROM one_time_link WHERE person_id = ? AND kind = ?`, int64(link.Person), string(link.Kind)); err != nil {
				return err
			}
		}
		if err := insertLink(tx, link); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

func insertLink(tx *Tx, link sms.OneTimeLink) error {
	var person any
	if link.Person != 0 {
		person = int64(link.Person)
	}
	_, err := tx.Exec(`INSERT INTO one_time_link (id, kind, person_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
		link.ID, string(link.Kind), person, link.Created.UnixMilli(), link.Expires.UnixMilli())
	return err
}

// Link reads a one-time link; sms.NotFound when there is none. Whether it is over is for the caller to say.
func (s *Store) Link(ctx context.Context, id string) (link sms.OneTimeLink, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		var created, expires int64
		var person sql.NullInt64
		err := tx.QueryRow(`SELECT id, kind, person_id, created_at, expires_at FROM one_time_link WHERE id = ?`, id).
			Scan(&link.ID, (*string)(&link.Kind), &person, &created, &expires)
		if errors.Is(err, sql.ErrNoRows) {
			return sms.Errorf(sms.NotFound, "there is no such link")
		}
		link.Person, link.Created, link.Expires = sms.PersonID(person.Int64), time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
		return err
	})
	return link, err
}

// useLink uses up a link of a person, and with it the others that they have.
func useLink(tx *Tx, id string, person sms.PersonID, at time.Time) error {
	n, err := tx.Exec(`DELETE FROM one_time_link WHERE id = ? AND person_id = ? AND expires_at > ?`, id, int64(person), at.UnixMilli())
	if err != nil {
		return err
	}
	if n == 0 {
		return sms.Errorf(sms.NotFound, "there is no such link")
	}
	_, err = tx.Exec(`DELETE FROM one_time_link WHERE person_id = ?`, int64(person))
	return err
}

// useSetUp uses up the link of the set-up; it holds while there is nobody.
func useSetUp(tx *Tx, id string) error {
	var anybody bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM person)`).Scan(&anybody); err != nil {
		return err
	}
	n, err := tx.Exec(`DELETE FROM one_time_link WHERE id = ? AND kind = ?`, id, string(sms.LinkSetUp))
	if err == nil && (n == 0 || anybody) {
		return sms.Errorf(sms.NotFound, "the set-up is over")
	}
	return err
}
