package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// statements keeps what is prepared on the writing connection. It belongs to the commit loop.
type statements struct {
	dialect dialect
	conn    *sql.Conn
	byQuery map[string]*sql.Stmt

	// Writes go to SQLite's driver directly: database/sql costs a fifth of a small statement.
	driver driver.ConnPrepareContext // nil: not SQLite
	direct map[string]directStatement
	values []driver.NamedValue
}

func newStatements(d dialect, conn *sql.Conn) *statements {
	s := &statements{dialect: d, conn: conn, byQuery: map[string]*sql.Stmt{}, direct: map[string]directStatement{}}
	if !d.numbered {
		_ = conn.Raw(func(c any) error {
			s.driver, _ = c.(driver.ConnPrepareContext)
			return nil
		})
	}
	return s
}

// get answers a prepared statement.
func (s *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := s.byQuery[query]; ok {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(ctx, s.dialect.number(query))
	if err == nil {
		s.byQuery[query] = stmt
	}
	return stmt, err
}

// run runs a statement without rows and answers how many rows it touched.
func (s *statements) run(ctx context.Context, query string, args []any) (int64, error) {
	if s.driver != nil {
		return s.runDirect(ctx, query, args)
	}
	stmt, err := s.get(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *statements) runDirect(ctx context.Context, query string, args []any) (int64, error) {
	stmt, err := s.bound(ctx, query, args)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, s.values)
	clear(s.values)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// number runs a statement that answers at most one row of one integer; sql.ErrNoRows when there is none.
func (s *statements) number(ctx context.Context, query string, args []any) (int64, error) {
	if s.driver == nil {
		stmt, err := s.get(ctx, query)
		if err != nil {
			return 0, err
		}
		var number int64
		err = stmt.QueryRowContext(ctx, args...).Scan(&number)
		return number, err
	}
	stmt, err := s.bound(ctx, query, args)
	if err != nil {
		return 0, err
	}
	rows, err := stmt.QueryContext(ctx, s.values)
	clear(s.values)
	if err != nil {
		return 0, err
	}
	var row [1]driver.Value
	err = rows.Next(row[:])
	if closed := rows.Close(); errors.Is(err, io.EOF) {
		return 0, errors.Join(sql.ErrNoRows, closed)
	} else if err != nil {
		return 0, errors.Join(err, closed)
	}
	number, ok := row[0].(int64)
	if !ok {
		return 0, fmt.Errorf("%T where a number is expected", row[0])
	}
	return number, nil
}

// directStatement is what SQLite's driver prepares.
type directStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// bound answers a statement of the driver, prepared once, and puts its arguments into s.values.
func (s *statements) bound(ctx context.Context, query string, args []any) (directStatement, error) {
	stmt, ok := s.direct[query]
	if !ok {
		prepared, err := s.driver.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		stmt = prepared.(directStatement)
		s.direct[query] = stmt
	}
	s.values = s.values[:0]
	for i, a := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, err
		}
		s.values = append(s.values, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	return stmt, nil
}

// close gives the statements of the driver back; those of database/sql go with their connection.
func (s *statements) close() (err error) {
	for query, stmt := range s.direct {
		err = errors.Join(err, stmt.Close())
		delete(s.direct, query)
	}
	return err
}
