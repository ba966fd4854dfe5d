package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/staffetta/staffetta/internal/sms"
)

// ErrMoveDiffers is the error of a move after which the two databases do not hold the same.
var ErrMoveDiffers = errors.New("the database does not hold what the data folder holds")

// Content is what a table holds, in a form that does not depend on the order of its rows.
type Content struct {
	Rows     int64  `json:"rows"`
	Checksum string `json:"checksum"` // the sum of the hashes of its rows, modulo 2^128
}

// MovedTable is one table on both sides.
type MovedTable struct {
	Table  string  `json:"table"`
	Source Content `json:"source"`
	Target Content `json:"target"`
	OK     bool    `json:"ok"`
}

// Sums are the credit and the reservations of all accounts, in JSON in euro, counted from the rows that were read.
type Sums struct {
	Credit   sms.Money `json:"credit"`
	Reserved sms.Money `json:"reserved"`
}

// sum adds up rows. Both sides give it the same canonical text of a row, written here and not by either database: for
// each column its length and its octets, or that it is NULL.
type sum struct {
	table    movedTable
	rows     int64
	high, lo uint64
	text     []byte
	sums     Sums
}

func newSum(t movedTable) *sum { return &sum{table: t} }

// null and value add a column to the text of the row.
func (s *sum) null() { s.text = append(s.text, 'N') }

func (s *sum) value(octets []byte) {
	s.text = strconv.AppendInt(s.text, int64(len(octets)), 10)
	s.text = append(s.text, ':')
	s.text = append(s.text, octets...)
}

// row ends a row.
func (s *sum) row() {
	hash := sha256.Sum256(s.text)
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, binary.BigEndian.Uint64(hash[8:16]), 0)
	s.high, _ = bits.Add64(s.high, binary.BigEndian.Uint64(hash[:8]), carry)
	s.rows++
	s.text = s.text[:0]
}

// money adds to the sums what a column of the table balance holds.
func (s *sum) money(column string, amount int64) {
	if s.table.name != "balance" {
		return
	}
	switch column {
	case "credit":
		s.sums.Credit += sms.Money(amount)
	case "reserved":
		s.sums.Reserved += sms.Money(amount)
	}
}

func (s *sum) content() Content {
	var octets [16]byte
	binary.BigEndian.PutUint64(octets[:8], s.high)
	binary.BigEndian.PutUint64(octets[8:], s.lo)
	return Content{Rows: s.rows, Checksum: hex.EncodeToString(octets[:])}
}

// verify reads all of both databases again and compares; the error says which tables differ.
func (m *mover) verify(ctx context.Context, tables []movedTable) error {
	var wrong []string
	for i, t := range tables {
		m.tell("verifying "+t.name, int64(i), int64(len(tables)))
		source, err := m.sumSource(ctx, t)
		if err != nil {
			return fmt.Errorf("table %s of the data folder: %w", t.name, err)
		}
		target, err := m.sumTarget(ctx, t)
		if err != nil {
			return fmt.Errorf("table %s of the database: %w", t.name, err)
		}
		row := MovedTable{Table: t.name, Source: source.content(), Target: target.content()}
		row.OK = row.Source == row.Target && source.sums == target.sums
		m.result.Tables = append(m.result.Tables, row)
		if t.name == "balance" {
			m.result.Source, m.result.Target = source.sums, target.sums
		}
		if !row.OK {
			wrong = append(wrong, t.name)
		}
	}
	slices.SortFunc(m.result.Tables, func(a, b MovedTable) int { return cmp.Compare(a.Table, b.Table) })
	slices.Sort(wrong)
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", ErrMoveDiffers, strings.Join(wrong, ", "))
	}
	return nil
}

func (m *mover) sumSource(ctx context.Context, t movedTable) (*sum, error) {
	rows, err := m.source.reader.QueryContext(ctx, `SELECT `+t.sourceList()+` FROM `+t.name+t.where())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	s := newSum(t)
	row, targets := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range row {
		targets[i] = &row[i]
	}
	var text []byte
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		for i, c := range t.columns {
			value, _, err := c.fit(row[i])
			if err != nil {
				return nil, err
			}
			switch v := value.(type) {
			case nil:
				s.null()
			case int64:
				text = strconv.AppendInt(text[:0], v, 10)
				s.value(text)
				s.money(c.source, v)
			case string:
				text = append(text[:0], v...)
				s.value(text)
			case []byte:
				text = hex.AppendEncode(append(text[:0], `\x`...), v)
				s.value(text)
			}
		}
		s.row()
	}
	return s, rows.Err()
}

// sumTarget asks for the text of each column, another way than the binary one in which the rows were written.
func (m *mover) sumTarget(ctx context.Context, t movedTable) (*sum, error) {
	rows, err := m.target.Query(ctx, `SELECT `+t.targetList()+` FROM `+pgx.Identifier{t.name}.Sanitize()+t.where(), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	s := newSum(t)
	for rows.Next() {
		for i, raw := range rows.RawValues() {
			if raw == nil {
				s.null()
				continue
			}
			s.value(raw)
			if c := t.columns[i]; t.name == "balance" && c.kind == integerColumn {
				amount, err := strconv.ParseInt(string(raw), 10, 64)
				if err != nil {
					return nil, err
				}
				s.money(c.target, amount)
			}
		}
		s.row()
	}
	return s, rows.Err()
}
