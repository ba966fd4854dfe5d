package people

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// How long links are good, and the longest name.
const (
	inviteLife = 72 * time.Hour
	resetLife  = time.Hour
	mostName   = 100 // characters
)

// touches reports whether by may touch the people of an account; zero: operators.
func (by By) touches(account sms.AccountID) bool {
	return by.Everybody || account != 0 && by.Account == account
}

// checked is a person to be made with what was written put in order.
func (s *Service) checked(by By, n NewPerson) (sms.Person, error) {
	email, ok := sms.CleanEmail(n.Email)
	if !ok {
		return sms.Person{}, sms.InvalidField("email", "must be an email address")
	}
	if err := checkProfile(n.Name, n.Language); err != nil {
		return sms.Person{}, err
	}
	if !by.touches(n.Account) {
		return sms.Person{}, sms.Errorf(sms.Forbidden, "these people are not yours to make")
	}
	if err := checkRole(n.Account, n.Role); err != nil {
		return sms.Person{}, err
	}
	if n.Account != 0 {
		if _, ok := s.Accounts.Account(n.Account); !ok {
			return sms.Person{}, sms.Errorf(sms.NotFound, "there is no such account")
		}
	}
	return sms.Person{Email: email, Name: n.Name, Account: n.Account, Role: n.Role, Language: n.Language}, nil
}

// checkRole holds that operators have no account, and the others one.
func checkRole(account sms.AccountID, role sms.Role) error {
	if account == 0 && role != sms.RoleOperator {
		return sms.InvalidField("role", "needs an account: without one there are operators only")
	}
	if account != 0 && !slices.Contains(sms.Roles, role) {
		return sms.InvalidField("role", "must be owner, developer, sender or viewer")
	}
	return nil
}

func checkProfile(name, language string) error {
	if utf8.RuneCountInString(name) > mostName || strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name) {
		return sms.InvalidField("name", "must have at most %d characters, in one line", mostName)
	}
	if language != "" && language != "en" && language != "it" {
		return sms.InvalidField("language", "must be en or it")
	}
	return nil
}

// Create makes a person with a password. Errors are those of a field that is wrong, sms.Conflict for an address that is taken, and
// sms.Forbidden for people whom by may not touch.
func (s *Service) Create(ctx context.Context, by By, n NewPerson) (sms.Person, error) {
	p, err := s.checked(by, n)
	if err != nil {
		return sms.Person{}, err
	}
	if err := CheckPassword(n.Password, p.Email); err != nil {
		return sms.Person{}, err
	}
	if p.Hash, err = s.Passwords.Hash(ctx, n.Password); err != nil {
		return sms.Person{}, err
	}
	made, err := s.Store.CreatePerson(ctx, s.deed(by.Actor, "user create", p, "role "+p.Role.String()), store.NewPerson{Person: p})
	return made, s.hidden(ctx, by, p, err)
}

// Invite makes a person who has no password yet, and a link by which they set it. Errors are as those of Create.
func (s *Service) Invite(ctx context.Context, by By, n NewPerson) (Link, error) {
	p, err := s.checked(by, n)
	if err != nil {
		return Link{}, err
	}
	token, link := s.newLink(sms.LinkInvite)
	made, err := s.Store.CreatePerson(ctx, s.deed(by.Actor, "user invite", p, "role "+p.Role.String()), store.NewPerson{Person: p, Link: &link})
	if err = s.hidden(ctx, by, p, err); err != nil {
		return Link{}, err
	}
	return s.handOver(ctx, by, s.shown(made, token, link), sms.LinkInvite), nil
}

// hidden says of an address that is taken to an owner only whether it is one of their people.
func (s *Service) hidden(ctx context.Context, by By, p sms.Person, err error) error {
	if sms.CodeOf(err) != sms.Conflict || by.Everybody {
		return err
	}
	other, failed := s.Store.PersonAt(ctx, p.Email)
	if failed == nil && by.touches(other.Account) {
		return err
	}
	return &sms.Error{Code: sms.Conflict, Message: "this address cannot be invited: ask the operator of the platform",
		Fields: []sms.FieldError{{Field: "email", Message: "cannot be invited: ask the operator of the platform"}}}
}

// NewLink makes a link for a person again: an invitation for who has no password, else to set another one. Those before stop.
// Nobody makes one for themselves: a browser left signed in would be enough for another password, without the one so far.
func (s *Service) NewLink(ctx context.Context, by By, person sms.PersonID) (Link, error) {
	p, err := s.other(ctx, by, person)
	if err != nil {
		return Link{}, err
	}
	if p.Disabled {
		return Link{}, sms.Errorf(sms.Conflict, "who is disabled gets no link: enable them first")
	}
	kind := sms.LinkReset
	if p.Hash == "" {
		kind = sms.LinkInvite
	}
	token, link := s.newLink(kind)
	link.Person = p.ID
	if err := s.Store.SaveLink(ctx, s.deed(by.Actor, "user link", p, string(kind)), link); err != nil {
		return Link{}, err
	}
	return s.handOver(ctx, by, s.shown(p, token, link), kind), nil
}

