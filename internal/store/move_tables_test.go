package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/pgtest"
)

// Every column of both schemas has its counterpart: a migration of one side alone fails here.
func TestMoveKnowsEveryColumn(t *testing.T) {
	m := &mover{options: MoveOptions{URL: pgtest.Start(t, "fsync=off").URL()}, source: openIn(t, t.TempDir())}
	if err := m.openTarget(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.close(); err != nil {
			t.Error(err)
		}
	}()
	tables, err := movedTables(t.Context(), m.source.reader, m.target)
	if err != nil {
		t.Fatal(err)
	}
	there, err := targetColumns(t.Context(), m.target)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		for _, c := range there[table.name] {
			if !slices.Contains(table.targetNames(), c.name) {
				t.Errorf("table %s: nothing fills the column %s of the database", table.name, c.name)
			}
		}
	}
	if names, err := sourceNames(t.Context(), m.source.reader); err != nil || len(names) != len(tables) || len(tables) < 15 {
		t.Errorf("%d of %v are moved, error %v", len(tables), names, err)
	}
	if position(tables, "account") > position(tables, "balance") {
		t.Error("a balance comes before its account")
	}
	for _, change := range []struct{ statement, want string }{
		{`ALTER TABLE message ADD COLUMN novelty BIGINT NOT NULL`, "table message: the data folder has no column novelty"},
		{`ALTER TABLE message DROP COLUMN novelty, DROP COLUMN campaign`, "table message: the database has no place for campaign"},
		{`CREATE TABLE novelty (id BIGINT)`, "no place for campaign"},
		{`ALTER TABLE message ADD COLUMN campaign TEXT`, "a table novelty that is not in the data folder"},
		{`DROP TABLE novelty`, ""},
	} {
		if _, err := m.target.Exec(t.Context(), change.statement); err != nil {
			t.Fatal(err)
		}
		_, err := movedTables(t.Context(), m.source.reader, m.target)
		if (err == nil) != (change.want == "") || err != nil && !strings.Contains(err.Error(), change.want) {
			t.Errorf("after %s: %v", change.statement, err)
		}
	}
}

func position(tables []movedTable, name string) int {
	return slices.IndexFunc(tables, func(t movedTable) bool { return t.name == name })
}

func TestSumsDoNotDependOnOrder(t *testing.T) {
	add := func(rows ...[]string) Content {
		s := newSum(movedTable{})
		for _, row := range rows {
			for _, value := range row {
				if value == "NULL" {
					s.null()
				} else {
					s.value([]byte(value))
				}
			}
			s.row()
		}
		return s.content()
	}
	a, b := []string{"1", "x"}, []string{"2", "NULL"}
	if add(a, b) != add(b, a) {
		t.Error("the order of rows counts")
	}
	for name, other := range map[string]Content{"a row twice": add(a, a), "less": add(a), "NULL and empty": add(a, []string{"2", ""}),
		"shifted": add([]string{"1x", ""}, b), "swapped": add([]string{"x", "1"}, b)} {
		if other == add(a, b) {
			t.Errorf("%s is not noticed", name)
		}
	}
}

func TestShownURLHasNoPassword(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://u:s3cret@h:5432/d?sslmode=disable": "postgres://u:xxxxx@h:5432/d?sslmode=disable",
		"postgres://u@h/d?password=s3cret":             "postgres://u@h/d?password=xxxxx",
		"postgres://h/d":                               "postgres://h/d",
		"postgres://u:s3cr%zzet@h/d":                   "the database",
	} {
		if got := withoutCredentials(url); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}
