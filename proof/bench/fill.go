package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// filler multiplies one finished message of a stopped server by SQL of its own, on the real schema: whatever columns a
// message has, they are copied, but for the id, which carries the time, and what follows from it.
type filler struct {
	db      *sql.DB
	numbers string // SQL: the rows (i) from $1 to $2
	random  string // SQL: any 64-bit integer
	columns []string
	model   int64         // the id of the message that is copied
	step    time.Duration // between two of the copies, which end where the model is
}

// age is how old the oldest stored message is.
const age = 30 * 24 * time.Hour

// chunk is how many messages one transaction stores.
const chunk = 200_000

// millisecond is one in the id of a message; see sms.ID.
const millisecond = 1 << 22

func (f *filler) fill(ctx context.Context, n int) error {
	if n == 0 {
		return nil
	}
	if err := f.learn(ctx); err != nil {
		return err
	}
	f.step = max(age/time.Duration(n), time.Millisecond)
	for first := 1; first <= n; first += chunk {
		last := min(first+chunk-1, n)
		if _, err := f.db.ExecContext(ctx, f.insert(n), first, last); err != nil {
			return fmt.Errorf("stored messages %d to %d: %w", first, last, err)
		}
	}
	var stored int
	if err := f.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM message WHERE id < `+fmt.Sprint(f.model)).Scan(&stored); err != nil {
		return err
	}
	if stored < n {
		return fmt.Errorf("%d messages are stored, want %d", stored, n)
	}
	return nil
}

// learn finds the oldest message, which must be delivered, and what columns it has.
func (f *filler) learn(ctx context.Context) error {
	rows, err := f.db.QueryContext(ctx, `SELECT * FROM message ORDER BY id LIMIT 1`)
	if err != nil {
		return err
	}
	f.columns, err = rows.Columns()
	if closed := rows.Close(); err != nil || closed != nil {
		return fmt.Errorf("columns of message: %w", err)
	}
	var final sql.NullInt64
	if err := f.db.QueryRowContext(ctx, `SELECT id, final_at FROM message ORDER BY id LIMIT 1`).Scan(&f.model, &final); err != nil {
		return fmt.Errorf("no message to copy: %w", err)
	}
	if !final.Valid || !slices.Contains(f.columns, "destination") {
		return fmt.Errorf("message %d has no end, or the schema is another", f.model)
	}
	return nil
}

// insert is the statement that stores the copies $1 to $2 of n. The first is the oldest.
func (f *filler) insert(n int) string {
	back := fmt.Sprintf("(%d - g.i) * %d", n+1, f.step.Milliseconds()) // milliseconds before the model
	values := make([]string, len(f.columns))
	for i, column := range f.columns {
		switch values[i] = "m." + column; column {
		case "id":
			values[i] = fmt.Sprintf("m.id - %s * %d", back, millisecond)
		case "sent_at", "final_at", "expires_at":
			values[i] += " - " + back
		case "destination":
			values[i] = "393000000000 + (g.i * 7919) % 1000000000"
		case "digest":
			values[i] = f.random
		}
	}
	return fmt.Sprintf("INSERT INTO message (%s) SELECT %s FROM %s, message m WHERE m.id = %d ORDER BY g.i",
		strings.Join(f.columns, ", "), strings.Join(values, ", "), f.numbers, f.model)
}
