package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// NewPerson is a person to be stored, and what happens in the same transaction.
type NewPerson struct {
	Person sms.Person
	Link   *sms.OneTimeLink // by which they set their password; its Person is set; nil: none
	First  string           // the id of the link of the set-up, which is used up: there must be nobody yet; empty: no matter
}

// CreatePerson stores a person and answers it with its id and date. The error of an address that is taken is sms.Conflict
// and names the field; that of a set-up that is over is sms.NotFound.
func (s *Store) CreatePerson(ctx context.Context, deed Deed, n NewPerson) (sms.Person, error) {
	var made sms.Person
	err := s.Change(ctx, deed.Actor, func(tx *Tx) error {
		made = n.Person
		if n.First != "" {
			if err := useSetUp(tx, n.First); err != nil {
				return err
			}
		}
		if err := insertPerson(tx, &made); err != nil {
			return err
		}
		if n.Link != nil {
			link := *n.Link
			link.Person = made.ID
			if err := insertLink(tx, link); err != nil {
				return err
			}
		}
		return deed.note(tx)
	})
	if err != nil {
		return sms.Person{}, err
	}
	return made, nil
}

func insertPerson(tx *Tx, p *sms.Person) error {
	p.Created = tx.Now().UTC().Truncate(time.Millisecond)
	err := tx.QueryRow(`INSERT INTO person (email, name, account_id, role, language, hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (email) DO NOTHING RETURNING id`,
		p.Email, p.Name, accountOrNone(p.Account), p.Role.String(), p.Language, p.Hash, p.Created.UnixMilli()).Scan(&p.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return &sms.Error{Code: sms.Conflict, Message: "there is a person with the address " + p.Email + " already",
			Fields: []sms.FieldError{{Field: "email", Message: "is taken"}}}
	}
	return err
}

func accountOrNone(account sms.AccountID) any {
	if account == 0 {
		return nil
	}
	return int64(account)
}

// PersonChange is a change of one person; all of it happens in one transaction, or nothing.
type PersonChange struct {
	Person   sms.PersonID
	Change   func(*sms.Person) error // id, address, account and date of creation stay; nil: nothing else changes
	Codes    *[]string               // in place of the recovery codes so far, as hashes; nil: they stay
	Link     string                  // the id of the link that is used up: it must be theirs and not be over; empty: no matter
	At       time.Time               // the moment against which Link is held
	SignOut  bool                    // every session ends, but that named
	But      string
	Identity *sms.Identity // that the person has from now on; sms.Conflict when they have one of its issuer
}

// ChangePerson changes a person and answers what they are then. The error of somebody or a link that is not there is
// sms.NotFound; that of a change that leaves an account without an owner, or the platform without an operator,
// sms.Conflict; an error of Change leaves everything as it was.
func (s *Store) ChangePerson(ctx context.Context, deed Deed, c PersonChange) (sms.Person, error) {
	var after sms.Person
	err := s.Change(ctx, deed.Actor, func(tx *Tx) error {
		p, err := s.personWhere(tx, `WHERE id = ?`, int64(c.Person))
		if err != nil {
			return err
		}
		before := p
		if c.Link != "" {
			if err := useLink(tx, c.Link, c.Person, c.At); err != nil {
				return err
			}
		}
		if c.Change != nil {
			if err := c.Change(&p); err != nil {
				return err
			}
			if err := s.updatePerson(tx, before, p); err != nil {
				return err
			}
		}
		if err := c.rest(tx); err != nil {
			return err
		}
		after = p
		return deed.note(tx)
	})
	if err != nil {
		return sms.Person{}, err
	}
	return after, nil
}

// rest is what changes beside the person's own row.
func (c PersonChange) rest(tx *Tx) error {
	if c.Codes != nil {
		if err := replaceCodes(tx, c.Person, *c.Codes); err != nil {
			return err
		}
	}
	if c.SignOut {
		if _, err := tx.Exec(`DELETE FROM console_session WHERE person_id = ? AND id <> ?`, int64(c.Person), c.But); err != nil {
			return err
		}
	}
	if c.Identity != nil {
		return insertIdentity(tx, c.Person, *c.Identity)
	}
	return nil
}

// insertIdentity gives a person one identity of an issuer: an address that passed to somebody else there brings nobody in here.
func insertIdentity(tx *Tx, person sms.PersonID, who sms.Identity) error {
	n, err := tx.Exec(`INSERT INTO person_identity (issuer, subject, person_id) SELECT ?, ?, CAST(? AS BIGINT) WHERE NOT EXISTS
		(SELECT 1 FROM person_identity WHERE issuer = ? AND (person_id = ? OR subject = ?))`,
		who.Issuer, who.Subject, int64(person), who.Issuer, int64(person), who.Subject)
	if err == nil && n == 0 {
		return sms.Errorf(sms.Conflict, "the person has another identity there")
	}
	return err
}

func (s *Store) updatePerson(tx *Tx, before, p sms.Person) error {
	var secret any
	if p.TOTP.Secret != nil {
		sealed, err := s.seal(totpLabel(p.ID), p.TOTP.Secret)
		if err != nil {
			return err
		}
		secret = sealed
	}
	if _, err := tx.Exec(`UPDATE person SET name = ?, role = ?, language = ?, hash = ?, totp_secret = ?, totp_on = ?, totp_step = ?,
		disabled = ? WHERE id = ?`, p.Name, p.Role.String(), p.Language, p.Hash, secret, p.TOTP.On, p.TOTP.Step, p.Disabled, int64(p.ID)); err != nil {
		return err
	}
	if leads(before) && !leads(p) {
		return somebodyLeads(tx, before)
	}
	return nil
}

func totpLabel(id sms.PersonID) string { return fmt.Sprintf("totp %d", id) }

// leads reports whether a person is one of those of whom there must be one.
func leads(p sms.Person) bool {
	return !p.Disabled && (p.Role == sms.RoleOwner || p.Role == sms.RoleOperator)
}

// somebodyLeads holds that there is another like the one who went. Changes come one after another, on all nodes.
func somebodyLeads(tx *Tx, gone sms.Person) error {
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM person WHERE role = ? AND COALESCE(account_id, 0) = ? AND disabled = 0`,
		gone.Role.String(), int64(gone.Account)).Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	if gone.Operator() {
		return sms.Errorf(sms.Conflict, "the last operator stays: make another one first")
	}
	return sms.Errorf(sms.Conflict, "the last owner of an account stays: make another one first")
}

// RemovePerson forgets a person with their sessions, links, codes and identities. Errors are as those of ChangePerson.
func (s *Store) RemovePerson(ctx context.Context, deed Deed, id sms.PersonID) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		p, err := s.personWhere(tx, `WHERE id = ?`, int64(id))
		if err != nil {
			return err
		}
		for _, table := range []string{"console_session", "one_time_link", "recovery_code", "person_identity"} {
			if _, err := tx.Exec(`DELETE FROM `+table+` WHERE person_id = ?`, int64(id)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`DELETE FROM person WHERE id = ?`, int64(id)); err != nil {
			return err
		}
		if leads(p) {
			if err := somebodyLeads(tx, p); err != nil {
				return err
			}
		}
		return deed.note(tx)
	})
}
