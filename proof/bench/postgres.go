package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database that is filled

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
)

// postgresSettings are those of the database server; all else is the default of its version. The first three are the
// defaults too, and are written because the figures mean nothing without them.
var postgresSettings = []string{"fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB", "min_wal_size=512MB", "max_wal_size=4GB"}

// onPostgres is our own server, or several, on a PostgreSQL server of its own on the same disk.
type onPostgres struct {
	bench    *bench
	folder   string // of the database server, which runs under an account of its own
	database *pgtest.Server
	running  bool // the database server
	servers  []*server.Server
	how      customer
}

func (o *onPostgres) start(ctx context.Context, p place) ([]load.Target, error) {
	if err := o.startDatabase(ctx); err != nil {
		return nil, err
	}
	secret := filepath.Join(p.dir, "secret")
	if err := os.WriteFile(secret, []byte(strings.Repeat("benchmark ", 5)+"\n"), 0o600); err != nil {
		return nil, err
	}
	for range max(p.row.Nodes, 1) {
		s, err := server.New(ctx, o.bench.binary, p.dir)
		if err != nil {
			return nil, err
		}
		s.Database, s.Secret = o.database.URL(), secret
		if err := o.how.open(ctx, s, p.row); err != nil {
			return nil, err
		}
		o.servers = append(o.servers, s)
	}
	var err error
	if o.how.account, err = prepare(ctx, o.servers[0], p.carrier, o.bench.Window); err != nil {
		return nil, err
	}
	return o.serve(ctx)
}

// startDatabase makes the database server and runs it.
func (o *onPostgres) startDatabase(ctx context.Context) (err error) {
	if o.folder, err = os.MkdirTemp(o.bench.Folder, "staffetta-bench-postgres-"); err != nil {
		return err
	}
	if o.database, err = pgtest.New(ctx, pgtest.Binaries(), o.folder); err != nil {
		return fmt.Errorf("-dir must be open to the account postgres: %w", err)
	}
	if err := o.runDatabase(ctx); err != nil {
		return err
	}
	return o.age(ctx)
}

// age gives a new database what one that has run for a while has: files of its log to use again. Making a new one of
// 16 MB stops all commits for some time.
func (o *onPostgres) age(ctx context.Context) (err error) {
	db, err := sql.Open("pgx", o.database.URL())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, statement := range []string{
		`SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 1000000))) FROM generate_series(1, 256)`, `CHECKPOINT`} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (o *onPostgres) runDatabase(ctx context.Context) error {
	o.running = true
	return o.database.Run(ctx, postgresSettings...)
}

func (o *onPostgres) serve(ctx context.Context) (targets []load.Target, err error) {
	for _, s := range o.servers {
		if err := s.Start(ctx); err != nil {
			return nil, err
		}
		targets = append(targets, o.how.target(s))
	}
	return targets, nil
}

func (o *onPostgres) processes() map[string]watched {
	all := map[string]watched{"postgres": {pid: o.database.PID(), tree: true}}
	for i, s := range o.servers {
		name := "staffetta"
		if len(o.servers) > 1 {
			name = fmt.Sprintf("staffetta %d", i+1)
		}
		all[name] = watched{pid: s.Process().PID()}
	}
	return all
}

func (o *onPostgres) commits(ctx context.Context) float64 { return commitsOf(ctx, o.servers...) }

func (o *onPostgres) delivered(ctx context.Context) (int, error) {
	return deliveredOf(ctx, o.servers...)
}

func (o *onPostgres) pause(ctx context.Context) error {
	err := terminate(ctx, o.servers...)
	if err == nil && o.running {
		o.database.Stop()
		o.running = false
	}
	return err
}

func (o *onPostgres) resume(ctx context.Context) ([]load.Target, error) {
	if err := o.runDatabase(ctx); err != nil {
		return nil, err
	}
	return o.serve(ctx)
}

func (o *onPostgres) stop(ctx context.Context) error {
	err := terminate(ctx, o.servers...)
	if o.running {
		o.database.Kill()
		o.running = false
	}
	if o.folder == "" {
		return err
	}
	return errors.Join(err, os.RemoveAll(o.folder))
}

func (o *onPostgres) fill(ctx context.Context, n int) (err error) {
	if err := o.runDatabase(ctx); err != nil {
		return err
	}
	defer func() {
		o.database.Stop()
		o.running = false
	}()
	db, err := sql.Open("pgx", o.database.URL())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fillPostgres(ctx, db, n)
}

func fillPostgres(ctx context.Context, db *sql.DB, n int) error {
	if err := makeWeeks(ctx, db); err != nil {
		return err
	}
	f := &filler{db: db, random: "(random() * 9e18)::bigint", numbers: "generate_series($1::bigint, $2::bigint) AS g (i)"}
	if err := f.fill(ctx, n); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, `VACUUM (ANALYZE) message`) // as autovacuum would have done on the way
	return err
}

// makeWeeks makes the partitions that a server would have made in the weeks before, where messages live in partitions.
func makeWeeks(ctx context.Context, db *sql.DB) error {
	var partitioned bool
	if err := db.QueryRowContext(ctx, `SELECT relkind = 'p' FROM pg_class WHERE oid = 'message'::regclass`).Scan(&partitioned); err != nil || !partitioned {
		return err
	}
	const week = 7 * 24 * time.Hour
	now := time.Now().UTC()
	for begin := now.Add(-age - week).Truncate(week); begin.Before(now.Truncate(week)); begin = begin.Add(week) {
		_, err := db.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE IF NOT EXISTS message_%s PARTITION OF message FOR VALUES FROM (%d) TO (%d) WITH (fillfactor = 80)`,
			begin.Format("20060102"), sms.MakeID(begin, 0, 0), sms.MakeID(begin.Add(week), 0, 0)))
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *onPostgres) open(ctx context.Context, _ string) ([]string, error) {
	if err := o.startDatabase(ctx); err != nil {
		return nil, err
	}
	return []string{"-database", o.database.URL()}, nil
}
