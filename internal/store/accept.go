package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
)

// Admission is one message that asks to be accepted, and the store's answer.
type Admission struct {
	Message *sms.Message // ID is set by the store; Refusal too, when the credit does not suffice
	Key     string       // Idempotency-Key of the request; empty: none
	Claim   sms.ID       // the generated id that the caller's id looks like; zero: none

	Result    Result
	Existing  *sms.Record // Replayed: what was accepted the first time
	Available sms.Money   // what the account has left after this admission

	ours bool // the refusal is the store's: a group that is tried again has other neighbours
}

// Result is what the store did with an admission.
type Result uint8

// The results.
const (
	Stored   Result = iota + 1 // with Message.Refusal set: stored as refused, and nothing reserved
	Replayed                   // the same was accepted before; nothing was done
	IDTaken                    // the caller's id belongs to another message
	KeyTaken                   // the Idempotency-Key belongs to another message
	full                       // too many messages wait; nothing was done
)

// The reasons for which the store itself refuses a message.
const (
	NoCredit = "INSUFFICIENT_CREDIT"
	Blocked  = "DESTINATION_BLOCKED" // its recipient has opted out
)

// keyLife is how long an Idempotency-Key is remembered.
const keyLife = 24 * time.Hour

// refusedText is how many characters of a refused message are kept.
const refusedText = 160

// acceptLimit is how much may wait for a commit before callers are asked to come back: what waits stands in memory.
const acceptLimit = 10_000

// Accept stores messages and reserves their price, all in one transaction; it returns after the commit. Then, before
// Accept returns and in the order of the commits, accepted is called with those that may go now: it must not block.
// An error means that nothing is stored; when too many messages wait, only what was accepted before is answered.
func (s *Store) Accept(ctx context.Context, admissions []*Admission, accepted func([]*sms.Message)) error {
	if err := s.refuses(admissions); err != nil {
		return err
	}
	return s.wait(ctx, &acceptMember{store: s, admissions: admissions, accepted: accepted})
}

// AcceptLater is Accept that does not wait: done is called once, with what Accept would answer, by the loop that commits
// or before AcceptLater returns; it must not block. Those that one goroutine asks for are accepted in the order in which
// it asked.
func (s *Store) AcceptLater(admissions []*Admission, accepted func([]*sms.Message), done func(error)) {
	if err := s.refuses(admissions); err != nil {
		done(err)
		return
	}
	m := &laterMember{acceptMember{store: s, admissions: admissions, accepted: accepted}, done}
	if err := s.queue.put(m); err != nil {
		done(err)
	}
}

// refuses says why nothing can be taken now.
func (s *Store) refuses(admissions []*Admission) error {
	if s.away.Load() {
		return asUnavailable(errAway)
	}
	if s.queue.length() >= acceptLimit {
		return &sms.Error{Code: sms.Unavailable, Message: "the server is too busy to store this now", RetryAfter: time.Second}
	}
	if s.hopeless(admissions) {
		return errBacklog()
	}
	return nil
}

type acceptMember struct {
	answer
	store      *Store
	admissions []*Admission
	accepted   func([]*sms.Message)
}

func (a *acceptMember) apply(tx *Tx) error {
	room := a.store.hasRoom(tx, len(a.admissions))
	for _, admission := range a.admissions {
		if err := a.store.admit(tx, admission, room); err != nil {
			return err
		}
	}
	return nil
}

func (a *acceptMember) settle(err error) { a.answer.settle(a.conclude(err)) }

// laterMember is one whose caller does not wait.
type laterMember struct {
	acceptMember
	done func(error)
}

func (a *laterMember) settle(err error) { a.done(a.conclude(err)) }

// conclude offers what may go now, and answers what the caller is told.
func (a *acceptMember) conclude(err error) error {
	if err == nil {
		var ready []*sms.Message
		for _, admission := range a.admissions {
			if m := admission.Message; admission.Result == Stored && m.Refusal == "" && m.Due.IsZero() {
				ready = append(ready, m)
			}
		}
		if len(ready) > 0 {
			a.accepted(ready)
		}
		err = backlogError(a.admissions)
	}
	return err
}

