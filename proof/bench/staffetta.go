package main

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
)

// staffetta is our own server, with its defaults: SQLite, synced before each answer.
type staffetta struct {
	binary string
	window int
	server *server.Server
}

// The account pays for each message, so that the ledger is part of what is measured.
const (
	benchCredit = 1_000_000 * sms.Euro
	benchPrice  = "0.035"
)

func (s *staffetta) start(ctx context.Context, dir, carrier string, _ row) (load.Target, error) {
	var err error
	if s.server, err = server.New(ctx, s.binary, dir); err != nil {
		return load.Target{}, err
	}
	if err := s.server.Start(ctx); err != nil {
		return load.Target{}, err
	}
	account, err := s.server.CreateAccount(ctx, "bench", benchCredit)
	if err != nil {
		return load.Target{}, err
	}
	if _, err := s.server.Command(ctx, "price", "set", "39", benchPrice); err != nil {
		return load.Target{}, err
	}
	return load.Staffetta(s.server.Addr, account.APIKey, false), s.server.AddCarrier(ctx, "bench", carrier, s.window)
}

func (s *staffetta) processes() map[string]int {
	return map[string]int{"staffetta": s.server.Process().PID()}
}

func (s *staffetta) commits(ctx context.Context) float64 {
	commits, err := s.server.Metric(ctx, "staffetta_store_commits_total")
	if err != nil {
		return -1
	}
	return commits
}

func (s *staffetta) stop(ctx context.Context) error {
	if s.server == nil || s.server.Process() == nil {
		return nil
	}
	return s.server.Terminate(context.WithoutCancel(ctx), 10*time.Second)
}
