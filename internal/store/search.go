package store

import (
	"context"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/staffetta/staffetta/internal/sms"
)

// Filter says what messages must be like. What is empty fits every message; a blanked one fits no number and no text.
type Filter struct {
	Begins, Ends     string // digits with which the destination begins, country code first, and with which it ends
	Sender, Campaign string // is contained, in whatever case
	Text             string // likewise; not of what is no text
}

// Walk is one step of a search: so many messages are looked at, in order of acceptance.
type Walk struct {
	Span // Limit: how many messages are wanted; Skip is not looked at
	Filter
	Most int // messages looked at
}

// Walked is what a step found.
type Walked struct {
	Records []*sms.Record // in the order of the walk
	Reached sms.ID        // everything up to it, in the order of the walk, was looked at
	Looked  int           // how many messages that were
	End     bool          // nothing of the span is left
}

// Walk looks at messages of an account, or of all accounts (0), for those that fit. There is no index for it but that of
// the account, or the primary key: it takes as long as Most says, and the next step goes on behind Reached.
func (s *Store) Walk(ctx context.Context, account sms.AccountID, w Walk) (walked Walked, err error) {
	w.Last = notAhead(w.Last)
	if w.First > w.Last {
		return Walked{End: true, Reached: w.end()}, nil
	}
	err = s.View(ctx, func(tx *Tx) error {
		if err := tx.measure(account, w, &walked); err != nil {
			return err
		}
		if walked.Looked == 0 {
			return nil
		}
		walked.Records, err = tx.fitting(account, w, walked.Reached)
		return err
	})
	if n := len(walked.Records); err == nil && n > 0 && n == w.Limit {
		walked.Reached, walked.End = walked.Records[n-1].Message.ID, false
	}
	walked.Records = w.exactly(walked.Records)
	return walked, err
}

// end is the last id that a walk can reach.
func (p Span) end() sms.ID {
	if p.OldestFirst {
		return p.Last
	}
	return p.First
}

// measure finds how far a step goes: on PostgreSQL in the week where it begins, which is often enough.
func (tx *Tx) measure(account sms.AccountID, w Walk, walked *Walked) error {
	spans := []Span{w.Span}
	if tx.dialect.numbered {
		spans = []Span{w.newestWeek(), w.Span}
	}
	for _, span := range spans {
		query, args := tx.ahead(account, span, w.Most)
		if err := tx.QueryRow(query, args...).Scan(&walked.Looked, (*int64)(&walked.Reached)); err != nil {
			return err
		}
		if walked.Looked >= w.Most {
			return nil
		}
	}
	walked.End, walked.Reached = true, w.end()
	return nil
}

// ahead counts the next messages, to Most, and names the last of them. Of an account it reads its index alone.
func (tx *Tx) ahead(account sms.AccountID, span Span, most int) (query string, args []any) {
	last, order := `MIN`, ` ORDER BY id DESC LIMIT ?`
	if span.OldestFirst {
		last, order = `MAX`, ` ORDER BY id LIMIT ?`
	}
	args = tx.planned()
	from := `message WHERE id BETWEEN ? AND ?`
	if account == 0 {
		args = append(args, int64(span.First), int64(span.Last), most)
	} else {
		var ranges []string
		for _, state := range span.states() {
			ranges = append(ranges, `SELECT id FROM (SELECT id FROM message`+tx.dialect.accountIndex+` WHERE account_id = ? AND state = ?
				AND id BETWEEN ? AND ?`+order+`) AS one`)
			args = append(args, int64(account), int64(state), int64(span.First), int64(span.Last), most)
		}
		from, args = `(`+strings.Join(ranges, ` UNION ALL `)+`) AS every`, append(args, most)
	}
	return `SELECT COUNT(*), COALESCE(` + last + `(id), 0) FROM (SELECT id FROM ` + from + order + `) AS walked`, args
}

// planned begins the arguments of a statement that must be planned for its bounds: a plan for any would look into every
// partition.
func (tx *Tx) planned() []any {
	if tx.dialect.numbered {
		return []any{pgx.QueryExecModeExec}
	}
	return nil
}

func (p Span) states() []sms.State {
	if len(p.States) == 0 {
		return everyState
	}
	return p.States
}

