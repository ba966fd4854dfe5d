package sms

import (
	"slices"
	"strings"
	"time"
)

// PersonID names a person. It is never given twice.
type PersonID int64

// Role is what a person may do in the console. The names are stored; the numbers are not.
type Role uint8

// The roles. All but the last belong to an account.
const (
	NoRole        Role = iota
	RoleOwner          // everything of the account, its people too
	RoleDeveloper      // what programs need: keys, webhook, messages
	RoleSender         // writes messages
	RoleViewer         // looks
	RoleOperator       // runs the platform; has no account
)

var roleNames = [...]string{"none", "owner", "developer", "sender", "viewer", "operator"}

// Roles are those of people of an account, in the order in which they are shown.
var Roles = []Role{RoleOwner, RoleDeveloper, RoleSender, RoleViewer}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return "invalid"
}

// ParseRole reads the name of a role; false when there is no such role.
func ParseRole(text string) (Role, bool) {
	at := slices.Index(roleNames[:], text)
	if at <= int(NoRole) {
		return NoRole, false
	}
	return Role(at), true
}

// MarshalText writes the name.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the name; the error is for the caller.
func (r *Role) UnmarshalText(text []byte) error {
	role, ok := ParseRole(string(text))
	if !ok {
		return InvalidField("role", "must be owner, developer, sender or viewer; operators have no account")
	}
	*r = role
	return nil
}

// Person is somebody who may sign in to the console: of an account, or an operator.
type Person struct {
	ID       PersonID
	Email    string // lower case, unique on the server
	Name     string // as they are called; may be empty
	Account  AccountID
	Role     Role
	Language string // "en" or "it"; empty: as the browser asks
	Hash     string // argon2id of the password, in the PHC string form; empty: none, they were invited or sign in elsewhere
	TOTP     TOTP
	Disabled bool

	Created   time.Time
	LastLogin time.Time // zero: never
	Invited   time.Time // when an invitation that is still open ends; zero: there is none; read only
}

// TOTP is the state of a person's second factor, RFC 6238.
type TOTP struct {
	Secret []byte // nil: none
	On     bool   // a code was given once: it is asked for
	Step   int64  // the step of the last code that was taken
}

// Operator reports whether the person runs the platform.
func (p *Person) Operator() bool { return p.Role == RoleOperator }

// CleanEmail is an email address as it is stored and compared, without what surrounds it; false when it is none.
func CleanEmail(text string) (string, bool) {
	email := strings.ToLower(strings.TrimSpace(text))
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" || len(email) > 254 || strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r == 0x7f || r > 0xffff }) {
		return "", false
	}
	if strings.ContainsAny(email, "<>()[],;:\\\"") || strings.Contains(domain, "@") || !plausibleDomain(domain) {
		return "", false
	}
	return email, true
}

func plausibleDomain(domain string) bool {
	return domain != "" && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..")
}

// ConsoleSession is a browser in which a person has signed in. Its token is known to that browser alone.
type ConsoleSession struct {
	ID      string // an HMAC of the token
	Person  PersonID
	Acting  AccountID // that an operator has chosen to act as; zero: none
	Created time.Time
	Seen    time.Time // used last, to the minute
	Expires time.Time // when it ends unless it is used before
	Address string    // from where it was begun
	Agent   string    // with which program, as it says
}

// LinkKind is what a one-time link is for.
type LinkKind string

// The kinds of one-time links.
const (
	LinkInvite LinkKind = "invite" // a first password
	LinkReset  LinkKind = "reset"  // another password
	LinkSetUp  LinkKind = "setup"  // the first operator; it is nobody's
)

// OneTimeLink is a link that lets somebody in once.
type OneTimeLink struct {
	ID      string // an HMAC of its token
	Kind    LinkKind
	Person  PersonID
	Created time.Time
	Expires time.Time
}

// Identity is who somebody is to a provider of single sign-on, OpenID Connect Core 1.0 §2.
type Identity struct {
	Issuer, Subject string
}
