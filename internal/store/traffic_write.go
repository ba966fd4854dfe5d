package store

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// trafficLife is how long the counts of an hour are kept.
const trafficLife = 400 * 24 * time.Hour

var trafficColumns = [trafficWidth]string{"accepted", "parts", "refused", "scheduled", "failed", "expired", "cancelled", "unknown", "charged",
	"sent", "delivered", "latency_0", "latency_1", "latency_2", "latency_3", "latency_4", "latency_5", "latency_6", "latency_7",
	"latency_8", "latency_9", "latency_10", "latency_11", "latency_12", "latency_13", "latency_14", "latency_15"}

// spans are the columns that mostly change together: a statement names those of which some do. One bit for each.
var spans = [...]struct{ from, to int }{{countAccepted, countFailed}, {countFailed, countDelivered}, {countDelivered, trafficWidth}}

// trafficStatement changes the columns of some spans.
type trafficStatement struct {
	columns []int
	update  string // SQLite: one row, when it is there
	insert  string // SQLite: one row, when it is not
	upsert  string // PostgreSQL: one row
	upserts string // PostgreSQL: many rows
}

// trafficStatements are those of all sets of spans.
var trafficStatements = func() (all [1 << len(spans)]trafficStatement) {
	for set := range all {
		var s trafficStatement
		for i, span := range spans {
			for column := span.from; set&(1<<i) != 0 && column < span.to; column++ {
				s.columns = append(s.columns, column)
			}
		}
		s.write()
		all[set] = s
	}
	return all
}()

const trafficKeyColumns = `hour, account_id, carrier_id, node`

func (s *trafficStatement) write() {
	var names, adds, joins []string
	for _, column := range s.columns {
		name := trafficColumns[column]
		names, adds = append(names, name), append(adds, name+" = "+name+" + ?")
		joins = append(joins, name+" = traffic."+name+" + excluded."+name)
	}
	s.update = `UPDATE traffic SET ` + strings.Join(adds, ", ") + ` WHERE hour = ? AND account_id = ? AND carrier_id = ? AND node = ?`
	into := `INSERT INTO traffic (` + strings.Join(names, ", ") + `, ` + trafficKeyColumns + `) `
	s.insert = into + `VALUES (?` + strings.Repeat(", ?", len(names)+3) + `)`
	add := ` ON CONFLICT (` + trafficKeyColumns + `) DO UPDATE SET ` + strings.Join(joins, ", ")
	s.upsert, s.upserts = s.insert+add, into+`SELECT * FROM unnest(?::bigint[]`+strings.Repeat(", ?::bigint[]", len(names)+3)+`)`+add
}

// trafficChange is what a transaction does to one row.
type trafficChange struct {
	trafficKey
	*trafficCounts
}

// changes are the rows that change, in their order, and the statement for them.
func (t *tally) changes() (rows []trafficChange, statement *trafficStatement) {
	set := 0
	for key, counts := range t.rows {
		if touched := counts.spans(); touched != 0 {
			rows, set = append(rows, trafficChange{key, counts}), set|touched
		}
	}
	slices.SortFunc(rows, func(a, b trafficChange) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.account, b.account), cmp.Compare(a.carrier, b.carrier))
	})
	return rows, &trafficStatements[set]
}

// sums are the same changes without regard to the account.
func (t *tally) sums() *tally {
	all := &tally{rows: map[trafficKey]*trafficCounts{}}
	for key, counts := range t.rows {
		key.account = AllAccounts
		if all.rows[key] == nil {
			all.rows[key] = &trafficCounts{}
		}
		for i, n := range counts {
			all.rows[key][i] += n
		}
	}
	return all
}

// spans are those of which a count changes.
func (c *trafficCounts) spans() (set int) {
	for i, span := range spans {
		if slices.ContainsFunc(c[span.from:span.to], func(n int64) bool { return n != 0 }) {
			set |= 1 << i
		}
	}
	return set
}

// saveTraffic writes what the transaction changes in the counts.
func (s *Store) saveTraffic(tx *Tx) error {
	rows, statement := tx.traffic.changes()
	if len(rows) == 0 {
		return nil
	}
	node := s.claim.Load().node
	if !tx.dialect.numbered {
		if err := statement.each(tx, rows, node); err != nil {
			return err
		}
		rows, statement = tx.traffic.sums().changes() // a reader of SQLite would take long to add them up
		return statement.each(tx, rows, node)
	}
	if len(rows) == 1 { // arrays would cost the database twice as much
		return tx.rows.later(statement.upsert, statement.arguments(rows[0], node)...)
	}
	columns := make([][]int64, len(statement.columns)+4)
	for _, row := range rows {
		for i, value := range statement.arguments(row, node) {
			columns[i] = append(columns[i], value.(int64))
		}
	}
	args := make([]any, len(columns))
	for i, column := range columns {
		args[i] = column
	}
	return tx.rows.later(statement.upserts, args...)
}

// each writes row by row: nobody else is here who could write one between the two statements.
func (s *trafficStatement) each(tx *Tx, rows []trafficChange, node int) error {
	for _, row := range rows {
		args := s.arguments(row, node)
		touched, err := tx.Exec(s.update, args...)
		if err == nil && touched == 0 {
			_, err = tx.Exec(s.insert, args...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// arguments are those of the statements for one row.
func (s *trafficStatement) arguments(row trafficChange, node int) []any {
	args := make([]any, 0, len(s.columns)+4)
	for _, column := range s.columns {
		args = append(args, row.trafficCounts[column])
	}
	return append(args, row.hour, int64(row.account), int64(row.carrier), int64(node))
}

// tidyTraffic removes the counts of some hours whose time is over.
func tidyTraffic(tx *Tx) (removed int64, err error) {
	return tx.Exec(`DELETE FROM traffic WHERE (hour, account_id, carrier_id, node) IN
		(SELECT hour, account_id, carrier_id, node FROM traffic WHERE hour < ? LIMIT ?)`, tx.now.Add(-trafficLife).UnixMilli(), tidyStep)
}
