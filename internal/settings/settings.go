// Package settings changes what belongs to one account: its API keys, its passwords and its allow-list; and it says who was
// not let in, and what was changed.
//
// What comes in: who asks, for which account, and what shall be. What goes out: the change on durable storage with a
// line in the audit log, in force on this server when the answer returns, and on other nodes within two seconds. Both
// the HTTP door and the operator's commands come here, so that the rules are the same.
//
// It never lets anybody grant what they do not have, never touches another account, and keeps no value of a key and no
// password: that is in the answer that made it, once.
package settings

import (
	"context"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Store is where keys and allow-lists live.
type Store interface {
	CreateKey(ctx context.Context, deed store.Deed, key *sms.Key) error
	ChangeKey(ctx context.Context, deed store.Deed, key sms.Key, change func(*sms.Key) error) error
	Keys(ctx context.Context, account sms.AccountID) ([]sms.Key, error)
	ChangeAccount(ctx context.Context, deed store.Deed, account sms.AccountID, change func(*sms.Account) error) error
	UserStore
	AuditLog
	RefusalStore
}

// Directory is what this server knows of keys and accounts; Refresh brings a change into force.
type Directory interface {
	Refresh(ctx context.Context) error
}

// Service changes settings. Safe for concurrent use.
type Service struct {
	store     Store
	directory Directory
	secret    []byte
	uses      *Uses     // nil: last uses are as stored
	refusals  *Refusals // nil: refusals are as stored
}

// New makes a service; secret is the server's, under which values of keys are hashed.
func New(store Store, directory Directory, secret []byte) *Service {
	return &Service{store: store, directory: directory, secret: secret}
}

// Knowing makes a service that also knows last uses that are not stored yet.
func (s *Service) Knowing(uses *Uses) *Service {
	s.uses = uses
	return s
}

// Watching makes a service that also knows refusals that are not stored yet.
func (s *Service) Watching(refusals *Refusals) *Service {
	s.refusals = refusals
	return s
}

// By is who asks.
type By struct {
	Actor      string          // as it stands in the audit log; no secret
	Operations []sms.Operation // what they may do, and therefore grant; nil: everything, an operator
}

// grants reports whether by may give away these operations.
func (by By) grants(operations []sms.Operation) bool {
	return by.Operations == nil || !slices.ContainsFunc(operations, func(o sms.Operation) bool { return !slices.Contains(by.Operations, o) })
}

func (by By) deed(action string, account *sms.Account, detail string) store.Deed {
	return store.Deed{Actor: by.Actor, Action: action, Target: account.Name, Detail: detail}
}

// settled brings a change into force: every reader of the directory sees it from now on.
func (s *Service) settled(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	return s.directory.Refresh(context.WithoutCancel(ctx))
}