// admit decides about one message. Without room nothing new is taken that would wait.
func (s *Store) admit(tx *Tx, a *Admission, room bool) error {
	m := a.Message
	a.Result, a.Existing = 0, nil
	if a.ours {
		a.ours, m.Refusal = false, ""
	}
	balance, err := tx.balances.get(tx, m.Account)
	if err != nil {
		return err
	}
	defer func() { a.Available = balance.Available() }()
	if err := a.recognise(tx); err != nil || a.Result != 0 {
		return err
	}
	if m.Refusal == "" {
		if unwanted, err := s.unwanted(tx, m); err != nil {
			return err
		} else if unwanted {
			a.refuse(Blocked)
		}
	}
	if m.Refusal == "" && !room {
		a.Result = full
		return nil
	}
	if m.Refusal == "" {
		ok, err := tx.balances.reserve(tx, m.Account, m.Price())
		if err != nil {
			return err
		}
		if !ok {
			a.refuse(NoCredit)
		}
	}
	mine, first := s.claim.Load(), firstState(m)
	m.ID, m.Term = s.ids.Next(tx.now), mine.term
	m.Dated, a.Result = first == sms.Scheduled, Stored
	if err := tx.rows.insert(m, mine.node); err != nil {
		return err
	}
	if first == sms.Queued {
		tx.goes(m)
	}
	tx.reached[first]++
	tx.moved(0, first)
	tx.traffic.admitted(m, first)
	return a.remember(tx)
}

func (a *Admission) refuse(reason string) { a.ours, a.Message.Refusal = true, reason }

// recognise looks whether the caller's id or key is known, and decides between a replay and a conflict.
func (a *Admission) recognise(tx *Tx) error {
	m := a.Message
	if a.Claim != 0 {
		var taken bool
		err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM message WHERE id = ? AND account_id = ?)`, a.Claim, m.Account).Scan(&taken)
		if taken {
			a.Result = IDTaken
		}
		if err != nil || taken {
			return err
		}
	}
	if m.CallerID != "" {
		id, err := tx.rows.callerID(m.Account, m.CallerID)
		if err = a.compare(tx, IDTaken, id, err); err != nil || a.Result != 0 {
			return err
		}
	}
	if a.Key == "" {
		return nil
	}
	var id sms.ID
	err := tx.QueryRow(`SELECT message_id FROM idempotency_key WHERE account_id = ? AND key = ? AND until > ?`,
		m.Account, a.Key, tx.now.UnixMilli()).Scan(&id)
	return a.compare(tx, KeyTaken, id, err)
}

// compare reads the message that was found. One that was refused is as if it had never been: it is evaluated anew.
func (a *Admission) compare(tx *Tx, taken Result, id sms.ID, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	existing, err := loadRecord(tx, id)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && existing.State == sms.Refused) {
		return nil
	}
	if err != nil {
		return err
	}
	if existing.Message.Digest != a.Message.Digest {
		a.Result = taken
		return nil
	}
	a.Result, a.Existing = Replayed, existing
	return nil
}

func (a *Admission) remember(tx *Tx) error {
	m := a.Message
	if m.CallerID != "" {
		if err := tx.rows.setCallerID(m.Account, m.CallerID, m.ID); err != nil {
			return err
		}
	}
	if a.Key == "" || m.Refusal != "" {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO idempotency_key (account_id, key, message_id, until) VALUES (?, ?, ?, ?)
		ON CONFLICT (account_id, key) DO UPDATE SET message_id = excluded.message_id, until = excluded.until`,
		m.Account, a.Key, m.ID, tx.now.Add(keyLife).UnixMilli())
	return err
}

// firstState is where a message begins.
func firstState(m *sms.Message) sms.State {
	switch {
	case m.Refusal != "":
		return sms.Refused
	case !m.Due.IsZero():
		return sms.Scheduled
	}
	return sms.Queued
}

func cut(text string, characters int) string {
	if utf8.RuneCountInString(text) <= characters {
		return text
	}
	return string([]rune(text)[:characters])
}
