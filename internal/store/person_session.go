package store

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// StartSession stores a session and that its person has signed in; sessions that are over go. A person who is not there, or
// disabled, gets none (sms.NotFound).
func (s *Store) StartSession(ctx context.Context, deed Deed, session sms.ConsoleSession) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if _, err := tx.Exec(`DELETE FROM console_session WHERE expires_at <= ?`, session.Created.UnixMilli()); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE person SET login_at = ? WHERE id = ? AND disabled = 0`, session.Created.UnixMilli(), int64(session.Person))
		if err != nil {
			return err
		}
		if n == 0 {
			return sms.Errorf(sms.NotFound, "there is no such person")
		}
		if _, err := tx.Exec(`INSERT INTO console_session (id, person_id, acting_id, created_at, seen_at, expires_at, address, agent)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, session.ID, int64(session.Person), int64(session.Acting), session.Created.UnixMilli(),
			session.Seen.UnixMilli(), session.Expires.UnixMilli(), session.Address, session.Agent); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

// Session reads a session and its person; sms.NotFound when it is not there. Whether it is over is for the caller to say.
func (s *Store) Session(ctx context.Context, id string) (session sms.ConsoleSession, p sms.Person, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		sessions, err := querySessions(tx, `WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if len(sessions) == 0 {
			return sms.Errorf(sms.NotFound, "there is no such session")
		}
		session = sessions[0]
		p, err = s.personWhere(tx, `WHERE id = ?`, int64(session.Person))
		return err
	})
	return session, p, err
}

// Sessions reads the sessions of a person that are not over at a moment, the one used last first.
func (s *Store) Sessions(ctx context.Context, person sms.PersonID, at time.Time) (sessions []sms.ConsoleSession, err error) {
	err = s.View(ctx, func(tx *Tx) (err error) {
		sessions, err = querySessions(tx, `WHERE person_id = ? AND expires_at > ? ORDER BY seen_at DESC, id`, int64(person), at.UnixMilli())
		return err
	})
	return sessions, err
}

func querySessions(tx *Tx, where string, args ...any) ([]sms.ConsoleSession, error) {
	rows, err := tx.Query(`SELECT id, person_id, acting_id, created_at, seen_at, expires_at, address, agent FROM console_session `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var sessions []sms.ConsoleSession
	for rows.Next() {
		var c sms.ConsoleSession
		var created, seen, expires int64
		if err := rows.Scan(&c.ID, (*int64)(&c.Person), (*int64)(&c.Acting), &created, &seen, &expires, &c.Address, &c.Agent); err != nil {
			return nil, err
		}
		c.Created, c.Seen, c.Expires = time.UnixMilli(created).UTC(), time.UnixMilli(seen).UTC(), time.UnixMilli(expires).UTC()
		sessions = append(sessions, c)
	}
	return sessions, rows.Err()
}

// TouchSession notes that a session was used, and until when it lasts therefore. It is no deed: nobody's revision changes.
func (s *Store) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	return s.wait(ctx, &touchMember{id: id, seen: seen, expires: expires})
}

type touchMember struct {
	answer
	id            string
	seen, expires time.Time
}

func (m *touchMember) apply(tx *Tx) error {
	_, err := tx.Exec(`UPDATE console_session SET seen_at = ?, expires_at = ? WHERE id = ? AND seen_at < ?`,
		m.seen.UnixMilli(), m.expires.UnixMilli(), m.id, m.seen.UnixMilli())
	return err
}

// EndSession ends a session of a person; sms.NotFound when it is not theirs.
func (s *Store) EndSession(ctx context.Context, deed Deed, person sms.PersonID, id string) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		return changeOne(tx, deed, `DELETE FROM console_session WHERE person_id = ? AND id = ?`, int64(person), id)
	})
}

// ActAs notes as which account the person of a session acts; zero: as none.
func (s *Store) ActAs(ctx context.Context, deed Deed, id string, account sms.AccountID) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		return changeOne(tx, deed, `UPDATE console_session SET acting_id = ? WHERE id = ?`, int64(account), id)
	})
}
