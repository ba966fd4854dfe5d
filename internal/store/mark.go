package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Mark is a durable note that the bytes of some messages may be leaving. It is cleared by the commit that records
// the last of their outcomes.
type Mark struct {
	Blocked []*sms.Message // not under the mark: their recipients have opted out, and they must not leave

	id   int64
	node int
	term int64    // the process's when the mark was made; in another one it holds nothing
	open int      // messages without an outcome; commit loop only
	left []sms.ID // messages of which a process that finds the mark must think that they may have left; commit loop only
}

// Holds reports whether the next byte of what is under a mark may leave: MaySend, and no other node has taken over since
// the mark was made.
func (s *Store) Holds(m *Mark) bool {
	return s.MaySend() && m.term == s.claim.Load().term
}

// Mark makes the note for messages; only after it returns nil may the bytes of those leave that are not Blocked.
// ErrSuperseded says that they may be another node's by now, WithdrawnError that some of them are cancelled, any other error
// that surely no mark stays. Once it has begun it waits for
// the commit loop's answer even when ctx ends: nobody would clear a mark whose maker has gone.
func (s *Store) Mark(ctx context.Context, messages []*sms.Message) (*Mark, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := &markMember{store: s, messages: messages, mark: &Mark{left: make([]sms.ID, 0, len(messages))}}
	if err := s.wait(context.WithoutCancel(ctx), m); err != nil {
		if gone, ok := errors.AsType[*WithdrawnError](err); ok {
			s.withdrawn.remove(gone.IDs...)
		}
		return nil, err
	}
	return m.mark, nil
}

type markMember struct {
	answer
	store    *Store
	mark     *Mark
	messages []*sms.Message
}

func (m *markMember) apply(tx *Tx) error {
	s, mine := m.store, m.store.claim.Load()
	if !s.MaySend() {
		return &sms.Error{Code: sms.Unavailable, Message: "this node could not renew its heartbeat: nothing may leave", RetryAfter: time.Second}
	}
	m.mark.left, m.mark.Blocked = m.mark.left[:0], nil
	for _, message := range m.messages {
		if message.Term != mine.term {
			return ErrSuperseded
		}
		if unwanted, err := s.unwanted(tx, message); err != nil {
			return err
		} else if unwanted {
			m.mark.Blocked = append(m.mark.Blocked, message)
			continue
		}
		m.mark.left = append(m.mark.left, message.ID)
	}
	if err := s.withdrawn.among(tx, m.messages); err != nil {
		return err
	}
	if m.mark.open = len(m.mark.left); m.mark.open == 0 {
		return nil
	}
	s.marks++
	m.mark.id, m.mark.node, m.mark.term = s.marks, mine.node, mine.term
	tx.marks = append(tx.marks, s.marks)
	return tx.rows.later(`INSERT INTO mark (id, node, epoch, messages) VALUES (?, ?, ?, ?)`, m.mark.id, mine.node, mine.epoch, packIDs(m.mark.left))
}

func packIDs(ids []sms.ID) []byte {
	packed := make([]byte, 0, 9*len(ids))
	for _, id := range ids {
		packed = binary.AppendUvarint(packed, uint64(id))
	}
	return packed
}

// unmarked is what a transaction does to one mark.
type unmarked struct {
	outcomes int      // how many of its messages have one now
	free     []sms.ID // those that wait again: should the process die, they have surely not left
}

// unmark counts one outcome of a mark in this transaction; clearMarks, at the end, deletes the marks that are done.
// A message that will be sent again is struck off a mark that stays.
func (tx *Tx) unmark(m *Mark, id sms.ID, again bool) {
	if m == nil {
		return
	}
	if tx.unmarked == nil {
		tx.unmarked = map[*Mark]*unmarked{}
	}
	u := tx.unmarked[m]
	if u == nil {
		u = &unmarked{}
		tx.unmarked[m] = u
	}
	u.outcomes++
	if again {
		u.free = append(u.free, id)
	}
}

