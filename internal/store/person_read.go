package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Person reads a person; sms.NotFound when there is none.
func (s *Store) Person(ctx context.Context, id sms.PersonID) (sms.Person, error) {
	return s.readPerson(ctx, `WHERE id = ?`, int64(id))
}

// PersonAt reads the person with an address, in lower case; sms.NotFound when there is none.
func (s *Store) PersonAt(ctx context.Context, email string) (sms.Person, error) {
	return s.readPerson(ctx, `WHERE email = ?`, email)
}

// PersonIdentified reads who has an identity; sms.NotFound when nobody has.
func (s *Store) PersonIdentified(ctx context.Context, who sms.Identity) (sms.Person, error) {
	return s.readPerson(ctx, `WHERE id = (SELECT person_id FROM person_identity WHERE issuer = ? AND subject = ?)`, who.Issuer, who.Subject)
}

func (s *Store) readPerson(ctx context.Context, where string, args ...any) (p sms.Person, err error) {
	err = s.View(ctx, func(tx *Tx) (err error) {
		p, err = s.personWhere(tx, where, args...)
		return err
	})
	return p, err
}

// People reads the people of an account, in order of address; operators with account zero.
func (s *Store) People(ctx context.Context, account sms.AccountID) ([]sms.Person, error) {
	return s.readPeople(ctx, `WHERE COALESCE(account_id, 0) = ? ORDER BY email`, int64(account))
}

// EveryPerson reads all people: operators first, then account by account, in order of address.
func (s *Store) EveryPerson(ctx context.Context) ([]sms.Person, error) {
	return s.readPeople(ctx, `ORDER BY COALESCE(account_id, 0), email`)
}

func (s *Store) readPeople(ctx context.Context, where string, args ...any) (people []sms.Person, err error) {
	err = s.View(ctx, func(tx *Tx) (err error) {
		people, err = s.queryPeople(tx, where, args...)
		return err
	})
	return people, err
}

// AnyPerson reports whether there is anybody.
func (s *Store) AnyPerson(ctx context.Context) (any bool, err error) {
	err = s.View(ctx, func(tx *Tx) error { return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM person)`).Scan(&any) })
	return any, err
}

func (s *Store) personWhere(tx *Tx, where string, args ...any) (sms.Person, error) {
	people, err := s.queryPeople(tx, where, args...)
	if err != nil {
		return sms.Person{}, err
	}
	if len(people) == 0 {
		return sms.Person{}, sms.Errorf(sms.NotFound, "there is no such person")
	}
	return people[0], nil
}

func (s *Store) queryPeople(tx *Tx, where string, args ...any) ([]sms.Person, error) {
	rows, err := tx.Query(`SELECT id, email, name, COALESCE(account_id, 0), role, language, hash, totp_secret, totp_on, totp_step, disabled,
		created_at, login_at, (SELECT MAX(expires_at) FROM one_time_link WHERE person_id = person.id AND kind = 'invite')
		FROM person `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var people []sms.Person
	for rows.Next() {
		p, err := s.scanPerson(rows)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, rows.Err()
}

func (s *Store) scanPerson(rows *sql.Rows) (p sms.Person, err error) {
	var role string
	var secret []byte
	var on, disabled, created int64
	var login, invited sql.NullInt64
	if err := rows.Scan((*int64)(&p.ID), &p.Email, &p.Name, (*int64)(&p.Account), &role, &p.Language, &p.Hash, &secret, &on,
		&p.TOTP.Step, &disabled, &created, &login, &invited); err != nil {
		return p, err
	}
	p.Role, _ = sms.ParseRole(role)
	p.TOTP.On, p.Disabled, p.Created = on != 0, disabled != 0, time.UnixMilli(created).UTC()
	p.LastLogin, p.Invited = moment(login), moment(invited)
	if secret != nil {
		if p.TOTP.Secret, err = s.unseal(totpLabel(p.ID), secret); err != nil {
			return p, fmt.Errorf("second factor of person %d: %w", p.ID, err)
		}
	}
	return p, nil
}
