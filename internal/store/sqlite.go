package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"

	"modernc.org/sqlite"
)

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

// oldestSQLite is the first version without the bug that could lose a write when the log is reset.
const oldestSQLite = "3.51.3"

func openSQLite(ctx context.Context, file string, readOnly bool) (*sql.DB, error) {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "foreign_keys(1)", "temp_store(memory)"}}
	if readOnly {
		pragmas["_pragma"] = append(pragmas["_pragma"], "query_only(1)", "cache_size(-2048)")
	} else {
		pragmas["_pragma"] = append(pragmas["_pragma"], "journal_mode(WAL)", "synchronous(NORMAL)",
			"cache_size(-24576)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)")
		pragmas.Set("_txlock", "immediate")
	}
	name := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: pragmas.Encode()}).String()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	if !readOnly {
		db.SetMaxOpenConns(1)
	}
	if err := checkVersion(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", file, err), db.Close())
	}
	return db, nil
}

func checkVersion(ctx context.Context, db *sql.DB) error {
	var version string
	if err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	var have, want [3]int
	fmt.Sscanf(version, "%d.%d.%d", &have[0], &have[1], &have[2])
	fmt.Sscanf(oldestSQLite, "%d.%d.%d", &want[0], &want[1], &want[2])
	for i := range have {
		if have[i] != want[i] {
			if have[i] < want[i] {
				return fmt.Errorf("SQLite %s is older than %s", version, oldestSQLite)
			}
			break
		}
	}
	return nil
}

// touch makes the database file before SQLite does, so that nobody else can ever read it. SQLite gives its log the
// same mode.
func touch(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// SQLite result codes, https://www.sqlite.org/rescode.html.
const (
	resultBusy     = 5
	resultNoMemory = 7
	resultReadOnly = 8
	resultIOErr    = 10
	resultCorrupt  = 11
	resultFull     = 13
	resultCantOpen = 14
)

// storeWide reports whether an error says that the database takes nothing from anybody now, rather than that it
// refused one member.
func storeWide(err error) bool {
	if _, ok := errors.AsType[*nobodysFault](err); ok || errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	refusal, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return postgresAway(err)
	}
	switch refusal.Code() & 0xff {
	case resultBusy, resultNoMemory, resultReadOnly, resultIOErr, resultCorrupt, resultFull, resultCantOpen:
		return true
	}
	return false
}
