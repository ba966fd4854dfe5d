package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// movedTable is a table that stands in both databases. The columns are found in the databases themselves, so that a
// migration needs no change here.
type movedTable struct {
	name    string
	columns []movedColumn
	key     []int  // the columns of SQLite's primary key, in its order
	only    string // which rows; empty: all
	after   []string
}

type movedColumn struct {
	source, target string
	kind           columnKind
	identity       bool // the target counts by itself
}

type columnKind byte

const (
	integerColumn columnKind = iota + 1
	textColumn
	octetsColumn
)

// renamed are the columns that had to have another name: ONLY is a word of PostgreSQL's.
var renamed = map[string]string{"revision.only": "one"}

// targetsOwn are the tables for processes that share a database; a data folder has one process.
var targetsOwn = []string{"node", "share", "rate_share"}

// migrationTables belong to goose.
const migrationTables = "goose_"

// chosenRows is what of a table is moved: markers and progress belong to one database.
func chosenRows(table string) string {
	if table == "setting" {
		return `name <> '` + moveSetting + `' AND name NOT LIKE '` + moveSetting + `/%'`
	}
	return ""
}

// movedTables reads both schemas; a table comes after those that it refers to. A table or column of the source without
// a place in the target is an error, so is a table of the target that nobody fills.
func movedTables(ctx context.Context, source *sql.DB, target *pgx.Conn) ([]movedTable, error) {
	places, err := targetColumns(ctx, target)
	if err != nil {
		return nil, err
	}
	names, err := sourceNames(ctx, source)
	if err != nil {
		return nil, err
	}
	var tables []movedTable
	for _, name := range names {
		table, err := readTable(ctx, source, name, places[name])
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
		delete(places, name)
	}
	for name := range places {
		if !slices.Contains(targetsOwn, name) {
			return nil, fmt.Errorf("the database has a table %s that is not in the data folder: it belongs to another version or program", name)
		}
	}
	return inOrder(tables), nil
}

// targetColumn is a column of PostgreSQL.
type targetColumn struct {
	name, kind         string
	required, identity bool
}

// targetColumns are the columns of all tables; of a partitioned table, those of the whole.
func targetColumns(ctx context.Context, target *pgx.Conn) (map[string][]targetColumn, error) {
	rows, err := target.Query(ctx, `SELECT c.relname, a.attname, t.typname, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
		a.attidentity <> '' FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attname`)
	if err != nil {
		return nil, err
	}
	columns := map[string][]targetColumn{}
	var table string
	var c targetColumn
	_, err = pgx.ForEachRow(rows, []any{&table, &c.name, &c.kind, &c.required, &c.identity}, func() error {
		if !strings.HasPrefix(table, migrationTables) {
			columns[table] = append(columns[table], c)
		}
		return nil
	})
	return columns, err
}

func sourceNames(ctx context.Context, source *sql.DB) (names []string, err error) {
	rows, err := source.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if !strings.HasPrefix(name, migrationTables) && !strings.HasPrefix(name, "sqlite_") {
			names = append(names, name)
		}
	}
	return names, rows.Err()
}

// readTable pairs the columns of a table, in order of their names in the target.
func readTable(ctx context.Context, source *sql.DB, name string, places []targetColumn) (movedTable, error) {
	table := movedTable{name: name, only: chosenRows(name)}
	found, key, err := sourceColumns(ctx, source, name)
	if err != nil {
		return table, err
	}
	for _, place := range places {
		at := slices.IndexFunc(found, func(column string) bool { return column == place.name || renamed[name+"."+column] == place.name })
		if at < 0 && place.required {
			return table, fmt.Errorf("table %s: the data folder has no column %s, and the database needs it", name, place.name)
		}
		if at < 0 {
			continue
		}
		kind, ok := kinds[place.kind]
		if !ok {
			return table, fmt.Errorf("table %s: column %s has type %s, which nobody knows how to move", name, place.name, place.kind)
		}
		table.columns = append(table.columns, movedColumn{found[at], place.name, kind, place.identity})
		found = slices.Delete(found, at, at+1)
	}
	if len(found) > 0 {
		return table, fmt.Errorf("table %s: the database has no place for %s", name, strings.Join(found, ", "))
	}
	for _, column := range key {
		table.key = append(table.key, slices.IndexFunc(table.columns, func(c movedColumn) bool { return c.source == column }))
	}
	if len(table.key) == 0 {
		return table, fmt.Errorf("table %s has no primary key", name)
	}
	table.after, err = oneColumn(ctx, source, `SELECT "table" FROM pragma_foreign_key_list(?)`, name)
	return table, err
}

var kinds = map[string]columnKind{"int2": integerColumn, "int4": integerColumn, "int8": integerColumn, "text": textColumn, "bytea": octetsColumn}

func sourceColumns(ctx context.Context, source *sql.DB, table string) (columns, key []string, err error) {
	if columns, err = oneColumn(ctx, source, `SELECT name FROM pragma_table_info(?)`, table); err != nil {
		return nil, nil, err
	}
	key, err = oneColumn(ctx, source, `SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`, table)
	return columns, key, err
}

func oneColumn(ctx context.Context, db *sql.DB, query, argument string) (values []string, err error) {
	rows, err := db.QueryContext(ctx, query, argument)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, rows.Err()
}

// inOrder puts tables behind those that they refer to.
func inOrder(tables []movedTable) (ordered []movedTable) {
	there := map[string]bool{}
	for len(ordered) < len(tables) {
		before := len(ordered)
		for _, t := range tables {
			if !there[t.name] && !slices.ContainsFunc(t.after, func(other string) bool { return !there[other] && other != t.name }) {
				ordered, there[t.name] = append(ordered, t), true
			}
		}
		if len(ordered) == before { // tables that refer to each other in a circle: the database will say so
			return tables
		}
	}
	return ordered
}

// sourceList and targetList are the columns as each database calls them.
func (t movedTable) sourceList() string {
	return t.list(func(c movedColumn) string { return c.source })
}
func (t movedTable) targetList() string {
	return t.list(func(c movedColumn) string { return c.target })
}

func (t movedTable) list(name func(movedColumn) string) string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = pgx.Identifier{name(c)}.Sanitize()
	}
	return strings.Join(names, ", ")
}

// keyList is the primary key as SQLite calls it.
func (t movedTable) keyList() string {
	names := make([]string, len(t.key))
	for i, at := range t.key {
		names[i] = pgx.Identifier{t.columns[at].source}.Sanitize()
	}
	return strings.Join(names, ", ")
}

func (t movedTable) where() string {
	if t.only == "" {
		return ""
	}
	return " WHERE " + t.only
}