// fitting reads those that fit, from where the walk begins to what it reached.
func (tx *Tx) fitting(account sms.AccountID, w Walk, reached sms.ID) (records []*sms.Record, err error) {
	order := ` ORDER BY id DESC LIMIT ?`
	if w.OldestFirst {
		w.Last, order = reached, ` ORDER BY id LIMIT ?`
	} else {
		w.First = reached
	}
	query := `SELECT ` + messageColumns + ` FROM message`
	c := conditions{args: tx.planned()}
	if account == 0 {
		query += ` WHERE `
	} else {
		query += tx.dialect.accountIndex + ` WHERE `
		c.add(`account_id = ?`, int64(account))
	}
	if account != 0 || len(w.States) > 0 {
		c.states(w.states())
	}
	c.add(`id BETWEEN ? AND ?`, int64(w.First), int64(w.Last))
	c.filter(w.Filter, tx.dialect.like)
	rows, err := tx.Query(query+strings.Join(c.all, ` AND `)+order, append(c.args, w.Limit)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		record, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, rows.Err()
}

// conditions are what stands in a WHERE, joined by AND.
type conditions struct {
	all  []string
	args []any
}

func (c *conditions) add(condition string, args ...any) {
	c.all, c.args = append(c.all, condition), append(c.args, args...)
}

func (c *conditions) states(states []sms.State) {
	var args []any
	for _, state := range states {
		args = append(args, int64(state))
	}
	c.add(`state IN (?`+strings.Repeat(`, ?`, len(states)-1)+`)`, args...)
}

// filter adds what costs least first.
func (c *conditions) filter(f Filter, like string) {
	if f.Begins != "" {
		c.begins(f.Begins)
	}
	if f.Ends != "" {
		c.add(`destination % ? = ? AND destination > 0`, power(len(f.Ends)), number(f.Ends))
	}
	if f.Sender != "" {
		c.add(`sender `+like, contains(f.Sender))
	}
	if f.Campaign != "" {
		c.add(`campaign `+like, contains(f.Campaign))
	}
	if f.Text != "" {
		c.add(`encoding <> ? AND flags & ? = 0 AND body `+like, int64(sms.Octets), int64(flagRaw), contains(f.Text))
	}
}

// longestNumber is how many digits E.164 allows.
const longestNumber, shortestNumber = 15, 7

// begins wants a number of any length that begins so: each length is a range.
func (c *conditions) begins(digits string) {
	var ranges []string
	var args []any
	for length := max(len(digits), shortestNumber); length <= longestNumber; length++ {
		unit := power(length - len(digits))
		ranges, args = append(ranges, `destination BETWEEN ? AND ?`), append(args, number(digits)*unit, (number(digits)+1)*unit-1)
	}
	if len(ranges) == 0 || digits[0] == '0' { // no number does
		ranges, args = []string{`1 = 0`}, nil
	}
	c.add(`(`+strings.Join(ranges, ` OR `)+`)`, args...)
}

func power(digits int) (unit int64) {
	unit = 1
	for range min(digits, longestNumber+1) {
		unit *= 10
	}
	return unit
}

// number reads digits; more than a number can have is a number that none is.
func number(digits string) int64 {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || len(digits) > longestNumber {
		return -1
	}
	return n
}

// contains is a pattern for text that holds another. The engines differ about the case of letters beyond ASCII: any
// character stands for those, and who asks looks again.
func contains(text string) string {
	var pattern strings.Builder
	pattern.WriteByte('%')
	for _, r := range text {
		switch {
		case r == '%' || r == '_' || r == '\\':
			pattern.WriteByte('\\')
			pattern.WriteRune(r)
		case r >= utf8.RuneSelf && (unicode.ToLower(r) != r || unicode.ToUpper(r) != r):
			pattern.WriteByte('_')
		default:
			pattern.WriteRune(r)
		}
	}
	pattern.WriteByte('%')
	return pattern.String()
}

// exactly keeps those of which the engine could not be asked exactly.
func (f Filter) exactly(records []*sms.Record) []*sms.Record {
	kept := records[:0]
	for _, r := range records {
		m := r.Message
		if holds(string(m.Sender), f.Sender) && holds(m.Campaign, f.Campaign) && holds(m.Text, f.Text) {
			kept = append(kept, r)
		}
	}
	return kept
}

func holds(text, part string) bool {
	return part == "" || strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
