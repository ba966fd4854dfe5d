package people

import (
	"bytes"
	"context"
	"net/netip"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const secondPrefix = "second "

// sessionAddress is from where a session was begun.
func sessionAddress(session Session) netip.Addr {
	address, _ := netip.ParseAddr(session.Address) // it was one
	return address
}

// EnrolTOTP begins a second factor: a new secret, in place of one that was not confirmed. The error of one that is on already is
// sms.Conflict.
func (s *Service) EnrolTOTP(ctx context.Context, session Session) (Enrolment, error) {
	secret := newTOTPSecret()
	err := s.change(ctx, s.deed(session.Actor(), "console two-factor", session.Person, "begun"), store.PersonChange{Person: session.Person.ID,
		Change: func(p *sms.Person) error {
			if p.TOTP.On {
				return sms.Errorf(sms.Conflict, "two-factor authentication is on already")
			}
			p.TOTP = sms.TOTP{Secret: secret}
			return nil
		}})
	if err != nil {
		return Enrolment{}, err
	}
	return enrolment(secret, session.Person.Email)
}

// Enrolment shows a second factor that was begun and is not confirmed again; sms.NotFound when there is none.
func (s *Service) Enrolment(ctx context.Context, session Session) (Enrolment, error) {
	p, err := s.Store.Person(ctx, session.Person.ID)
	if err != nil {
		return Enrolment{}, err
	}
	if p.TOTP.Secret == nil || p.TOTP.On {
		return Enrolment{}, sms.Errorf(sms.NotFound, "nothing waits to be confirmed")
	}
	return enrolment(p.TOTP.Secret, p.Email)
}

// ConfirmTOTP turns the second factor on with a first code, and answers the recovery codes, this once. The error of a wrong
// code names the field "code".
func (s *Service) ConfirmTOTP(ctx context.Context, session Session, code string) ([]string, error) {
	p, err := s.Store.Person(ctx, session.Person.ID)
	if err != nil {
		return nil, err
	}
	if p.TOTP.Secret == nil || p.TOTP.On {
		return nil, sms.Errorf(sms.Conflict, "nothing waits to be confirmed")
	}
	if err := s.guard.enter(sessionAddress(session), secondKey(p), s.now()); err != nil {
		return nil, err
	}
	step, ok := totpMatch(p.TOTP.Secret, plainCode(code), s.now())
	if !ok {
		return nil, sms.InvalidField("code", "is wrong: is the clock of your telephone right?")
	}
	s.guard.passed(sessionAddress(session), secondKey(p))
	codes, hashes := s.recovery(p)
	err = s.change(ctx, s.deed(session.Actor(), "console two-factor", p, "on; other sessions ended"), store.PersonChange{Person: p.ID, Codes: &hashes,
		SignOut: true, But: session.ID, Change: confirmed(p.TOTP.Secret, step)})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// confirmed turns a second factor on, if it is still that whose code was looked at: on without a secret, anybody could compute its codes.
func confirmed(secret []byte, step int64) func(*sms.Person) error {
	return func(p *sms.Person) error {
		if p.TOTP.On || !bytes.Equal(p.TOTP.Secret, secret) {
			return sms.Errorf(sms.Conflict, "nothing waits to be confirmed")
		}
		p.TOTP.On, p.TOTP.Step = true, step
		return nil
	}
}

// recovery makes new recovery codes and what is stored of them.
func (s *Service) recovery(p sms.Person) (codes, hashes []string) {
	codes = newRecoveryCodes()
	for _, code := range codes {
		hashes = append(hashes, s.codeHash(p, plainCode(code)))
	}
	return codes, hashes
}

// NewRecoveryCodes makes new recovery codes in place of those so far; the person's password is asked for, as the field "old".
func (s *Service) NewRecoveryCodes(ctx context.Context, session Session, password string) ([]string, error) {
	if !session.Person.TOTP.On {
		return nil, sms.Errorf(sms.Conflict, "two-factor authentication is off")
	}
	if err := s.proved(ctx, session, password); err != nil {
		return nil, err
	}
	codes, hashes := s.recovery(session.Person)
	return codes, s.change(ctx, s.deed(session.Actor(), "console two-factor", session.Person, "new recovery codes"),
		store.PersonChange{Person: session.Person.ID, Codes: &hashes})
}

// RecoveryCodesLeft counts those that were not used.
func (s *Service) RecoveryCodesLeft(ctx context.Context, session Session) (int, error) {
	return s.Store.RecoveryCodes(ctx, session.Person.ID)
}

// DisableTOTP ends the second factor; the person's password is asked for, as the field "old".
func (s *Service) DisableTOTP(ctx context.Context, session Session, password string) error {
	if err := s.proved(ctx, session, password); err != nil {
		return err
	}
	return s.change(ctx, s.deed(session.Actor(), "console two-factor", session.Person, "off"), noFactor(session.Person.ID))
}

// proved holds the password of who has one.
func (s *Service) proved(ctx context.Context, session Session, password string) error {
	if session.Person.Hash == "" {
		return nil
	}
	return s.ownPassword(ctx, session, password)
}

func noFactor(person sms.PersonID) store.PersonChange {
	return store.PersonChange{Person: person, Codes: &[]string{}, Change: func(p *sms.Person) error {
		p.TOTP = sms.TOTP{}
		return nil
	}}
}

// ChangeProfile sets how the person is called and in which language the console speaks to them: "en", "it", or empty, as the
// browser asks.
func (s *Service) ChangeProfile(ctx context.Context, session Session, name, language string) error {
	if err := checkProfile(name, language); err != nil {
		return err
	}
	return s.change(ctx, s.deed(session.Actor(), "console profile", session.Person, ""), store.PersonChange{Person: session.Person.ID,
		Change: func(p *sms.Person) error {
			p.Name, p.Language = name, language
			return nil
		}})
}
