package people

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// pendingLife is how long the second factor is waited for.
const pendingLife = 5 * time.Minute

// pending is who has given the right password and no code yet.
type pending struct {
	Person sms.PersonID
	Hash   string // of then: another password ends it
}

func wrongLogin() error {
	return sms.Errorf(sms.Unauthenticated, "the address or the password is wrong")
}

// Login holds an address and a password against what is stored. The answer is a session, or the question for the second
// factor. Errors: sms.Unauthenticated, the same and after the same time whether the address is known or not; sms.Limited with
// RetryAfter after many failures; sms.Forbidden when all is right and the account is suspended; sms.Unavailable.
func (s *Service) Login(ctx context.Context, login Login, from From) (Entry, error) {
	email, valid := sms.CleanEmail(login.Email)
	if err := s.guard.enter(from.Address, email, s.now()); err != nil {
		return Entry{}, err
	}
	p, err := s.Store.PersonAt(ctx, email)
	if err != nil && sms.CodeOf(err) != sms.NotFound {
		return Entry{}, err
	}
	matches, failed := s.Passwords.Matches(ctx, p.Hash, login.Password)
	if failed != nil {
		return Entry{}, failed
	}
	if err != nil || !valid || !matches || p.Disabled {
		return Entry{}, wrongLogin()
	}
	s.guard.passed(from.Address, email)
	return s.enter(ctx, p, "password", from)
}

// enter starts a session, or asks for the second factor.
func (s *Service) enter(ctx context.Context, p sms.Person, how string, from From) (Entry, error) {
	if !p.TOTP.On {
		return s.begin(ctx, p, how, from)
	}
	until := s.now().Add(pendingLife)
	return Entry{Pending: seal(s.tokens, "pending", pending{p.ID, p.Hash}, until), Expires: until}, nil
}

// SecondFactor takes a code of the authenticator, each once, or a recovery code, each once. Errors are as those of Login.
func (s *Service) SecondFactor(ctx context.Context, token, code string, from From) (Entry, error) {
	wait, err := open[pending](s.tokens, "pending", token, s.now())
	if err != nil {
		return Entry{}, err
	}
	p, err := s.Store.Person(ctx, wait.Person)
	if err != nil || p.Hash != wait.Hash || !p.TOTP.On {
		return Entry{}, sms.Errorf(sms.Unauthenticated, "this took too long: sign in again")
	}
	key := secondKey(p)
	if err := s.guard.enter(from.Address, key, s.now()); err != nil {
		return Entry{}, err
	}
	how, err := s.takeCode(ctx, p, plainCode(code))
	if err != nil {
		return Entry{}, err
	}
	if how == "" {
		return Entry{}, sms.InvalidField("code", "is wrong, or was used already")
	}
	s.guard.passed(from.Address, key)
	return s.begin(ctx, p, "password and "+how, from)
}

// secondKey is under which wrong codes of a person are counted; no address of email has a space.
func secondKey(p sms.Person) string { return secondPrefix + p.Email }

// takeCode uses up a code and says what it was; empty: it is none.
func (s *Service) takeCode(ctx context.Context, p sms.Person, code string) (string, error) {
	if step, ok := totpMatch(p.TOTP.Secret, code, s.now()); ok {
		taken, err := s.Store.TakeCode(ctx, p.ID, step)
		if err != nil || !taken {
			return "", err
		}
		return "code", nil
	}
	deed := s.deed(p.Email, "console recovery code", p, "used")
	taken, err := s.Store.TakeRecoveryCode(ctx, deed, p.ID, s.codeHash(p, code))
	if err != nil || !taken {
		return "", err
	}
	return "recovery code", nil
}

// codeHash is what is stored of a recovery code.
func (s *Service) codeHash(p sms.Person, code string) string {
	return s.tokens.id("recovery", p.Email+"\x00"+code)
}

// ownPassword holds the password of somebody who is signed in; the error names the field "old".
func (s *Service) ownPassword(ctx context.Context, session Session, password string) error {
	key := "own " + session.Person.Email
	if err := s.guard.enter(sessionAddress(session), key, s.now()); err != nil {
		return err
	}
	matches, err := s.Passwords.Matches(ctx, session.Person.Hash, password)
	if err != nil {
		return err
	}
	if !matches {
		return sms.InvalidField("old", "is not your password")
	}
	s.guard.passed(sessionAddress(session), key)
	return nil
}

// ChangePassword gives the person another password and ends their other sessions. Who has none, because they sign in
// elsewhere, needs no old one. Fields are "old" and "password".
func (s *Service) ChangePassword(ctx context.Context, session Session, old, password string) error {
	p := session.Person
	if err := CheckPassword(password, p.Email); err != nil {
		return err
	}
	if p.Hash != "" {
		if err := s.ownPassword(ctx, session, old); err != nil {
			return err
		}
	}
	hash, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, s.deed(session.Actor(), "console password", p, "changed; other sessions ended"), store.PersonChange{Person: p.ID,
		SignOut: true, But: session.ID, Change: func(p *sms.Person) error { p.Hash = hash; return nil }})
}

// RevokeOthers ends the person's sessions but this one.
func (s *Service) RevokeOthers(ctx context.Context, session Session) error {
	return s.change(ctx, s.deed(session.Actor(), "console session revoke", session.Person, "all others"),
		store.PersonChange{Person: session.Person.ID, SignOut: true, But: session.ID})
}
