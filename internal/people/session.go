package people

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// How long a session lasts without being used, and at most; and how often it is noted that it is used.
const (
	idleLife  = 12 * time.Hour
	wholeLife = 7 * 24 * time.Hour
	touchStep = time.Minute
	mostAgent = 200 // octets
)

// SessionOf answers whose token this is. The error is sms.Unauthenticated when it is nobody's any more: unknown, over, revoked, or
// its person may not sign in now.
func (s *Service) SessionOf(ctx context.Context, token string) (Session, error) {
	return s.sessionOf(ctx, token, true)
}

// Peek is SessionOf for who only looks whether the session stands: it does not count as a use, and makes it last no longer.
func (s *Service) Peek(ctx context.Context, token string) (Session, error) {
	return s.sessionOf(ctx, token, false)
}

func (s *Service) sessionOf(ctx context.Context, token string, use bool) (Session, error) {
	now, id := s.now(), s.tokens.id("session", token)
	session, age, ok := s.known.get(id, now)
	if !ok {
		stored, person, err := s.Store.Session(ctx, id)
		if sms.CodeOf(err) == sms.NotFound {
			return Session{}, signedOut()
		}
		if err != nil {
			return Session{}, err
		}
		session = Session{stored, person}
	}
	if !now.Before(session.Expires) || s.mayEnter(session.Person) != nil {
		return Session{}, signedOut()
	}
	if use && now.Sub(session.Seen) >= touchStep {
		session.Seen, session.Expires, ok = now, lasts(session.Created, now), false
		if err := s.Store.TouchSession(ctx, id, session.Seen, session.Expires); err != nil { // it is good all the same
			s.Log.Debug("the use of a session of the console could not be noted", "error", err)
		}
	}
	if !ok {
		s.known.keep(session, age, now.Add(knownFor))
	}
	return session, nil
}

func signedOut() error { return sms.Errorf(sms.Unauthenticated, "sign in first") }

// lasts is until when a session lasts that is used now.
func lasts(created, now time.Time) time.Time {
	end := created.Add(wholeLife)
	if idle := now.Add(idleLife); idle.Before(end) {
		return idle
	}
	return end
}

// mayEnter says why a person may not sign in although they proved who they are; nil: they may.
func (s *Service) mayEnter(p sms.Person) error {
	if p.Disabled {
		return wrongLogin()
	}
	if p.Operator() {
		return nil
	}
	account, ok := s.Accounts.Account(p.Account)
	if !ok {
		return wrongLogin()
	}
	if account.Suspended {
		return sms.Errorf(sms.Forbidden, "the account is suspended")
	}
	return nil
}

// begin starts a session of a person who has proved who they are.
func (s *Service) begin(ctx context.Context, p sms.Person, how string, from From) (Entry, error) {
	if err := s.mayEnter(p); err != nil {
		return Entry{}, err
	}
	now, token := s.now(), newToken()
	session := sms.ConsoleSession{ID: s.tokens.id("session", token), Person: p.ID, Created: now, Seen: now, Expires: lasts(now, now),
		Address: from.Address.String(), Agent: cut(from.Agent, mostAgent)}
	deed := s.deed(p.Email, "console sign in", p, fmt.Sprintf("%s, from %s", how, from.Address))
	if err := s.Store.StartSession(ctx, deed, session); err != nil {
		if sms.CodeOf(err) == sms.NotFound { // removed or disabled this moment
			return Entry{}, wrongLogin()
		}
		return Entry{}, err
	}
	return Entry{Token: token, Expires: session.Created.Add(wholeLife)}, nil
}

// cut shortens a text to some octets, between characters. What is no text in it goes: not every store takes it.
func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	for i := range text {
		if i > most {
			return text[:i]
		}
	}
	return text
}

// Logout ends a session.
func (s *Service) Logout(ctx context.Context, session Session) error {
	return s.Revoke(ctx, session, session.ID)
}

// Sessions lists the sessions of the person, the one used last first.
func (s *Service) Sessions(ctx context.Context, session Session) ([]sms.ConsoleSession, error) {
	return s.Store.Sessions(ctx, session.Person.ID, s.now())
}

// Revoke ends one of the person's own sessions; sms.NotFound when it is not theirs.
func (s *Service) Revoke(ctx context.Context, session Session, id string) error {
	action := "console session revoke"
	if id == session.ID {
		action = "console sign out"
	}
	err := s.Store.EndSession(ctx, s.deed(session.Actor(), action, session.Person, ""), session.Person.ID, id)
	s.known.forget()
	return err
}

// ActAs lets an operator see an account as its owner does; zero ends it. The error of others is sms.Forbidden.
func (s *Service) ActAs(ctx context.Context, session Session, account sms.AccountID) error {
	if !session.Person.Operator() {
		return sms.Errorf(sms.Forbidden, "operators only")
	}
	of, action := account, "operator act as"
	if account == 0 {
		of, action = session.ConsoleSession.Acting, "operator act as, end"
	}
	named, ok := s.Accounts.Account(of)
	if !ok && account != 0 {
		return sms.Errorf(sms.NotFound, "there is no such account")
	}
	deed := s.deed(session.Actor(), action, session.Person, "")
	if ok {
		deed.Target = named.Name
	}
	err := s.Store.ActAs(ctx, deed, session.ID, account)
	s.known.forget()
	return err
}
