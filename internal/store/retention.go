package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Retention removes messages when their account's time for keeping them is over, and blanks text and number of those
// whose account wants that earlier.
//
// The time counts from the final state; a message that never gets one (no receipt came) is over a day after the end of
// its validity. There is no index for it. Ids carry the time of acceptance, so that a walk in order of id meets the
// messages in order of age: for each length of time that some account has set, one walk follows the clock at that
// distance, and others further behind, for messages that lived longer before they ended. So a message is looked at a few
// times in its life, however many there are. After a start, and when an account has changed its settings, one walk goes
// through everything once.
//
// It works in small steps that give way to everybody else, and has one goroutine.
type Retention struct {
	store *Store
	rules rules
	walks []*walk

	weeks   map[string]bool      // partitions
	checked map[string]time.Time // when a partition was last looked at
}

// NewRetention makes the one of a store.
func NewRetention(s *Store) *Retention { return &Retention{store: s, checked: map[string]time.Time{}} }

const (
	retainEvery = time.Minute
	retainRead  = 1_000 // rows looked at in one step
	retainWrite = 100   // rows changed in one transaction
	neverFinal  = 24 * time.Hour
)

// lags are how far the walks of one length of time are behind each other. A message that ended a time t after it was
// accepted is met at the first lag that is longer than t: late by five minutes, or by four times t at most. No message
// waits for its date longer than a year, and none is valid longer than a week.
var lags = [...]time.Duration{5 * time.Minute, 20 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 36 * time.Hour,
	4 * 24 * time.Hour, 9 * 24 * time.Hour, 40 * 24 * time.Hour, 100 * 24 * time.Hour, 400 * 24 * time.Hour}

// rules are what the accounts have set.
type rules map[sms.AccountID]rule

type rule struct{ keep, redact time.Duration }

func (r rules) of(account sms.AccountID) rule {
	if own, ok := r[account]; ok {
		return own
	}
	return rule{keep: sms.DefaultRetention}
}

