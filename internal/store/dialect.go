package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// dialect is where the SQL of the two engines differs. Everything else is written once, with "?" for parameters.
type dialect struct {
	begin        string
	numbered     bool   // parameters are written $1, $2 …, and booleans are not integers
	lockRows     string // at the end of a SELECT whose rows are changed later in the transaction
	skipLocked   string // the same, for rows that any process may take
	queueIndex   string // behind the name of message, where the planner must be told
	accountIndex string // likewise
	like         string // matches a pattern in whatever case, of ASCII at least
}

var (
	sqliteDialect = dialect{begin: "BEGIN IMMEDIATE", queueIndex: " INDEXED BY message_queue", accountIndex: " INDEXED BY message_account",
		like: ` LIKE ? ESCAPE '\'`}
	postgresDialect = dialect{begin: "BEGIN", numbered: true, lockRows: " FOR UPDATE", skipLocked: " FOR UPDATE SKIP LOCKED",
		like: ` ILIKE ? ESCAPE '\'`}
)

// number writes "?" parameters as this dialect wants them. No statement of this package has a "?" of another meaning.
func (d dialect) number(query string) string {
	if !d.numbered || !strings.Contains(query, "?") {
		return query
	}
	var text strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		text.WriteString(before)
		if !found {
			return text.String()
		}
		text.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

// arguments turns booleans into the 0 and 1 that are stored.
func (d dialect) arguments(args []any) []any {
	if !d.numbered {
		return args
	}
	for i, a := range args {
		if b, ok := a.(bool); ok {
			args[i] = int64(0)
			if b {
				args[i] = int64(1)
			}
		}
	}
	return args
}

func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB, files embed.FS, folder string, options ...goose.ProviderOption) error {
	scripts, err := fs.Sub(files, folder)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, db, scripts, options...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}
