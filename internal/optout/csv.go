package optout

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
)

const (
	step        = 1000    // opt-outs that one transaction reads or writes
	longestLine = 4 << 10 // octets
	mostWrong   = 100     // lines that an answer names
)

// Header is the first line of the CSV, RFC 4180. In what is imported only the number is needed, and the header is not.
const Header = "number,sender,source,created_at"

// Imported is what came of an import.
type Imported struct {
	Added  int64 // new ones
	Known  int64 // those that were there already
	Failed int64 // lines that cannot be
	Wrong  []LineError
}

// LineError says what is wrong with one line, counted from 1.
type LineError struct {
	Line    int64
	Message string
}

func (r *Imported) fail(line int64, err error) {
	r.Failed++
	if len(r.Wrong) < mostWrong {
		r.Wrong = append(r.Wrong, LineError{line, messageOf(err)})
	}
}

// messageOf is an error as the line's owner reads it.
func messageOf(err error) string {
	refusal, ok := errors.AsType[*sms.Error](err)
	if !ok || len(refusal.Fields) == 0 {
		return err.Error()
	}
	return refusal.Fields[0].Field + " " + refusal.Fields[0].Message
}

// Import stores opt-outs from CSV, a thousand at a time, and goes on behind lines that cannot be. What was stored before
// an error of the store or the reader stays: the same file again does no harm.
func (s *Service) Import(ctx context.Context, by By, account *sms.Account, from io.Reader) (result Imported, err error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, longestLine), longestLine)
	var batch []sms.OptOut
	for line := int64(1); lines.Scan(); line++ {
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if text == "" || line == 1 && strings.HasPrefix(strings.ToLower(text), "number") {
			continue
		}
		o, err := parseLine(text)
		if err != nil {
			result.fail(line, err)
			continue
		}
		if o.Source == "" {
			o.Source = by.Source
		}
		if batch = append(batch, o); len(batch) == step {
			if err := s.keep(ctx, by, account, batch, &result); err != nil {
				return result, err
			}
			batch = batch[:0]
		}
	}
	if err := s.keep(ctx, by, account, batch, &result); err != nil {
		return result, err
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return result, sms.InvalidField("$", "has a line of more than %d octets behind %d opt-outs: is it CSV?", longestLine, result.Added+result.Known)
	} else if err != nil {
		return result, sms.InvalidField("$", "could not be read to its end; %d opt-outs were", result.Added+result.Known)
	}
	return result, nil
}

func (s *Service) keep(ctx context.Context, by By, account *sms.Account, batch []sms.OptOut, result *Imported) error {
	if len(batch) == 0 {
		return nil
	}
	list := append([]sms.OptOut(nil), batch...) // the store may still read it when we have given up
	added, err := s.store.ImportOptOuts(ctx, by.deed("opt-out import", account, fmt.Sprintf("%d lines", len(batch))), account.ID, list)
	if err == nil {
		result.Added, result.Known = result.Added+added, result.Known+int64(len(batch))-added
	}
	return err
}

// parseLine reads one line.
func parseLine(text string) (o sms.OptOut, err error) {
	if !utf8.ValidString(text) {
		return o, errors.New("is not UTF-8")
	}
	fields := strings.Split(text, ",")
	if strings.Contains(text, `"`) {
		if fields, err = csv.NewReader(strings.NewReader(text)).Read(); err != nil {
			return o, errors.New("has a quote where none may be")
		}
	}
	var cell [4]string
	copy(cell[:], fields)
	for i := range cell {
		cell[i] = strings.TrimSpace(strings.TrimPrefix(cell[i], "'"))
	}
	if o, err = parse(cell[0], cell[1]); err != nil {
		return o, err
	}
	if o.Source = cell[2]; utf8.RuneCountInString(o.Source) > 64 {
		return o, errors.New("source must be at most 64 characters")
	}
	if cell[3] != "" {
		if o.At, err = time.Parse(time.RFC3339, cell[3]); err != nil || o.At.Year() < 1970 || o.At.Year() > 2200 {
			return o, errors.New("created_at must be a moment of RFC 3339, such as 2031-02-03T07:45:00Z")
		}
	}
	return o, nil
}

// Export writes the opt-outs of an account as CSV, a page at a time. Exceptions (a sender that is wanted though others
// are not) are none and stay out.
func (s *Service) Export(ctx context.Context, account *sms.Account, q Query, to io.Writer) error {
	if _, err := io.WriteString(to, Header+"\r\n"); err != nil {
		return err
	}
	for q.Limit = step; ; {
		list, next, err := s.List(ctx, account, q)
		if err != nil {
			return err
		}
		var page strings.Builder
		for _, o := range list {
			if !o.Allowed {
				fmt.Fprintf(&page, "%s,%s,%s,%s\r\n", o.Number, Cell(o.Sender), Cell(o.Source), o.At.Format(time.RFC3339))
			}
		}
		if _, err := io.WriteString(to, page.String()); err != nil || next == "" {
			return err
		}
		q.Cursor = next
	}
}

// Cell writes a cell of CSV so that no spreadsheet takes it for a formula.
func Cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		text = "'" + text
	}
	if strings.ContainsAny(text, "\",\r\n") {
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}
