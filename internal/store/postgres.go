package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net"
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

// openPostgres connects to the database at options.URL and takes a number among the nodes that share it.
func (s *Store) openPostgres(ctx context.Context) error {
	s.dialect = postgresDialect
	config, err := pgx.ParseConfig(s.options.URL)
	if err != nil {
		return errors.New("the database URL is not one: it should be like postgres://user:password@host:5432/name")
	}
	config.RuntimeParams["application_name"] = "staffetta"
	config.RuntimeParams["synchronous_commit"] = "on" // whatever the server's default: an answer means durable
	s.writer, s.reader = stdlib.OpenDB(*config), stdlib.OpenDB(*config)
	s.writer.SetMaxOpenConns(4)
	s.reader.SetMaxOpenConns(8)
	s.reader.SetMaxIdleConns(8)
	if err := checkPostgres(ctx, s.reader); err != nil {
		return fmt.Errorf("database %s: %w", config.Host, err)
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
	return nil
}

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
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return errors.Is(err, errCollided) || ok && (refusal.Code == "40P01" || refusal.Code == "40001") // deadlock_detected, serialization_failure
}
