package store

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// The limit of what may wait. The commit loop counts: what it accepts is added, what leaves is taken off, and nothing is
// read for it. Where several nodes share a database, each counts again now and then, to know of the others.

// The pause between two counts where others change the number too: recount at least, and so long that the counting takes
// a fiftieth of the time at most.
const (
	recount      = 10 * time.Second
	recountShare = 50
)

// backlogRetry is when a caller who found the backlog full should come again.
const backlogRetry = 30 * time.Second

// Backlog is how many messages are queued or scheduled in the whole store.
func (s *Store) Backlog() int64 { return max(0, s.waiting.Load()) }

// waits reports whether a message in a state counts against the limit.
func waits(state sms.State) bool { return state == sms.Scheduled || state == sms.Queued }

// moved counts a message that came from one state to another; 0 is none.
func (tx *Tx) moved(from, to sms.State) {
	switch {
	case waits(to) && !waits(from):
		tx.waiting++
	case waits(from) && !waits(to):
		tx.waiting--
	}
}

// hasRoom reports whether so many more messages may wait.
func (s *Store) hasRoom(tx *Tx, more int) bool {
	return s.options.MaxBacklog == 0 || s.waiting.Load()+tx.waiting+int64(more) <= s.options.MaxBacklog
}

// hopeless reports whether admissions can be refused without a look into the database: there is no room, and none of
// them can be the repetition of one that was accepted.
func (s *Store) hopeless(admissions []*Admission) bool {
	if s.options.MaxBacklog == 0 || s.waiting.Load()+int64(len(admissions)) <= s.options.MaxBacklog {
		return false
	}
	for _, a := range admissions {
		if a.Key != "" || a.Message.CallerID != "" || a.Message.Refusal != "" {
			return false
		}
	}
	return true
}

// backlogError is the answer to admissions of which one found no room; nil when all did.
func backlogError(admissions []*Admission) error {
	for _, a := range admissions {
		if a.Result == full {
			return errBacklog()
		}
	}
	return nil
}

func errBacklog() error {
	return &sms.Error{Code: sms.Unavailable, Message: "too many messages wait for their carriers; nothing new is accepted until some have left",
		RetryAfter: backlogRetry}
}

// count counts what waits, in the two indexes that hold exactly that. What this process commits meanwhile stays counted.
func (s *Store) count(ctx context.Context) error {
	before := s.waiting.Load()
	return s.View(ctx, func(tx *Tx) error {
		var n int64
		err := tx.QueryRow(`SELECT (SELECT COUNT(*) FROM message` + s.dialect.queueIndex + ` WHERE state = 2 AND due_at IS NULL) +
			(SELECT COUNT(*) FROM message WHERE due_at IS NOT NULL)`).Scan(&n)
		if err == nil {
			s.waiting.Add(n - before)
		}
		return err
	})
}

// KeepCount counts again what waits, now and then, where other processes change it too; it returns when ctx ends.
func (s *Store) KeepCount(ctx context.Context) error {
	if !s.dialect.numbered { // nobody else is here
		<-ctx.Done()
		return nil
	}
	for rest := recount; ; {
		pause(ctx, rest)
		if ctx.Err() != nil {
			return nil
		}
		began := time.Now()
		if err := s.count(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("the messages that wait cannot be counted", "error", err)
		}
		rest = max(recount, recountShare*time.Since(began))
	}
}
