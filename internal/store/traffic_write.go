package store

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// trafficLife is how long the counts of an hour are kept.
const trafficLife = 400 * 24 * time.Hour

var trafficColumns = [trafficWidth]string{"accepted", "refused", "scheduled", "parts", "sent", "failed", "expired", "cancelled", "unknown",
	"charged", "delivered", "latency_0", "latency_1", "latency_2", "latency_3", "latency_4", "latency_5", "latency_6", "latency_7",
	"latency_8", "latency_9", "latency_10", "latency_11", "latency_12", "latency_13", "latency_14", "latency_15"}

// spans are the columns that mostly change together: a statement names those of which some do. One bit for each.
var spans = [...]struct{ from, to int }{{countAccepted, countSent}, {countSent, countDelivered}, {countDelivered, trafficWidth}}

// trafficStatement changes the columns of some spans.
type trafficStatement struct {
	columns []int
	update  string // SQLite: one row, when it is there
	insert  string // SQLite: one row, when it is not
	upsert  string // PostgreSQL: many rows
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
	all := trafficKeyColumns + ", " + strings.Join(names, ", ")
	s.update = `UPDATE traffic SET ` + strings.Join(adds, ", ") + ` WHERE hour = ? AND account_id = ? AND carrier_id = ? AND node = ?`
	s.insert = `INSERT INTO traffic (` + strings.Join(names, ", ") + `, ` + trafficKeyColumns + `) VALUES (?` +
		strings.Repeat(", ?", len(names)+3) + `)`
	s.upsert = `INSERT INTO traffic (` + all + `) SELECT * FROM unnest(?::bigint[]` + strings.Repeat(", ?::bigint[]", len(names)+3) + `)
		ON CONFLICT (` + trafficKeyColumns + `) DO UPDATE SET ` + strings.Join(joins, ", ")
}

// trafficChange is what a transaction does to one row.
type trafficChange struct {
	trafficKey
	*trafficCounts
}

// changes are the rows that change, in their order, the sums over all accounts among them, and the statement for them.
func (t *tally) changes() (rows []trafficChange, statement *trafficStatement) {
	if len(t.rows) == 0 {
		return nil, nil
	}
	sums := map[trafficKey]*trafficCounts{}
	for key, counts := range t.rows {
		key.account = 0
		if sums[key] == nil {
			sums[key] = &trafficCounts{}
		}
		for i, n := range counts {
			sums[key][i] += n
		}
	}
	set := 0
	for _, all := range []map[trafficKey]*trafficCounts{t.rows, sums} {
		for key, counts := range all {
			if touched := counts.spans(); touched != 0 {
				rows, set = append(rows, trafficChange{key, counts}), set|touched
			}
		}
	}
	slices.SortFunc(rows, func(a, b trafficChange) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.account, b.account), cmp.Compare(a.carrier, b.carrier))
	})
	return rows, &trafficStatements[set]
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
		return statement.each(tx, rows, node)
	}
	keys := make([][]int64, 4)
	for _, row := range rows {
		for i, part := range []int64{row.hour, int64(row.account), int64(row.carrier), int64(node)} {
			keys[i] = append(keys[i], part)
		}
	}
	args := []any{keys[0], keys[1], keys[2], keys[3]}
	for _, column := range statement.columns {
		values := make([]int64, len(rows))
		for i, row := range rows {
			values[i] = row.trafficCounts[column]
		}
		args = append(args, values)
	}
	return tx.rows.later(statement.upsert, args...)
}

// each writes row by row: nobody else is here who could write one between the two statements.
func (s *trafficStatement) each(tx *Tx, rows []trafficChange, node int) error {
	args := make([]any, len(s.columns)+4)
	for _, row := range rows {
		for i, column := range s.columns {
			args[i] = row.trafficCounts[column]
		}
		copy(args[len(s.columns):], []any{row.hour, int64(row.account), int64(row.carrier), int64(node)})
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

// tidyTraffic removes the counts of some hours whose time is over.
func tidyTraffic(tx *Tx) (removed int64, err error) {
	return tx.Exec(`DELETE FROM traffic WHERE (hour, account_id, carrier_id, node) IN
		(SELECT hour, account_id, carrier_id, node FROM traffic WHERE hour < ? LIMIT ?)`, tx.now.Add(-trafficLife).UnixMilli(), tidyStep)
}
