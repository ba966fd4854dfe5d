package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/staffetta/staffetta/internal/sms"
)

// Span says which messages of an account are asked for.
type Span struct {
	First, Last sms.ID      // both included; ids carry the moment of acceptance
	States      []sms.State // empty: any
	OldestFirst bool        // else the newest
	Skip, Limit int
}

// everyState are the states that a message can have.
var everyState = []sms.State{sms.Scheduled, sms.Queued, sms.Sent, sms.Delivered, sms.Failed, sms.Expired, sms.Unknown, sms.Cancelled, sms.Refused}

// History reads messages of an account in order of acceptance. It reads the index alone until it knows which; it takes as
// long for an account with ten messages as for one with ten million, but for Skip.
func (s *Store) History(ctx context.Context, account sms.AccountID, span Span) (records []*sms.Record, err error) {
	span.Last = notAhead(span.Last)
	if span.First > span.Last {
		return nil, nil
	}
	err = s.View(ctx, func(tx *Tx) error {
		ids, err := spanned(tx, account, span.newestWeek())
		if err == nil && len(ids) < span.Limit {
			ids, err = spanned(tx, account, span)
		}
		if err != nil || len(ids) == 0 {
			return err
		}
		records, err = recordsOf(tx, ids)
		return err
	})
	if !span.OldestFirst {
		slices.Reverse(records)
	}
	return records, err
}

// notAhead is the last message, of those to an id, that there can be: it spares a look into partitions of the future.
func notAhead(last sms.ID) sms.ID { return min(last, sms.MakeID(time.Now().Add(time.Minute), 0, 0)) }

// newestWeek is the end of a span where a page is read from, which is often enough: one partition or two.
func (p Span) newestWeek() Span {
	if p.OldestFirst {
		p.Last = min(p.Last, sms.MakeID(p.First.Time().Add(partitionSpan), 0, 0))
	} else {
		p.First = max(p.First, sms.MakeID(p.Last.Time().Add(-partitionSpan), 0, 0))
	}
	return p
}

// spanned reads which messages they are. Each state is a range of the index that is in order already.
func spanned(tx *Tx, account sms.AccountID, span Span) (ids []int64, err error) {
	if len(span.States) == 0 {
		span.States = everyState
	}
	order := ` ORDER BY id DESC LIMIT ?`
	if span.OldestFirst {
		order = ` ORDER BY id LIMIT ?`
	}
	var ranges []string
	var args []any
	if tx.dialect.numbered { // planned for these bounds: a plan for any would look into every partition
		args = append(args, pgx.QueryExecModeExec)
	}
	for _, state := range span.States {
		ranges = append(ranges, `SELECT id FROM (SELECT id FROM message`+tx.dialect.accountIndex+` WHERE account_id = ? AND state = ?
			AND id BETWEEN ? AND ?`+order+`) AS one`)
		args = append(args, int64(account), int64(state), int64(span.First), int64(span.Last), span.Skip+span.Limit)
	}
	query := `SELECT id FROM (` + strings.Join(ranges, ` UNION ALL `) + `) AS every` + order + ` OFFSET ?`
	rows, err := tx.Query(query, append(args, span.Limit, span.Skip)...)
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}

func scanIDs(rows *sql.Rows) (ids []int64, err error) {
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// recordsOf reads messages, the oldest first.
func recordsOf(tx *Tx, ids []int64) (records []*sms.Record, err error) {
	var list any = ids
	within := `id = ANY (?)`
	if !tx.dialect.numbered {
		text, err := json.Marshal(ids)
		if err != nil {
			return nil, err
		}
		list, within = string(text), `id IN (SELECT value FROM json_each(?))`
	}
	rows, err := tx.Query(`SELECT `+messageColumns+` FROM message WHERE `+within+` AND id BETWEEN ? AND ? ORDER BY id`,
		list, slices.Min(ids), slices.Max(ids)) // the bounds spare a look into the other partitions
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
