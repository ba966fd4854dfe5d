package people

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Persons is where people live.
type Persons interface {
	CreatePerson(ctx context.Context, deed store.Deed, n store.NewPerson) (sms.Person, error)
	ChangePerson(ctx context.Context, deed store.Deed, c store.PersonChange) (sms.Person, error)
	RemovePerson(ctx context.Context, deed store.Deed, id sms.PersonID) error
	Person(ctx context.Context, id sms.PersonID) (sms.Person, error)
	PersonAt(ctx context.Context, email string) (sms.Person, error)
	PersonIdentified(ctx context.Context, who sms.Identity) (sms.Person, error)
}

// Lists reads many people at once.
type Lists interface {
	People(ctx context.Context, account sms.AccountID) ([]sms.Person, error)
	EveryPerson(ctx context.Context) ([]sms.Person, error)
	AnyPerson(ctx context.Context) (bool, error)
}

// Sessions is where sessions live.
type Sessions interface {
	StartSession(ctx context.Context, deed store.Deed, session sms.ConsoleSession) error
	Session(ctx context.Context, id string) (sms.ConsoleSession, sms.Person, error)
	Sessions(ctx context.Context, person sms.PersonID, at time.Time) ([]sms.ConsoleSession, error)
	TouchSession(ctx context.Context, id string, seen, expires time.Time) error
	EndSession(ctx context.Context, deed store.Deed, person sms.PersonID, id string) error
	ActAs(ctx context.Context, deed store.Deed, id string, account sms.AccountID) error
}

// Proofs is where links and codes live, each good for once.
type Proofs interface {
	SaveLink(ctx context.Context, deed store.Deed, link sms.OneTimeLink) error
	Link(ctx context.Context, id string) (sms.OneTimeLink, error)
	TakeCode(ctx context.Context, person sms.PersonID, step int64) (bool, error)
	TakeRecoveryCode(ctx context.Context, deed store.Deed, person sms.PersonID, hash string) (bool, error)
	RecoveryCodes(ctx context.Context, person sms.PersonID) (int, error)
}

// Store is all of it.
type Store interface {
	Persons
	Lists
	Sessions
	Proofs
}

// Accounts knows the accounts.
type Accounts interface {
	Account(id sms.AccountID) (*sms.Account, bool)
}

// Parts is what a Service needs.
type Parts struct {
	Store     Store
	Accounts  Accounts
	Passwords *auth.Passwords
	Secret    []byte         // the server's
	URL       string         // where the console is, https://sms.example.com; empty: nobody has said
	Mail      Mailer         // nil: nothing is mailed
	SignOn    *SignOnOptions // nil: there is no provider of single sign-on
	Log       *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Service says who may look into the console. Safe for concurrent use; Run must be running for mail to leave.
type Service struct {
	Parts
	tokens tokens
	guard  *guard
	known  *known
	resets chan string
	signOn *signOn // nil: there is none
}

// New makes a service. The error is that of a secret that cannot be used, and of a provider of single sign-on whose settings cannot.
func New(parts Parts) (*Service, error) {
	tokens, err := newTokens(parts.Secret)
	if err != nil {
		return nil, err
	}
	if parts.Now == nil {
		parts.Now = time.Now
	}
	if parts.Log == nil {
		parts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{Parts: parts, tokens: tokens, guard: newGuard(), known: newKnown(), resets: make(chan string, mostResets)}
	if parts.SignOn != nil {
		s.signOn = newSignOn(*parts.SignOn)
	}
	return s, nil
}

// At says where the console is when the configuration does not; before the Service is used.
func (s *Service) At(url string) {
	if s.URL == "" {
		s.URL = strings.TrimSuffix(url, "/")
	}
}

// link is a URL of the console; empty when nobody knows where it is.
func (s *Service) link(path string) string {
	if s.URL == "" {
		return ""
	}
	return strings.TrimSuffix(s.URL, "/") + path
}

// deed begins the line of the audit log about a person: the account it is in, or the operators.
func (s *Service) deed(actor, action string, p sms.Person, detail string) store.Deed {
	target := "operators"
	if p.Account != 0 {
		if account, ok := s.Accounts.Account(p.Account); ok {
			target = account.Name
		}
	}
	if detail != "" {
		detail = ", " + detail
	}
	return store.Deed{Actor: actor, Action: action, Target: target, Detail: p.Email + detail}
}

// change changes a person; whoever asks for a session next is told the news.
func (s *Service) change(ctx context.Context, deed store.Deed, c store.PersonChange) error {
	_, err := s.Store.ChangePerson(ctx, deed, c)
	s.known.forget()
	return err
}

// now is the moment, as it is stored.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