func (tx *Tx) clearMarks() (err error) {
	for m, u := range tx.unmarked {
		switch {
		case m.open == u.outcomes:
			err = tx.rows.later(`DELETE FROM mark WHERE id = ? AND node = ?`, m.id, m.node)
		case len(u.free) > 0:
			err = tx.rows.later(`UPDATE mark SET messages = ? WHERE id = ? AND node = ?`, packIDs(m.without(u.free)), m.id, m.node)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Mark) without(free []sms.ID) []sms.ID {
	return slices.DeleteFunc(slices.Clone(m.left), func(id sms.ID) bool { return slices.Contains(free, id) })
}

// committed remembers what the database now holds of a mark.
func (m *Mark) committed(u *unmarked) {
	m.open -= u.outcomes
	if len(u.free) > 0 {
		m.left = m.without(u.free)
	}
}

// Unmark takes a message out of its mark without an outcome: surely nothing of it has left. done is called after the
// commit, with ErrSuperseded when the message may be another node's by now, or with an error when the store is closed,
// and must not block.
func (s *Store) Unmark(m *Mark, message *sms.Message, done func(error)) {
	s.enqueue(&unmarkMember{store: s, mark: m, id: message.ID, done: done})
}

type unmarkMember struct {
	store *Store
	mark  *Mark
	id    sms.ID
	done  func(error)
	late  bool // the message may be another node's by now
}

func (u *unmarkMember) apply(tx *Tx) error {
	if u.late = u.mark.term != u.store.claim.Load().term; !u.late {
		tx.unmark(u.mark, u.id, true)
	}
	return nil
}

func (u *unmarkMember) settle(err error) { u.done(supersededIf(u.late, err)) }
func (u *unmarkMember) keep() bool       { return true }

func supersededIf(late bool, err error) error {
	if late && err == nil {
		return ErrSuperseded
	}
	return err
}

// enqueue puts a member into the next group without waiting for it.
func (s *Store) enqueue(m member) {
	if err := s.queue.put(m); err != nil {
		m.settle(err)
	}
}

// resolveMarks finds what a process that died had marked, and applies the policy of each account to it.
func (s *Store) resolveMarks(tx *Tx, node int) error {
	marks, err := markedMessages(tx, node, 1<<30)
	if err != nil {
		return err
	}
	return s.resolve(tx, node, marks)
}

// resolve applies the policy of each account to what stands in some marks of a node, and deletes them.
func (s *Store) resolve(tx *Tx, node int, marks []markRow) error {
	var ids []sms.ID
	for _, m := range marks {
		ids = append(ids, m.messages...)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if err := s.resolveMarked(tx, id); err != nil {
			return fmt.Errorf("message %d: %w", id, err)
		}
	}
	for _, m := range marks {
		if _, err := tx.Exec(`DELETE FROM mark WHERE id = ? AND node = ?`, m.id, node); err != nil {
			return err
		}
	}
	return nil
}

// markRow is a mark as it is stored.
type markRow struct {
	id       int64
	messages []sms.ID
}

// markedMessages reads the first marks of a node.
func markedMessages(tx *Tx, node, limit int) (marks []markRow, err error) {
	rows, err := tx.Query(`SELECT id, messages FROM mark WHERE node = ? ORDER BY id LIMIT ?`, node, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m markRow
		var packed []byte
		if err := rows.Scan(&m.id, &packed); err != nil {
			return nil, err
		}
		if m.messages, err = unpackIDs(packed); err != nil {
			return nil, err
		}
		marks = append(marks, m)
	}
	return marks, rows.Err()
}

func unpackIDs(packed []byte) (ids []sms.ID, err error) {
	for len(packed) > 0 {
		id, n := binary.Uvarint(packed)
		if n <= 0 {
			return nil, errors.New("a mark is damaged")
		}
		ids, packed = append(ids, sms.ID(id)), packed[n:]
	}
	return ids, nil
}

// resolveMarked decides about one message that was marked when its process died.
func (s *Store) resolveMarked(tx *Tx, id sms.ID) error {
	record, err := loadRecord(tx, id)
	if err != nil || record.State != sms.Queued {
		return ignoreMissing(err)
	}
	m := record.Message
	parts := m.Standing()
	for i, p := range parts {
		if p.State == sms.Queued {
			parts[i] = m.Doubt(p, tx.now)
		}
	}
	o := sms.Outcome{Message: m, State: sms.Standing(parts), Parts: parts, Carrier: m.Carrier, At: tx.now,
		Incident: "the process ended while this message was leaving: nobody knows whether the carrier has it"}
	if o.State == sms.Unknown {
		o.Reason = "the server was interrupted while sending: it may have been sent"
	}
	return s.record(tx, o)
}
