package admin

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

// configured is the configuration of a data folder.
func configured(t *testing.T, data string) *config.Config {
	t.Helper()
	c, err := config.Load(config.Sources{Flags: map[string]string{"data": data}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// onDatabase is the configuration of a database.
func onDatabase(t *testing.T, url string) *config.Config {
	t.Helper()
	c, err := config.Load(config.Sources{Flags: map[string]string{"database": url}, Env: []string{"STAFFETTA_SECRET=the-secret-of-the-tests-of-32-characters"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// connect reaches whatever answers for a data folder, as a command does.
func connect(t *testing.T, c *config.Config) Connection {
	t.Helper()
	connection, err := Connect(t.Context(), c, "test", true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

// serve runs what a server is to a command: the operations on their socket. stop ends it.
func serve(t *testing.T, c *config.Config, carriers Carriers) (stop func()) {
	t.Helper()
	stored, secret, err := OpenStore(t.Context(), c, store.Options{}, true)
	if err != nil {
		t.Fatal(err)
	}
	known := directory.New(stored)
	ids := sms.NewPublicIDs(secret)
	service := New(Parts{Store: stored, Directory: known, Secret: secret, OwnSecret: true, Version: "test", Carriers: carriers,
		Sender: intake.New(stored, known, route.New(known, nil), ids, func([]*sms.Message) {}), Messages: status.New(stored, ids)})
	listener, err := Listen(c.Data)
	if err = errors.Join(err, known.Refresh(t.Context())); err != nil {
		t.Fatal(err)
	}
	storing, endStore := context.WithCancel(context.Background())
	serving, endService := context.WithCancel(context.Background())
	results := make(chan error, 2)
	go func() { results <- stored.Run(storing) }()
	served := make(chan error, 1)
	go func() { served <- service.Serve(serving, listener, slog.New(slog.DiscardHandler)) }()
	return func() {
		endService()
		err := <-served
		endStore()
		if err := errors.Join(err, <-results, stored.Close()); err != nil {
			t.Error(err)
		}
	}
}

// made creates an account.
func made(t *testing.T, connection Connection, name string) NewAccount {
	t.Helper()
	account, err := CreateAccount.Do(t.Context(), connection, AccountRequest{Name: name, Credit: 5 * sms.Euro})
	if err != nil {
		t.Fatal(err)
	}
	return account
}

type fixedStates []carrier.State

func (f fixedStates) States() []carrier.State { return f }

func (fixedStates) Figures(sms.CarrierID) dispatch.Figures {
	return dispatch.Figures{PerSecond: 1.5, Answers: 9, Refusals: []dispatch.Refusal{{Verdict: dispatch.Throttled, Code: "0x00000058", Reason: "too fast", Parts: 2}}}
}

func folder(t *testing.T) string { return filepath.Join(t.TempDir(), "data") }
