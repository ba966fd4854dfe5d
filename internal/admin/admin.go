// Package admin is every administrative operation.
//
// What comes in: typed requests, from the commands of the operator. What goes out: the change on durable storage with
// a line in the audit log, in force on this server when the answer returns, and what the operator must be told.
// `serve` answers operations on a socket in its data folder (Serve); a command reaches them through that socket, or,
// when no server runs, does them itself on the store (Connect). On a database that servers share a command always does
// them itself: each server reads within two seconds what is new there.
//
// It serves no customer and listens on no network. Generated keys and passwords are in answers only: they are stored
// as hashes, and never logged.
package admin

import (
	"context"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/optout"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

// Sender accepts messages.
type Sender interface {
	Accept(ctx context.Context, caller auth.Caller, door string, request *intake.Request) (intake.Answer, error)
}

// Changes withdraws messages that have not left.
type Changes interface {
	Find(ctx context.Context, account sms.AccountID, messageID string) (*sms.Message, error)
	Cancel(ctx context.Context, account sms.AccountID, id sms.ID) error
}

// Messages looks messages up.
type Messages interface {
	Life(ctx context.Context, id string) ([]status.Line, error)
	Find(ctx context.Context, account sms.AccountID, ids []string) ([]status.Status, error)
}

// Carriers says how carriers are connected; only the server that connects them can.
type Carriers interface {
	States() []carrier.State
	Figures(id sms.CarrierID) dispatch.Figures
}

// Parts is what the operations need.
type Parts struct {
	Store     *store.Store
	Directory *directory.Directory
	Secret    []byte
	OwnSecret bool // the secret is kept in the data folder: a backup must hold it
	Shared    bool // the data are in a database that other servers may work on too
	Sender    Sender
	Changes   Changes
	Messages  Messages
	Carriers  Carriers  // nil: this is no server
	Customers Customers // nil: this is no server
	Router    *route.Router
	People    *people.Service
	Version   string
	// AllowPrivate permits form callbacks over http and to addresses inside of a network.
	AllowPrivate bool
	Uses         *settings.Uses // nil: no server runs
}

// Service does operations. Safe for concurrent use.
type Service struct {
	Parts
	settings *settings.Service
	optOuts  *optout.Service
	trials   *trials
}

// New makes a service; the directory must have been refreshed once.
func New(parts Parts) *Service {
	return &Service{parts, settings.New(parts.Store, parts.Directory, parts.Secret).Knowing(parts.Uses), optout.New(parts.Store), &trials{}}
}

// call is one operation on its way: who asks for it.
type call struct {
	context.Context
	actor string
}

// deed begins the line of the audit log.
func (c call) deed(action, target, detail string) store.Deed {
	return store.Deed{Actor: c.actor, Action: action, Target: target, Detail: detail}
}

// by is who asks, for settings: an operator may do everything.
func (c call) by() settings.By { return settings.By{Actor: c.actor} }

// settled brings a change into force: every reader of the directory sees it from now on.
func (s *Service) settled(c call, err error) error {
	if err != nil {
		return err
	}
	return s.Directory.Refresh(context.WithoutCancel(c))
}

// account finds an account by its name.
func (s *Service) account(name string) (*sms.Account, error) {
	account, ok := s.Directory.AccountNamed(name)
	if !ok {
		return nil, sms.Errorf(sms.NotFound, "there is no account named %q; `staffetta account list` shows all", name)
	}
	return account, nil
}
