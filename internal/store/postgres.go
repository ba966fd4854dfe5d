package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/postgres/*.sql
var postgresMigrations embed.FS

// oldestPostgres is the first version that is supported, as server_version_num.
const oldestPostgres = 140000

// idleConnections is how many of a pool stay open for the next use.
const idleConnections = 8

// openPostgres connects to the database at options.URL and takes a number among the nodes that share it.
func (s *Store) openPostgres(ctx context.Context) error {
	s.dialect = postgresDialect
	config, err := pgx.ParseConfig(s.options.URL)
	if err != nil {
		return badURL(s.options.URL, err)
	}
	config.RuntimeParams["application_name"] = "staffetta"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectLimit
	}
	config.RuntimeParams["synchronous_commit"] = "on"                    // whatever the server's default: an answer means durable
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "3000" // a process that stopped inside of one holds up no other
	s.writer, s.reader = stdlib.OpenDB(*config), stdlib.OpenDB(*config)
	s.writer.SetMaxOpenConns(6) // the commit loop, the heartbeat, and what is done aside
	s.writer.SetMaxIdleConns(idleConnections)
	s.reader.SetMaxOpenConns(8)
	s.reader.SetMaxIdleConns(idleConnections)
	if err := checkPostgres(ctx, s.reader); err != nil {
		return fmt.Errorf("database %s: %w", config.Host, err)
	}
	if s.options.Existing {
		if err := checkBegun(ctx, s.reader); err != nil {
			return fmt.Errorf("database %s on %s: %w", config.Database, config.Host, err)
		}
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	if err := migrate(ctx, goose.DialectPostgres, s.writer, postgresMigrations, "migrations/postgres", goose.WithSessionLocker(locker)); err != nil {
		return err
	}
	if err := s.makePartitions(ctx, time.Now()); err != nil { // the DEFAULT one serves until it works
		s.log.Warn("a partition for messages could not be made now", "error", err)
	}
	return s.enter(ctx)
}

// queueBegin begins a transaction and, in the same journey, holds the row of this process's claim until its end: while
// it lasts nobody takes the number over, and it does not begin once somebody has (errLost). The lock is that of a foreign
// key, which does not stand in the way of a heartbeat.
func (s *Store) queueBegin(batch *pgx.Batch) {
	mine := s.claim.Load()
	batch.Queue(s.dialect.begin)
	batch.Queue(`SELECT 1 FROM node WHERE id = $1 AND epoch = $2 FOR KEY SHARE`, mine.node, mine.epoch).QueryRow(func(row pgx.Row) error {
		var held int
		err := row.Scan(&held)
		if errors.Is(err, pgx.ErrNoRows) {
			s.stale.Store(true)
			return &nobodysFault{errLost}
		}
		return err
	})
}

// disconnect gives a connection up in the middle of a transaction, which may or may not be made: the next one must find
// out.
func (s *Store) disconnect(tx *Tx) {
	limited, cancel := context.WithTimeout(context.Background(), goodbyeLimit)
	defer cancel()
	_ = s.native.Close(limited)
	_ = s.conn.Close()
	s.conn, s.write, s.native = nil, nil, nil
	s.doubt.connection = true
	for _, db := range []*sql.DB{s.writer, s.reader} { // connections that wait in the pools lead to the same server
		db.SetMaxIdleConns(0)
		db.SetMaxIdleConns(idleConnections)
	}
	if tx == nil {
		return
	}
	s.doubt.marks = append(s.doubt.marks, tx.marks...)
	s.withdrawn.add(tx.withdrawn) // perhaps: who asks for a mark looks again
	for _, lane := range tx.ready {
		if !slices.Contains(s.doubt.lanes, lane) {
			s.doubt.lanes = append(s.doubt.lanes, lane)
		}
	}
}

// errAway is why nothing is taken while the database is known to take nothing.
var errAway error = &nobodysFault{errors.New("the database is away")}

func checkPostgres(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return withoutPassword(err)
	}
	if version < oldestPostgres {
		return fmt.Errorf("PostgreSQL %d.%d is older than 14", version/10000, version%10000)
	}
	return nil
}

// checkBegun refuses a database without a schema of ours: perhaps it is somebody else's.
func checkBegun(ctx context.Context, db *sql.DB) error {
	var begun bool
	err := db.QueryRowContext(ctx, "SELECT to_regclass('message') IS NOT NULL AND to_regclass('goose_db_version') IS NOT NULL").Scan(&begun)
	if err == nil && !begun {
		return ErrEmpty
	}
	return withoutPassword(err)
}

// ErrEmpty is the error of opening an existing database that is none of ours yet.
var ErrEmpty = errors.New("there is nothing of Staffetta in it: is it the right one? `staffetta serve` or `staffetta account create` begins it")

// withoutPassword keeps what pgx says about a failed connection, which names the user and the host only.
func withoutPassword(err error) error {
	if failure, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return errors.New(strings.TrimSpace(failure.Unwrap().Error()))
	}
	return err
}

// postgresAway reports whether an error says that PostgreSQL takes nothing from anybody now. The classes are those of
// its documentation, appendix A.
func postgresAway(err error) bool {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch class := refusal.Code[:2]; class {
		case "08", "53", "57", "58", "25", "40", "XX": // connection, resources, intervention, system, transaction state, rollback, internal
			return true
		}
		return false
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	return pgconn.SafeToRetry(err) || pgconn.Timeout(err) || strings.Contains(err.Error(), "conn closed") ||
		strings.Contains(err.Error(), "unexpected EOF")
}

// collided reports whether another node's transaction stood in the way; the same again can succeed.
func collided(err error) bool {
	if errors.Is(err, errLost) {
		return true
	}
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch refusal.Code {
	case "40P01", "40001": // deadlock_detected, serialization_failure
		return true
	case "23505": // unique_violation: another node has stored the same caller's id since it was looked up; now it is known
		return refusal.TableName == "caller_id"
	}
	return false
}
