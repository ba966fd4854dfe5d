package admin

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

// direct does operations on the store itself: under the lock of the data folder, or beside the servers of a database.
type direct struct {
	service *Service
	actor   string
	close   func() error
}

func openDirect(ctx context.Context, c *config.Config, version string, create bool) (*direct, error) {
	stored, secret, err := OpenStore(ctx, c, store.Options{Version: version}, create)
	if err != nil {
		return nil, err
	}
	known := directory.New(stored)
	if err := known.Refresh(ctx); err != nil {
		return nil, errors.Join(err, stored.Close())
	}
	folk, err := people.New(people.Parts{Store: stored, Accounts: known, Passwords: auth.NewPasswords(), Secret: secret, URL: c.Console.URL})
	if err != nil {
		return nil, errors.Join(err, stored.Close())
	}
	ids := sms.NewPublicIDs(secret)
	shared := c.Database != ""
	router := route.New(known, nil)
	accept := intake.New(leaving(stored, shared), known, router, ids, func([]*sms.Message) {})
	d := &direct{actor: actor(), service: New(Parts{
		Store: stored, Directory: known, Secret: secret, OwnSecret: c.OwnSecret(), Shared: shared, Version: version, AllowPrivate: c.Webhook.AllowPrivate,
		Sender:   accept,
		Changes:  intake.NewChanges(accept, stored, func(*sms.Message) (taken bool) { return false }),
		Messages: status.New(stored, ids).Naming(known), Router: router, People: folk,
	})}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan error, 1)
	go func() { stopped <- stored.Run(running) }()
	d.close = sync.OnceValue(func() error {
		stop()
		return errors.Join(<-stopped, stored.Close())
	})
	return d, nil
}

// OpenStore opens the store of a configuration, a data folder under its lock, and answers the secret with it. What is
// not there, a folder or a schema in a database, is made only with create.
func OpenStore(ctx context.Context, c *config.Config, options store.Options, create bool) (*store.Store, []byte, error) {
	secret, err := secretOf(c, create)
	if err != nil {
		return nil, nil, err
	}
	options.Secret = secret
	if options.URL, options.Existing = c.Database, !create; options.URL == "" {
		options.Dir = c.Data
	}
	stored, err := store.Open(ctx, options)
	return stored, secret, err
}

// leaving is a store whose messages a server will send: the next one that starts on the data folder takes up all that
// waits there; those that share a database take what is due.
func leaving(stored *store.Store, shared bool) intake.Store {
	if shared {
		return dueNow{stored}
	}
	return stored
}

// dueNow stores what may go now as due now, so that the server that looks first takes it.
type dueNow struct{ *store.Store }

// Accept is that of the store.
func (d dueNow) Accept(ctx context.Context, admissions []*store.Admission, accepted func([]*sms.Message)) error {
	for _, admission := range admissions {
		if admission.Message.Due.IsZero() {
			admission.Message.Due = time.Now().UTC().Truncate(time.Millisecond)
		}
	}
	return d.Store.Accept(ctx, admissions, accepted)
}

func (d *direct) do(ctx context.Context, operation string, request []byte) ([]byte, error) {
	return d.service.perform(ctx, d.actor, operation, request)
}

func (d *direct) Running() bool { return false }

// Close may be called more than once.
func (d *direct) Close() error { return d.close() }

// local does operations of a server in its own process.
type local struct {
	service *Service
	actor   string
}

// Local is the way to the operations for the process that runs the server; actor stands in the audit log.
func (s *Service) Local(actor string) Connection { return local{s, actor} }

func (l local) do(ctx context.Context, operation string, request []byte) ([]byte, error) {
	return l.service.perform(ctx, l.actor, operation, request)
}

func (local) Running() bool { return true }
func (local) Close() error  { return nil }
