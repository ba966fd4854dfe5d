package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the database that is filled

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
)

// onSQLite is our own server with its defaults: SQLite, synced before each answer.
type onSQLite struct {
	bench  *bench
	server *server.Server
	how    customer
}

// customer is how messages come to our own server.
type customer struct {
	account server.Account
	smpp    string // address of the SMPP door; empty: over HTTP
	call    int    // messages in a call of the Legacy interface; 0: one message a request
}

// smppWindow is how many submit_sm are without an answer in rows over SMPP.
const smppWindow = 100

// target is a server's door for the customer.
func (c customer) target(s *server.Server) load.Target {
	if c.smpp != "" {
		return load.OverSMPP(c.smpp, load.SMPP{SystemID: c.account.Username, Password: c.account.Password, Window: smppWindow})
	}
	if c.call > 0 {
		return load.Legacy(s.Addr, c.account.APIKey, c.call, false)
	}
	return load.Staffetta(s.Addr, c.account.APIKey, false)
}

// open gives a server that does not run yet the door that the row needs.
func (c *customer) open(ctx context.Context, s *server.Server, r row) (err error) {
	c.call = r.Call
	if r.Sessions == 0 {
		return nil
	}
	c.smpp, err = server.FreeAddress(ctx)
	s.Flags = append(s.Flags, "--smpp-listen", c.smpp)
	return err
}

// The account pays for each message, so that the ledger is part of what is measured.
const (
	benchCredit = 1_000_000 * sms.Euro
	benchPrice  = "0.035"
)

func (s *onSQLite) start(ctx context.Context, p place) (_ []load.Target, err error) {
	if s.server, err = server.New(ctx, s.bench.binary, p.dir); err != nil {
		return nil, err
	}
	if err := s.how.open(ctx, s.server, p.row); err != nil {
		return nil, err
	}
	if err := s.server.Start(ctx); err != nil {
		return nil, err
	}
	if s.how.account, err = prepare(ctx, s.server, p.carrier, s.bench.Window); err != nil {
		return nil, err
	}
	return []load.Target{s.how.target(s.server)}, nil
}

// prepare makes an account, a price and a carrier.
func prepare(ctx context.Context, s *server.Server, carrier string, window int) (server.Account, error) {
	account, err := s.CreateAccount(ctx, "bench", benchCredit)
	if err != nil {
		return account, err
	}
	if _, err := s.Command(ctx, "price", "set", "39", benchPrice); err != nil {
		return account, err
	}
	return account, s.AddCarrier(ctx, "bench", carrier, window)
}

func (s *onSQLite) processes() map[string]watched {
	if s.server == nil {
		return nil
	}
	return map[string]watched{"staffetta": {pid: s.server.Process().PID()}}
}

func (s *onSQLite) commits(ctx context.Context) float64 { return commitsOf(ctx, s.server) }

func commitsOf(ctx context.Context, servers ...*server.Server) (sum float64) {
	for _, s := range servers {
		commits, err := s.Metric(ctx, "staffetta_store_commits_total")
		if err != nil {
			return -1
		}
		sum += commits
	}
	return sum
}

func (s *onSQLite) delivered(ctx context.Context) (int, error) { return deliveredOf(ctx, s.server) }

func deliveredOf(ctx context.Context, servers ...*server.Server) (sum int, err error) {
	for _, s := range servers {
		n, err := s.Metric(ctx, `staffetta_messages_total{state="delivered"}`)
		if err != nil {
			return 0, err
		}
		sum += int(n)
	}
	return sum, nil
}

func (s *onSQLite) stop(ctx context.Context) error { return terminate(ctx, s.server) }

// terminate ends servers that run.
func terminate(ctx context.Context, servers ...*server.Server) error {
	var errs []error
	for _, s := range servers {
		if s != nil && s.Process() != nil {
			errs = append(errs, s.Terminate(context.WithoutCancel(ctx), 10*time.Second))
		}
	}
	return errors.Join(errs...)
}

func (s *onSQLite) pause(ctx context.Context) error { return s.stop(ctx) }

func (s *onSQLite) resume(ctx context.Context) ([]load.Target, error) {
	return []load.Target{s.how.target(s.server)}, s.server.Start(ctx)
}

func (s *onSQLite) fill(ctx context.Context, n int) error {
	return fillSQLite(ctx, s.server.Data, n)
}

func fillSQLite(ctx context.Context, folder string, n int) (err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, store.FileName)+"?_pragma=synchronous(off)&_pragma=cache_size(-65536)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	f := &filler{db: db, random: "random()",
		numbers: "(WITH RECURSIVE n (i) AS (VALUES (?1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2) SELECT i FROM n) g"}
	if err := f.fill(ctx, n); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

func (s *onSQLite) open(_ context.Context, dir string) ([]string, error) {
	data := filepath.Join(dir, "data")
	return []string{"-data", data}, os.Mkdir(data, 0o700)
}
