package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Overdue ends the waiting for receipts that never come: a day after the validity of a message its parts become what the
// account says of such, UNKNOWN unless it says more, and what was reserved for them is settled.
//
// There is no index for it. Ids carry the time of acceptance: a walk in order of id, a day behind the clock, meets every
// message once and notes the few of which a part is still open, with their moment. How far the walk has come is stored, so
// that a start costs nothing, however many messages there are.
//
// The carrier's ids of UNKNOWN parts are kept for another week: a receipt that comes after all still counts.
//
// It works in small steps that give way to everybody else, and has one goroutine.
type Overdue struct {
	store *Store
	rules map[sms.AccountID]sms.State // of the accounts that do not want UNKNOWN
}

// NewOverdue makes the one of a store.
func NewOverdue(s *Store) *Overdue { return &Overdue{store: s} }

const (
	overdueAfter = neverFinal         // the end of the validity; and the distance of the walk from the clock
	overdueWeek  = 7 * 24 * time.Hour // how long a receipt still counts after that
	overdueAgain = time.Hour          // a message that has not left yet is looked at again
	overdueWalk  = "overdue_walk"     // the setting that holds how far the walk has come
)

// overdueReason is what customers are told.
const overdueReason = "no receipt came within a day after the end of its validity"

// Run looks now and every minute, until ctx ends.
func (o *Overdue) Run(ctx context.Context) error {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		if err := o.Pass(ctx); err != nil && ctx.Err() == nil {
			o.store.log.Warn("messages without a receipt could not be ended", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Pass does what is due. Not for several goroutines.
func (o *Overdue) Pass(ctx context.Context) error {
	free, err := o.store.alonePass(ctx, lockOverdue)
	if err != nil || free == nil { // nil: another node does it just now
		return err
	}
	defer free()
	if err := o.learn(ctx); err != nil {
		return err
	}
	if err := o.walk(ctx, sms.MakeID(time.Now().Add(-overdueAfter), 0, 0)); err != nil {
		return err
	}
	return o.end(ctx)
}

// learn reads what the accounts want, and nothing where all want the same.
func (o *Overdue) learn(ctx context.Context) error {
	return o.store.View(ctx, func(tx *Tx) error {
		accounts, err := queryAccounts(tx, "")
		o.rules = map[sms.AccountID]sms.State{}
		for _, a := range accounts {
			if state := a.Settings.OverdueState(); state != sms.Unknown {
				o.rules[a.ID] = state
			}
		}
		return err
	})
}

// walk notes the open messages up to one, from where it stopped last.
func (o *Overdue) walk(ctx context.Context, until sms.ID) error {
	at, err := o.place(ctx)
	for err == nil && at < until {
		began, before := time.Now(), o.store.Counters.Members.Load()
		var step *noteMember
		if step, err = o.meet(ctx, at, until); err != nil || step.met == 0 {
			return err
		}
		if err = o.store.wait(ctx, step); err != nil {
			return err
		}
		if at = step.next; step.met < retainRead {
			return nil
		}
		if o.store.Counters.Members.Load()-before > 1 { // others write: take a fifth of the time
			pause(ctx, 4*time.Since(began))
		}
		err = ctx.Err()
	}
	return err
}

// place is where the walk goes on.
func (o *Overdue) place(ctx context.Context) (at sms.ID, err error) {
	err = o.store.View(ctx, func(tx *Tx) error {
		var text string
		err := tx.QueryRow(`SELECT value FROM setting WHERE name = ?`, overdueWalk).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		n, parsed := strconv.ParseInt(text, 10, 64)
		at = sms.ID(n)
		return cmp.Or(err, parsed)
	})
	return at, err
}

const overdueSQL = `SELECT id, expires_at, state, CASE WHEN state IN (1, 2, 4, 8) OR (state IN (6, 7) AND parts > 1) THEN progress END
	FROM message WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`

// meet reads the next messages in order of id.
func (o *Overdue) meet(ctx context.Context, from, until sms.ID) (*noteMember, error) {
	step := &noteMember{}
	err := o.store.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(overdueSQL, int64(from), int64(until), retainRead)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, expires, state int64
			var progress []byte
			if err := rows.Scan(&id, &expires, &state, &progress); err != nil {
				return err
			}
			step.met, step.next = step.met+1, sms.ID(id)+1
			parts, err := unpackProgress(progress)
			if err != nil { // it must not keep the walk from all others
				o.store.log.Error("a message cannot be read", "message", id, "error", err)
			}
			if waits(sms.State(state)) || slices.ContainsFunc(parts, isOpen) {
				step.noted = append(step.noted, openMessage{sms.ID(id), expires + overdueAfter.Milliseconds()})
			}
		}
		return rows.Err()
	})
	return step, err
}

// isOpen reports whether a receipt could still say something of a part.
func isOpen(p sms.Part) bool { return p.State == sms.Sent || p.State == sms.Unknown && p.Ref != "" }

// noteMember stores which messages are open, and how far the walk has come.
type noteMember struct {
	answer
	met   int
	next  sms.ID
	noted []openMessage
}

type openMessage struct {
	id sms.ID
	at int64 // milliseconds since 1970
}

func (n *noteMember) apply(tx *Tx) error {
	for _, m := range n.noted {
		if err := tx.rows.later(`INSERT INTO overdue (message_id, at, stage) VALUES (?, ?, 0) ON CONFLICT DO NOTHING`, int64(m.id), m.at); err != nil {
			return err
		}
	}
	return tx.rows.later(`INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
		overdueWalk, strconv.FormatInt(int64(n.next), 10))
}

// end ends what is due.
func (o *Overdue) end(ctx context.Context) error {
	for {
		began, before := time.Now(), o.store.Counters.Members.Load()
		var due []overdueRow
		err := o.store.View(ctx, func(tx *Tx) (err error) {
			due, err = overdueNow(tx)
			return err
		})
		if err != nil || len(due) == 0 {
			return err
		}
		if err := o.endAll(ctx, due); err != nil {
			return err
		}
		if o.store.Counters.Members.Load()-before > 1 {
			pause(ctx, 4*time.Since(began))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// endAll ends some messages in one transaction; where that is refused, each in its own, and one that is refused then is put
// off, so that it does not stand in the way of all others.
func (o *Overdue) endAll(ctx context.Context, due []overdueRow) error {
	err := o.store.wait(ctx, &overdueMember{store: o.store, rules: o.rules, due: due})
	if err == nil || ctx.Err() != nil || sms.CodeOf(err) == sms.Unavailable {
		return err
	}
	if len(due) == 1 {
		o.store.log.Error("a message without a receipt could not be ended; it is tried again in an hour", "message", int64(due[0].id), "error", err)
		return o.store.wait(ctx, &putOffMember{due: due[0]})
	}
	for i := range due {
		if err := o.endAll(ctx, due[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

type overdueRow struct {
	id    sms.ID
	stage int64
}

// overdueNow reads the messages whose moment has come, as many as one transaction takes, in order of id.
func overdueNow(tx *Tx) (due []overdueRow, err error) {
	rows, err := tx.Query(`SELECT message_id, stage FROM overdue WHERE at <= ? ORDER BY at LIMIT ?`, time.Now().UnixMilli(), retainWrite)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row overdueRow
		if err := rows.Scan(&row.id, &row.stage); err != nil {
			return nil, err
		}
		due = append(due, row)
	}
	slices.SortFunc(due, func(a, b overdueRow) int { return cmp.Compare(a.id, b.id) })
	return due, rows.Err()
}