// newLink makes a token and what is stored of it.
func (s *Service) newLink(kind sms.LinkKind) (string, sms.OneTimeLink) {
	life := inviteLife
	if kind == sms.LinkReset {
		life = resetLife
	}
	token, now := newToken(), s.now()
	return token, sms.OneTimeLink{ID: s.tokens.id("link", token), Kind: kind, Created: now, Expires: now.Add(life)}
}

// shown is a link as whoever made it sees it.
func (s *Service) shown(p sms.Person, token string, link sms.OneTimeLink) Link {
	path := "/welcome?token=" + token
	return Link{Person: p, Token: token, Path: path, URL: s.link(path), Expires: link.Expires}
}

// one finds a person whom by may touch; sms.NotFound for others.
func (s *Service) one(ctx context.Context, by By, id sms.PersonID) (sms.Person, error) {
	p, err := s.Store.Person(ctx, id)
	if err == nil && !by.touches(p.Account) {
		return sms.Person{}, sms.Errorf(sms.NotFound, "there is no such person")
	}
	return p, err
}

// Find reads a person whom by may touch; sms.NotFound for others.
func (s *Service) Find(ctx context.Context, by By, id sms.PersonID) (sms.Person, error) {
	return s.one(ctx, by, id)
}

// List reads the people whom by may touch, in order of address, operators first.
func (s *Service) List(ctx context.Context, by By) ([]sms.Person, error) {
	switch {
	case by.Everybody:
		return s.Store.EveryPerson(ctx)
	case by.Account != 0:
		return s.Store.People(ctx, by.Account)
	}
	return nil, sms.Errorf(sms.Forbidden, "nobody is yours to see")
}

// PersonAt finds a person whom by may touch by their address; sms.NotFound for others.
func (s *Service) PersonAt(ctx context.Context, by By, email string) (sms.Person, error) {
	clean, _ := sms.CleanEmail(email)
	p, err := s.Store.PersonAt(ctx, clean)
	if sms.CodeOf(err) == sms.NotFound || err == nil && !by.touches(p.Account) {
		return sms.Person{}, sms.Errorf(sms.NotFound, "there is no person with the address %q", email)
	}
	return p, err
}

// SessionsOf lists the sessions of a person whom by may touch.
func (s *Service) SessionsOf(ctx context.Context, by By, id sms.PersonID) ([]sms.ConsoleSession, error) {
	if _, err := s.one(ctx, by, id); err != nil {
		return nil, err
	}
	return s.Store.Sessions(ctx, id, s.now())
}

// ChangeRole gives a person of an account another role, in force at once. The last owner stays one (sms.Conflict).
func (s *Service) ChangeRole(ctx context.Context, by By, id sms.PersonID, role sms.Role) error {
	p, err := s.one(ctx, by, id)
	if err != nil {
		return err
	}
	if err := checkRole(p.Account, role); err != nil {
		return err
	}
	return s.change(ctx, s.deed(by.Actor, "user role", p, "from "+p.Role.String()+" to "+role.String()), store.PersonChange{Person: id,
		Change: func(p *sms.Person) error { p.Role = role; return nil }})
}

// SetDisabled keeps a person out and ends their sessions, or lets them in again. Nobody disables themselves; the last owner of an
// account and the last operator stay (sms.Conflict).
func (s *Service) SetDisabled(ctx context.Context, by By, id sms.PersonID, disabled bool) error {
	p, err := s.other(ctx, by, id)
	if err != nil {
		return err
	}
	action := "user enable"
	if disabled {
		action = "user disable"
	}
	return s.change(ctx, s.deed(by.Actor, action, p, ""), store.PersonChange{Person: id, SignOut: disabled,
		Change: func(p *sms.Person) error { p.Disabled = disabled; return nil }})
}

// Remove forgets a person. Errors are as those of SetDisabled.
func (s *Service) Remove(ctx context.Context, by By, id sms.PersonID) error {
	p, err := s.other(ctx, by, id)
	if err != nil {
		return err
	}
	err = s.Store.RemovePerson(ctx, s.deed(by.Actor, "user remove", p, ""), id)
	s.known.forget()
	return err
}

// other finds a person whom by may touch, and who is somebody else.
func (s *Service) other(ctx context.Context, by By, id sms.PersonID) (sms.Person, error) {
	p, err := s.one(ctx, by, id)
	if err == nil && by.Person == id {
		return p, sms.Errorf(sms.Conflict, "you cannot do this to yourself")
	}
	return p, err
}

// TwoFactorOff ends the second factor of somebody who has lost it. One's own ends by DisableTOTP, which asks for the password.
func (s *Service) TwoFactorOff(ctx context.Context, by By, id sms.PersonID) error {
	p, err := s.other(ctx, by, id)
	if err != nil {
		return err
	}
	return s.change(ctx, s.deed(by.Actor, "user two-factor off", p, ""), noFactor(id))
}

// SignOut ends all sessions of a person.
func (s *Service) SignOut(ctx context.Context, by By, id sms.PersonID) error {
	p, err := s.one(ctx, by, id)
	if err != nil {
		return err
	}
	return s.change(ctx, s.deed(by.Actor, "user sign-out", p, ""), store.PersonChange{Person: id, SignOut: true})
}
