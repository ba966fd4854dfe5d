package admin

import (
	"context"
	"errors"
	"sync"

	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

// direct does operations on the store itself, under the lock of the data folder.
type direct struct {
	service *Service
	actor   string
	close   func() error
}

func openDirect(ctx context.Context, c *config.Config, version string, create bool) (*direct, error) {
	stored, secret, err := OpenStore(ctx, c, store.Options{}, create)
	if err != nil {
		return nil, err
	}
	known := directory.New(stored)
	if err := known.Refresh(ctx); err != nil {
		return nil, errors.Join(err, stored.Close())
	}
	ids := sms.NewPublicIDs(secret)
	d := &direct{service: New(Parts{
		Store: stored, Directory: known, Secret: secret, OwnSecret: c.OwnSecret(), Version: version,
		Sender:   intake.New(stored, known, ids, func([]*sms.Message) {}), // a server takes it up when it starts
		Messages: status.New(stored, ids).Naming(known),
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

// OpenStore opens the store of a configuration under the lock of its data folder, and answers the secret with it. A
// folder that is not there is made only with create.
func OpenStore(ctx context.Context, c *config.Config, options store.Options, create bool) (*store.Store, []byte, error) {
	secret, err := secretOf(c, create)
	if err != nil {
		return nil, nil, err
	}
	options.Dir, options.Secret = c.Data, secret
	stored, err := store.Open(ctx, options)
	return stored, secret, err
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
