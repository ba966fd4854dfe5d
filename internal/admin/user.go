package admin

import (
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

// UserRequest asks for a person who may sign in to the console.
type UserRequest struct {
	Email    string `json:"email"`
	Name     string `json:"name"`
	Operator bool   `json:"operator"`
	Account  string `json:"account"` // empty for an operator
	Role     string `json:"role"`    // of people of an account
	Language string `json:"language"`
	Password string `json:"password"` // empty: a link is made
	URL      string `json:"url"`      // where the console is, if it is not as the server knows
}

// UserName names a person; URL is where the console is, for a link to it.
type UserName struct {
	Email string `json:"email"`
	URL   string `json:"url,omitempty"`
}

// UserRole gives a person of an account another role.
type UserRole struct {
	Email string `json:"email"`
	Role  string `json:"role"`
}

// UserLink is a link that works once; it is shown this once.
type UserLink struct {
	Email     string    `json:"email"`
	URL       string    `json:"url"` // only the path, when nobody knows where the console is
	ExpiresAt time.Time `json:"expiresAt"`
}

// NewUser is a person who was just made.
type NewUser struct {
	Email string    `json:"email"`
	Link  *UserLink `json:"link,omitempty"` // by which they choose a password; absent: they have one
}

// User is what is known of a person.
type User struct {
	Email     string     `json:"email"`
	Name      string     `json:"name"`
	Account   string     `json:"account,omitempty"`
	Role      string     `json:"role"`
	State     string     `json:"state"` // active, invited or disabled
	TwoFactor bool       `json:"twoFactor"`
	CreatedAt time.Time  `json:"createdAt"`
	LastLogin *time.Time `json:"lastLogin,omitempty"`
}

// UserSession is a browser in which a person is signed in.
type UserSession struct {
	Address   string    `json:"address"`
	Agent     string    `json:"agent"`
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// folk is who asks, for people: a command may touch everybody.
func (c call) folk() people.By { return people.By{Actor: c.actor, Everybody: true} }

func (s *Service) createUser(c call, in UserRequest) (NewUser, error) {
	n := people.NewPerson{Email: in.Email, Name: in.Name, Role: sms.RoleOperator, Language: in.Language, Password: in.Password}
	if in.Operator == (in.Account != "") {
		return NewUser{}, sms.InvalidField("account", "either it or operator: a person belongs to one account, an operator to none")
	}
	if in.Account != "" {
		account, err := s.account(in.Account)
		if err != nil {
			return NewUser{}, err
		}
		role, ok := sms.ParseRole(in.Role)
		if !ok {
			return NewUser{}, sms.InvalidField("role", "must be owner, developer, sender or viewer")
		}
		n.Account, n.Role = account.ID, role
	}
	if in.Password != "" {
		made, err := s.People.Create(c, c.folk(), n)
		return NewUser{Email: made.Email}, err
	}
	link, err := s.People.Invite(c, c.folk(), n)
	if err != nil {
		return NewUser{}, err
	}
	shown := shownLink(link, in.URL)
	return NewUser{Email: link.Person.Email, Link: &shown}, nil
}

// shownLink is a link under the address that was asked for, or that the server knows.
func shownLink(link people.Link, url string) UserLink {
	shown := UserLink{Email: link.Person.Email, URL: link.URL, ExpiresAt: link.Expires}
	if url != "" || shown.URL == "" {
		shown.URL = strings.TrimSuffix(url, "/") + link.Path
	}
	return shown
}

func (s *Service) listUsers(c call, in Named) ([]User, error) {
	by := c.folk()
	if in.Account != "" {
		account, err := s.account(in.Account)
		if err != nil {
			return nil, err
		}
		by = people.By{Actor: c.actor, Account: account.ID}
	}
	list, err := s.People.List(c, by)
	if err != nil {
		return nil, err
	}
	users := []User{}
	for _, p := range list {
		users = append(users, s.user(p))
	}
	return users, nil
}

func (s *Service) user(p sms.Person) User {
	u := User{Email: p.Email, Name: p.Name, Role: p.Role.String(), State: "active", TwoFactor: p.TOTP.On, CreatedAt: p.Created, LastLogin: optional(p.LastLogin)}
	if account, ok := s.Directory.Account(p.Account); ok {
		u.Account = account.Name
	}
	if !p.Invited.IsZero() && p.Hash == "" {
		u.State = "invited"
	}
	if p.Disabled {
		u.State = "disabled"
	}
	return u
}

// changeUser does something with a person who is named by their address.
func (s *Service) changeUser(c call, email string, do func(by people.By, id sms.PersonID) error) (Nothing, error) {
	p, err := s.People.PersonAt(c, c.folk(), email)
	if err != nil {
		return Nothing{}, err
	}
	return Nothing{}, do(c.folk(), p.ID)
}

func (s *Service) resetUser(c call, in UserName) (link UserLink, err error) {
	_, err = s.changeUser(c, in.Email, func(by people.By, id sms.PersonID) error {
		made, err := s.People.NewLink(c, by, id)
		link = shownLink(made, in.URL)
		return err
	})
	if err != nil {
		return UserLink{}, err
	}
	return link, nil
}

func (s *Service) disableUser(c call, in UserName) (Nothing, error) {
	return s.changeUser(c, in.Email, func(by people.By, id sms.PersonID) error { return s.People.SetDisabled(c, by, id, true) })
}

func (s *Service) enableUser(c call, in UserName) (Nothing, error) {
	return s.changeUser(c, in.Email, func(by people.By, id sms.PersonID) error { return s.People.SetDisabled(c, by, id, false) })
}

func (s *Service) removeUser(c call, in UserName) (Nothing, error) {
	return s.changeUser(c, in.Email, func(by people.By, id sms.PersonID) error { return s.People.Remove(c, by, id) })
}

func (s *Service) setUserRole(c call, in UserRole) (Nothing, error) {
	role, ok := sms.ParseRole(in.Role)
	if !ok {
		return Nothing{}, sms.InvalidField("role", "must be owner, developer, sender or viewer")
	}
	return s.changeUser(c, in.Email, func(by people.By, id sms.PersonID) error { return s.People.ChangeRole(c, by, id, role) })
}

func (s *Service) signOutUser(c call, in UserName) (Nothing, error) {
	return s.changeUser(c, in.Email, func(by people.By, id sms.PersonID) error { return s.People.SignOut(c, by, id) })
}

func (s *Service) userTwoFactorOff(c call, in UserName) (Nothing, error) {
	return s.changeUser(c, in.Email, func(by people.By, id sms.PersonID) error { return s.People.TwoFactorOff(c, by, id) })
}

func (s *Service) userSessions(c call, in UserName) ([]UserSession, error) {
	shown := []UserSession{}
	_, err := s.changeUser(c, in.Email, func(by people.By, id sms.PersonID) error {
		sessions, err := s.People.SessionsOf(c, by, id)
		for _, session := range sessions {
			shown = append(shown, UserSession{session.Address, session.Agent, session.Created, session.Seen, session.Expires})
		}
		return err
	})
	return shown, err
}
