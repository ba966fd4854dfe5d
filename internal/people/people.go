// Package people says who may look into the console, and makes, changes and ends such people.
//
// What comes in: addresses, passwords, codes, tokens of sessions and links, what a provider of single sign-on says, and
// who asks for which change. What goes out: sessions, links that work once, mail when it is set up, and the changes on
// durable storage with a line in the audit log, in force on this server when the answer returns and on other nodes within two
// seconds.
//
// It tells nobody who is not signed in whether an address is known, neither by its answer nor by its time. It keeps no
// password, token or code: they are stored as hashes; the secrets of second factors are sealed. It knows no page and no cookie.
package people

import (
	"net/netip"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// From is where a request comes from.
type From struct {
	Address netip.Addr
	Agent   string // the User-Agent
}

// Login is what somebody types to sign in.
type Login struct {
	Email, Password string
}

// Entry is what signing in comes to: a session, or the question for the second factor.
type Entry struct {
	Token   string // of the session, for the cookie; empty: the second factor is needed
	Pending string // what SecondFactor wants back, for a few minutes
	Expires time.Time
}

// Session is who uses the console.
type Session struct {
	sms.ConsoleSession
	Person sms.Person
}

// Acting reports whether an operator acts as an account.
func (s Session) Acting() bool { return s.Person.Operator() && s.ConsoleSession.Acting != 0 }

// Account is whose pages are shown: the person's own, or that which an operator acts as; zero: none.
func (s Session) Account() sms.AccountID {
	if s.Person.Operator() {
		return s.ConsoleSession.Acting
	}
	return s.Person.Account
}

// Role is with which rights: an operator who acts as an account has those of its owner.
func (s Session) Role() sms.Role {
	if s.Acting() {
		return sms.RoleOwner
	}
	return s.Person.Role
}

// Actor is the person as the audit log names them; what an operator does for an account stands under their own name.
func (s Session) Actor() string { return s.Person.Email }

// By is who asks for a change of people, and whose they may touch; the zero value touches nobody.
type By struct {
	Actor     string        // as it stands in the audit log
	Person    sms.PersonID  // zero: a command
	Account   sms.AccountID // the people of this account
	Everybody bool          // operators too
}

// By is whom this session may touch: an operator everybody, or, acting as an account, its people; an owner those of their
// account; the others nobody.
func (s Session) By() By {
	by := By{Actor: s.Actor(), Person: s.Person.ID, Everybody: s.Role() == sms.RoleOperator}
	if s.Role() == sms.RoleOwner {
		by.Account = s.Account()
	}
	return by
}

// NewPerson is a person to be made.
type NewPerson struct {
	Email, Name string
	Account     sms.AccountID // zero for operators
	Role        sms.Role
	Language    string
	Password    string // empty: a link is made
}

// Link is a one-time link. It is shown this once.
type Link struct {
	Person  sms.Person
	Token   string
	Path    string // of the page that takes it, with the token
	URL     string // empty: nobody knows where the console is
	Expires time.Time
	Mailed  bool // it was sent to the person; then it needs not be shown
}

// Enrolment is a second factor that is not confirmed yet.
type Enrolment struct {
	Secret string // base32, to be typed
	URI    string // otpauth://
	QR     string // an image of URI, as a data: URL
}

// Guest is whose link a token is.
type Guest struct {
	Email, Name string
	Language    string // as they chose, or who invited them
	Kind        sms.LinkKind
}

// SignOnAnswer is with what a provider of single sign-on sends somebody back.
type SignOnAnswer struct {
	State, Code, Error string
}