// ages are all lengths of time that occur, the shortest first.
func (r rules) ages() (all []time.Duration) {
	all = append(all, sms.DefaultRetention)
	for _, one := range r {
		all = append(all, one.keep)
		if one.redact > 0 {
			all = append(all, one.redact)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// longest is the longest time for which anything is kept.
func (r rules) longest() (most time.Duration) {
	most = sms.DefaultRetention
	for _, one := range r {
		most = max(most, one.keep)
	}
	return most
}

// walk goes through the messages in order of id, so far behind the clock.
type walk struct {
	behind time.Duration
	at     sms.ID // everything before it was met
}

func (w *walk) bound(now time.Time) sms.ID { return sms.MakeID(now.Add(-w.behind), 0, 0) }

// Run removes and blanks, now and every minute, until ctx ends.
func (r *Retention) Run(ctx context.Context) error {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		if err := r.Pass(ctx); err != nil && ctx.Err() == nil {
			r.store.log.Warn("old messages could not be removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Pass does what is due. Not for several goroutines.
func (r *Retention) Pass(ctx context.Context) error {
	free, err := r.store.alonePass(ctx, lockRetention)
	if err != nil || free == nil { // nil: another node does it just now
		return err
	}
	defer free()
	now := time.Now()
	if err := r.learn(ctx); err != nil {
		return err
	}
	if err := r.passPartitions(ctx, now); err != nil {
		return err
	}
	if r.walks == nil {
		return r.wholeWalk(ctx, now)
	}
	for _, w := range r.walks {
		if err := r.follow(ctx, w, w.bound(now), r.ordinary(now)); err != nil {
			return err
		}
	}
	return nil
}

// learn reads the rules; when they have changed, everything must be met again.
func (r *Retention) learn(ctx context.Context) error {
	next := rules{}
	err := r.store.View(ctx, func(tx *Tx) error {
		accounts, err := queryAccounts(tx, "")
		for _, a := range accounts {
			if a.Settings.Retention != sms.DefaultRetention || a.Settings.RedactAfter > 0 {
				next[a.ID] = rule{a.Settings.Retention, a.Settings.RedactAfter}
			}
		}
		return err
	})
	if err == nil && !maps.Equal(r.rules, next) {
		r.rules, r.walks = next, nil
	}
	return err
}

// wholeWalk meets everything that may be over, and then sets out the walks that follow the clock.
func (r *Retention) wholeWalk(ctx context.Context, now time.Time) error {
	var walks []*walk
	for _, age := range r.rules.ages() {
		for _, lag := range lags {
			w := &walk{behind: age + lag}
			w.at = w.bound(now)
			walks = append(walks, w)
		}
	}
	all := &walk{}
	if err := r.follow(ctx, all, walks[0].at, r.ordinary(now)); err != nil {
		return err
	}
	r.walks = walks
	return nil
}

// decide says what becomes of messages that a walk meets.
type decide func(met []old) (gone, blank []old)

// follow moves a walk up to a message.
func (r *Retention) follow(ctx context.Context, w *walk, until sms.ID, what decide) error {
	for w.at < until {
		began, before := time.Now(), r.store.Counters.Members.Load()
		met, err := r.meet(ctx, w.at, until)
		if err != nil {
			return err
		}
		own, err := r.work(ctx, what, met)
		if err != nil {
			return err
		}
		if len(met) < retainRead {
			w.at = until
			return nil
		}
		w.at = met[len(met)-1].id + 1
		if r.store.Counters.Members.Load()-before > own { // others write: take a fifth of the time
			pause(ctx, 4*time.Since(began))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// old is what must be known of a message to decide.
type old struct {
	id      sms.ID
	account sms.AccountID
	caller  string // the caller's id; empty: none
	carrier sms.CarrierID
	state   sms.State
	flags   int64
	stays   bool // its row goes with its partition
	end     time.Time
	refs    []openRef // of parts whose receipt is still awaited
}

const meetSQL = `SELECT id, account_id, COALESCE(caller_id, ''), carrier_id, state, flags, COALESCE(final_at, expires_at + ?), progress
	FROM message WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`

// meet reads the next messages in order of id.
func (r *Retention) meet(ctx context.Context, from, until sms.ID) (met []old, err error) {
	err = r.store.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(meetSQL, neverFinal.Milliseconds(), int64(from), int64(until), retainRead)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var o old
			var end int64
			var progress []byte
			if err := rows.Scan(&o.id, &o.account, &o.caller, &o.carrier, &o.state, &o.flags, &end, &progress); err != nil {
				return err
			}
			o.end = time.UnixMilli(end)
			parts, err := unpackProgress(progress)
			if err != nil {
				return err
			}
			for i, p := range parts {
				if p.Ref != "" && !p.State.Final() {
					o.refs = append(o.refs, openRef{o.carrier, p.Ref, o.id, i})
				}
			}
			met = append(met, o)
		}
		return rows.Err()
	})
	return met, err
}

// ordinary removes and blanks row by row.
func (r *Retention) ordinary(now time.Time) decide {
	return func(met []old) (gone, blank []old) {
		for _, o := range met {
			rule := r.rules.of(o.account)
			switch age := now.Sub(o.end); {
			case waits(o.state):
			case age >= rule.keep && !r.leftToPartition(o, rule):
				gone = append(gone, o)
			case rule.redact > 0 && age >= rule.redact && o.flags&flagRedacted == 0:
				blank = append(blank, o)
			}
		}
		return gone, blank
	}
}

// work does in small transactions what was decided, and answers how many there were.
func (r *Retention) work(ctx context.Context, what decide, met []old) (transactions int64, err error) {
	gone, blank := what(met)
	for step := range slices.Chunk(gone, retainWrite) {
		if err := r.store.wait(ctx, &removeMember{gone: step}); err != nil {
			return transactions, err
		}
		transactions++
	}
	for step := range slices.Chunk(blank, retainWrite) {
		if err := r.store.wait(ctx, &redactMember{blank: step}); err != nil {
			return transactions, err
		}
		transactions++
	}
	return transactions, nil
}
