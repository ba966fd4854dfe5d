package people

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// setUpLife is how long the token of the set-up is good, unless somebody is made before.
const setUpLife = 24 * time.Hour

func linkOver() error {
	return sms.Errorf(sms.NotFound, "this link is used up or too old: ask for another one")
}

// Guest says whose link a token is; sms.NotFound when it is used up or too old. It uses nothing up: programs that look at mail
// follow links too.
func (s *Service) Guest(ctx context.Context, token string) (Guest, error) {
	link, p, err := s.guest(ctx, token)
	return Guest{Email: p.Email, Name: p.Name, Language: p.Language, Kind: link.Kind}, err
}

func (s *Service) guest(ctx context.Context, token string) (sms.OneTimeLink, sms.Person, error) {
	link, err := s.Store.Link(ctx, s.tokens.id("link", token))
	if err == nil && (link.Person == 0 || !s.now().Before(link.Expires)) {
		err = linkOver()
	}
	if err != nil {
		return link, sms.Person{}, gone(err)
	}
	p, err := s.Store.Person(ctx, link.Person)
	if err == nil && p.Disabled {
		err = linkOver()
	}
	return link, p, gone(err)
}

// gone says in one way that something is not there any more.
func gone(err error) error {
	if sms.CodeOf(err) == sms.NotFound {
		return linkOver()
	}
	return err
}

// Welcome uses a link up: the person has this password from now on, their other sessions and links end, and they enter, or are
// asked for their second factor. The error of a password that is refused names the field "password", and the link stays.
func (s *Service) Welcome(ctx context.Context, token, password string, from From) (Entry, error) {
	link, p, err := s.guest(ctx, token)
	if err != nil {
		return Entry{}, err
	}
	if err := CheckPassword(password, p.Email); err != nil {
		return Entry{}, err
	}
	hash, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return Entry{}, err
	}
	after, err := s.Store.ChangePerson(ctx, s.deed(p.Email, "console password", p, "set by a link of the kind "+string(link.Kind)), store.PersonChange{
		Person: p.ID, Link: link.ID, At: s.now(), SignOut: true, Change: func(p *sms.Person) error {
			if p.Disabled {
				return linkOver()
			}
			p.Hash = hash
			return nil
		}})
	s.known.forget()
	if err != nil {
		return Entry{}, gone(err)
	}
	return s.enter(ctx, after, "link", from)
}

// NeedsSetUp reports whether there is nobody who could sign in.
func (s *Service) NeedsSetUp(ctx context.Context) (bool, error) {
	any, err := s.Store.AnyPerson(ctx)
	return !any, err
}

// NewSetUp makes the token of the set-up, good for 24 hours and until there is somebody; empty when there is somebody already.
func (s *Service) NewSetUp(ctx context.Context) (string, error) {
	needed, err := s.NeedsSetUp(ctx)
	if err != nil || !needed {
		return "", err
	}
	token, now := newToken(), s.now()
	link := sms.OneTimeLink{ID: s.tokens.id("link", token), Kind: sms.LinkSetUp, Created: now, Expires: now.Add(setUpLife)}
	return token, s.Store.SaveLink(ctx, store.Deed{Actor: "serve", Action: "console set-up", Target: "operators", Detail: "token made"}, link)
}

// SetUp makes the first operator, with the token that serve printed. Its field is "token"; sms.NotFound when there is somebody already.
func (s *Service) SetUp(ctx context.Context, token string, first NewPerson, from From) (Entry, error) {
	key := "set-up " + network(from.Address)
	if err := s.guard.enter(from.Address, key, s.now()); err != nil {
		return Entry{}, err
	}
	first.Account, first.Role = 0, sms.RoleOperator
	p, err := s.checked(By{Everybody: true}, first)
	if err == nil {
		err = CheckPassword(first.Password, p.Email)
	}
	link, wrong := s.Store.Link(ctx, s.tokens.id("link", token))
	if wrong == nil && (link.Kind != sms.LinkSetUp || !s.now().Before(link.Expires)) {
		wrong = linkOver()
	}
	if sms.CodeOf(wrong) == sms.NotFound {
		return Entry{}, sms.InvalidField("token", "is not the one that serve printed, or too old: start the server again for another one")
	}
	if wrong != nil {
		return Entry{}, wrong
	}
	s.guard.passed(from.Address, key)
	if err != nil {
		return Entry{}, err
	}
	if p.Hash, err = s.Passwords.Hash(ctx, first.Password); err != nil {
		return Entry{}, err
	}
	made, err := s.Store.CreatePerson(ctx, s.deed(p.Email, "console set-up", p, "first operator"), store.NewPerson{Person: p, First: link.ID})
	if err != nil {
		return Entry{}, err
	}
	return s.begin(ctx, made, "set-up", from)
}
