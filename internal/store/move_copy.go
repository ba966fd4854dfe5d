package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// moveStep is how many rows one transaction copies.
const moveStep = 5000

// copied is how far a table has come. It stands in the target, and changes in the transaction that copies rows.
type copied struct {
	Last []keyPart `json:"last"` // the key of the last row; nil: none yet
	Rows int64     `json:"rows"`
	Done bool      `json:"done"`
}

// keyPart is one column of a key, which is an integer or a text of any octets.
type keyPart struct {
	Integer *int64 `json:"i,omitempty"`
	Text    []byte `json:"t,omitempty"`
}

func (p keyPart) value() any {
	if p.Integer != nil {
		return *p.Integer
	}
	return string(p.Text)
}

func progressName(table string) string { return moveSetting + "/" + table }

// copyTable copies what is missing of a table, one transaction after another.
func (m *mover) copyTable(ctx context.Context, t movedTable) error {
	var state copied
	var text string
	err := m.target.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, progressName(t.name)).Scan(&text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &state)
	}
	if err = ignoreMissing(err); err != nil {
		return err
	}
	total, err := m.count(ctx, t)
	if err != nil {
		return err
	}
	m.tell(t.name, state.Rows, total)
	for !state.Done {
		if err := m.copyStep(ctx, t, &state); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		m.tell(t.name, state.Rows, total)
	}
	return nil
}

func (m *mover) count(ctx context.Context, t movedTable) (rows int64, err error) {
	err = m.source.reader.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t.name+t.where()).Scan(&rows)
	return rows, err
}

// copyStep copies the next rows and how far that is, or nothing.
func (m *mover) copyStep(ctx context.Context, t movedTable, state *copied) error {
	rows, err := m.read(ctx, t, state.Last)
	if err != nil {
		return err
	}
	next := copied{Last: state.Last, Rows: state.Rows + int64(len(rows)), Done: len(rows) < m.options.Step}
	if len(rows) > 0 {
		if next.Last, err = t.keyOf(rows[len(rows)-1]); err != nil {
			return err
		}
		for _, row := range rows {
			if err := m.fit(t, row); err != nil {
				return err
			}
		}
	}
	err = pgx.BeginFunc(ctx, m.target, func(tx pgx.Tx) error {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.targetNames(), pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, postgresDialect.number(writeMarkerSQL), progressName(t.name), encode(next))
		return err
	})
	if err == nil {
		*state = next
	}
	return err
}

// read reads the rows of the source after a key.
func (m *mover) read(ctx context.Context, t movedTable, last []keyPart) ([][]any, error) {
	var conditions []string
	var args []any
	if t.only != "" {
		conditions = append(conditions, t.only)
	}
	if last != nil {
		conditions = append(conditions, "("+t.keyList()+") > (?"+strings.Repeat(", ?", len(last)-1)+")")
		for _, part := range last {
			args = append(args, part.value())
		}
	}
	where := ""
	if len(conditions) > 0 {
		where = " WHERE " + strings.Join(conditions, " AND ")
	}
	found, err := m.source.reader.QueryContext(ctx, `SELECT `+t.sourceList()+` FROM `+t.name+where+` ORDER BY `+t.keyList()+
		` LIMIT ?`, append(args, m.options.Step)...)
	if err != nil {
		return nil, err
	}
	return scanRows(found, len(t.columns))
}

func scanRows(found *sql.Rows, width int) (rows [][]any, err error) {
	defer found.Close()
	for found.Next() {
		row, targets := make([]any, width), make([]any, width)
		for i := range row {
			targets[i] = &row[i]
		}
		if err := found.Scan(targets...); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

func (t movedTable) targetNames() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.target
	}
	return names
}

// keyOf is the key of a row as the source has it.
func (t movedTable) keyOf(row []any) (key []keyPart, err error) {
	for _, at := range t.key {
		switch v := row[at].(type) {
		case int64:
			key = append(key, keyPart{Integer: &v})
		case string:
			key = append(key, keyPart{Text: []byte(v)})
		default:
			return nil, fmt.Errorf("a key that is a %T cannot be moved", v)
		}
	}
	return key, nil
}

// fit makes the values of a row those that the target's columns take.
func (m *mover) fit(t movedTable, row []any) error {
	for i, c := range t.columns {
		value, changed, err := c.fit(row[i])
		if err != nil {
			return err
		}
		if changed {
			m.replaced++
		}
		row[i] = value
	}
	return nil
}

// fit answers a value of the source as the target stores it; changed: it could not stay what it was.
func (c movedColumn) fit(value any) (fitting any, changed bool, err error) {
	switch v := value.(type) {
	case nil:
		return nil, false, nil
	case int64:
		if c.kind == integerColumn {
			return v, false, nil
		}
	case string:
		if c.kind == textColumn {
			text := storable(v)
			return text, text != v, nil
		}
	case []byte:
		if c.kind == octetsColumn {
			if v == nil {
				v = []byte{} // zero octets are not NULL
			}
			return v, false, nil
		}
	}
	return nil, false, fmt.Errorf("column %s holds a %T, which the database does not take there", c.source, value)
}

// storable is a text as PostgreSQL can store it: a carrier may have sent octets that are no UTF-8, or a NUL.
func storable(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
