package store

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// WaitingLane is how much of an account waits for a carrier at one priority, of all nodes.
type WaitingLane struct {
	Lane
	Messages int    // at most MostCounted
	More     bool   // there are more
	Oldest   sms.ID // of them
}

// Held is what waits for a moment, of all carriers.
type Held struct {
	Messages int // at most MostCounted
	More     bool
	Next     time.Time // the nearest moment; zero: nothing waits
}

// MostCounted is how many messages of a lane are counted; so that the whole answer takes a bounded time, less when there
// are many lanes.
const (
	MostCounted     = 100_000
	countAltogether = 700_000
	mostLanes       = 500 // that are listed
	leastCounted    = 100
)

// WaitingLanes counts what waits for carriers, in the index that holds exactly that. It reads a bounded number of entries:
// where More is set, there are more than Messages; of thousands of lanes it knows the first, and says that there are more.
func (s *Store) WaitingLanes(ctx context.Context) (lanes []WaitingLane, more bool, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		found, err := findLanes(tx)
		if err != nil {
			return err
		}
		if more = len(found) > mostLanes; more {
			found = found[:mostLanes]
		}
		left, at := countAltogether, map[Lane]int{}
		for _, l := range found {
			i, known := at[l.Lane]
			if !known {
				i = len(lanes)
				at[l.Lane] = i
				lanes = append(lanes, WaitingLane{Lane: l.Lane, Oldest: l.oldest})
			}
			lanes[i].Oldest = min(lanes[i].Oldest, l.oldest)
			if err := lanes[i].count(tx, l.node, &left); err != nil {
				return err
			}
		}
		return nil
	})
	return lanes, more, err
}

// nodeLane is a lane on one node.
type nodeLane struct {
	Lane
	node   int64
	oldest sms.ID
}

// findLanes jumps from lane to lane in the index, of all nodes.
func findLanes(tx *Tx) (lanes []nodeLane, err error) {
	for node := int64(-1); ; {
		err := tx.QueryRow(`SELECT node FROM message`+tx.dialect.queueIndex+` WHERE state = 2 AND due_at IS NULL AND node > ? ORDER BY node LIMIT 1`, node).Scan(&node)
		if err != nil {
			return lanes, ignoreMissing(err)
		}
		last := nodeLane{node: node, Lane: Lane{Carrier: -1}}
		for more := true; more && len(lanes) <= mostLanes; {
			if more, err = last.next(tx); err != nil {
				return lanes, err
			}
			if more {
				lanes = append(lanes, last)
			}
		}
	}
}

// next goes on to the next lane of the node; false when there is none. A comparison of rows would be one query, but SQLite
// seeks by its first column only, and reads through all of a long lane.
func (l *nodeLane) next(tx *Tx) (found bool, err error) {
	for _, seek := range [...]struct {
		where string
		args  []any
	}{
		{`carrier_id = ? AND priority = ? AND account_id > ?`, []any{l.Carrier, l.Priority, l.Account}},
		{`carrier_id = ? AND priority > ?`, []any{l.Carrier, l.Priority}},
		{`carrier_id > ?`, []any{l.Carrier}},
	} {
		err := tx.QueryRow(nextLaneSQL(tx.dialect, seek.where), append([]any{l.node}, seek.args...)...).
			Scan(&l.Carrier, &l.Priority, &l.Account, (*int64)(&l.oldest))
		if err == nil {
			return true, nil
		}
		if err = ignoreMissing(err); err != nil {
			return false, err
		}
	}
	return false, nil
}

func nextLaneSQL(d dialect, where string) string {
	return `SELECT carrier_id, priority, account_id, id FROM message` + d.queueIndex + ` WHERE state = 2 AND due_at IS NULL AND node = ? AND ` +
		where + ` ORDER BY carrier_id, priority, account_id, id LIMIT 1`
}

// count adds what waits on a node; left is how many entries may still be read.
func (l *WaitingLane) count(tx *Tx, node int64, left *int) error {
	limit := max(min(MostCounted-l.Messages, *left), leastCounted)
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM message`+tx.dialect.queueIndex+` WHERE state = 2 AND due_at IS NULL AND node = ?
		AND carrier_id = ? AND priority = ? AND account_id = ? LIMIT ?) AS lane`, node, l.Carrier, l.Priority, l.Account, limit+1).Scan(&n)
	if err != nil {
		return err
	}
	*left -= min(n, limit)
	l.More = l.More || n > limit
	l.Messages += min(n, limit)
	return nil
}

// Held counts what is scheduled for later and what waits for its next attempt, up to MostCounted together.
func (s *Store) Held(ctx context.Context) (scheduled, again Held, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT state, COUNT(*), MIN(due_at) FROM (SELECT state, due_at FROM message WHERE due_at IS NOT NULL
			ORDER BY due_at LIMIT ?) AS held GROUP BY state`, MostCounted+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		all := 0
		for rows.Next() {
			var state, n int
			var next int64
			if err := rows.Scan(&state, &n, &next); err != nil {
				return err
			}
			all += n
			held := Held{Messages: n, Next: time.UnixMilli(next).UTC()}
			if sms.State(state) == sms.Scheduled {
				scheduled = held
			} else {
				again = held
			}
		}
		if all > MostCounted {
			scheduled.More, again.More = true, true
		}
		return rows.Err()
	})
	return scheduled, again, err
}
