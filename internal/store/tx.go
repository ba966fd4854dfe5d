package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Tx is one transaction. It must not be kept after the function that got it returns.
type Tx struct {
	ctx      context.Context
	dialect  dialect
	rows     rows
	stmts    *statements
	read     *sql.Tx
	now      time.Time
	actor    string
	revision int64
	balances ledger
	unmarked map[*Mark]*unmarked
	parked   int      // receipts parked here, less those unparked
	waiting  int64    // messages that wait now and did not before, less those that do no more
	ready    []Lane   // of messages that may go once this is committed
	marks    []int64  // made here
	done     []func() // what to do once this is committed
	routes   routes
	wholes   map[int64]bool // the keys of messages of one part that came from handsets here
	reached  [sms.States]int64
	traffic  tally
	stirred  map[EventQueue]bool // with new events

	withdrawn []sms.ID // messages cancelled here that may be in memory
}

// after has work done once the transaction is committed, in the commit loop.
func (tx *Tx) after(work func()) { tx.done = append(tx.done, work) }

// goes notes that a message may go once this is committed.
func (tx *Tx) goes(m *sms.Message) {
	lane := Lane{Carrier: m.Carrier, Priority: m.Priority, Account: m.Account}
	if tx.dialect.numbered && !slices.Contains(tx.ready, lane) {
		tx.ready = append(tx.ready, lane)
	}
}

// Exec runs a statement and answers how many rows it touched. Parameters are written "?".
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	return tx.stmts.run(tx.ctx, query, tx.dialect.arguments(args))
}

// Query runs a statement that answers rows; close them before the next call.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	args = tx.dialect.arguments(args)
	if tx.read != nil {
		return tx.read.QueryContext(tx.ctx, tx.dialect.number(query), args...)
	}
	stmt, err := tx.stmts.get(tx.ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(tx.ctx, args...)
}

// QueryRow runs a statement that answers at most one row.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	args = tx.dialect.arguments(args)
	if tx.read != nil {
		return tx.read.QueryRowContext(tx.ctx, tx.dialect.number(query), args...)
	}
	if stmt, err := tx.stmts.get(tx.ctx, query); err == nil {
		return stmt.QueryRowContext(tx.ctx, args...)
	}
	return tx.stmts.conn.QueryRowContext(tx.ctx, tx.dialect.number(query), args...)
}

// Now is the moment of the transaction.
func (tx *Tx) Now() time.Time { return tx.now }

// Revision is the number that a row changed by Store.Change carries as its version.
func (tx *Tx) Revision() int64 { return tx.revision }

// Audit notes who did what to what; detail holds no secret.
func (tx *Tx) Audit(action, target, detail string) error {
	_, err := tx.Exec(`INSERT INTO audit (at, actor, action, target, detail) VALUES (?, ?, ?, ?, ?)`,
		tx.now.UnixMilli(), tx.actor, action, target, detail)
	return err
}

// prepared answers a statement of the reading connections, prepared once.
func (s *Store) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := s.reads.Load(query); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := s.reader.PrepareContext(ctx, s.dialect.number(query))
	if err != nil {
		return nil, err
	}
	if first, loaded := s.reads.LoadOrStore(query, stmt); loaded {
		return first.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}
