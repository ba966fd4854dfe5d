package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// Mark is a durable note that the bytes of some messages may be leaving. It is cleared by the commit that records
// the last of their outcomes.
type Mark struct {
	id   int64
	open int      // messages without an outcome; commit loop only
	left []sms.ID // messages of which a process that finds the mark must think that they may have left; commit loop only
}

// Mark makes the note for messages; only after it returns nil may their bytes leave. Once it has begun it waits for
// the commit loop's answer even when ctx ends: nobody would clear a mark whose maker has gone.
func (s *Store) Mark(ctx context.Context, messages []*sms.Message) (*Mark, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := &markMember{store: s, mark: &Mark{open: len(messages), left: make([]sms.ID, len(messages))}}
	for i, message := range messages {
		m.mark.left[i] = message.ID
	}
	if err := s.wait(context.WithoutCancel(ctx), m); err != nil {
		return nil, err
	}
	return m.mark, nil
}

type markMember struct {
	answer
	store *Store
	mark  *Mark
}

func (m *markMember) apply(tx *Tx) error {
	m.store.marks++
	m.mark.id = m.store.marks
	_, err := tx.Exec(`INSERT INTO mark (id, node, epoch, messages) VALUES (?, ?, 1, ?)`, m.mark.id, m.store.options.Node, packIDs(m.mark.left))
	return err
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
			_, err = tx.Exec(`DELETE FROM mark WHERE id = ?`, m.id)
		case len(u.free) > 0:
			_, err = tx.Exec(`UPDATE mark SET messages = ? WHERE id = ?`, packIDs(m.without(u.free)), m.id)
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
// commit, or with an error when the store is closed, and must not block.
func (s *Store) Unmark(m *Mark, message *sms.Message, done func(error)) {
	s.enqueue(&unmarkMember{mark: m, id: message.ID, done: done})
}

type unmarkMember struct {
	mark *Mark
	id   sms.ID
	done func(error)
}

func (u *unmarkMember) apply(tx *Tx) error { tx.unmark(u.mark, u.id, true); return nil }
func (u *unmarkMember) settle(err error)   { u.done(err) }
func (u *unmarkMember) keep() bool         { return true }

// enqueue puts a member into the next group without waiting for it.
func (s *Store) enqueue(m member) {
	if err := s.queue.put(m); err != nil {
		m.settle(err)
	}
}

// resolveMarks finds what a process that died had marked, and applies the policy of each account to it.
func (s *Store) resolveMarks(tx *Tx) error {
	ids, err := markedMessages(tx, s.options.Node)
	if err != nil {
		return err
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if err := s.resolveMarked(tx, id); err != nil {
			return fmt.Errorf("message %d: %w", id, err)
		}
	}
	_, err = tx.Exec(`DELETE FROM mark WHERE node = ?`, s.options.Node)
	return err
}

func markedMessages(tx *Tx, node int) (ids []sms.ID, err error) {
	rows, err := tx.Query(`SELECT messages FROM mark WHERE node = ? ORDER BY id`, node)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var packed []byte
		if err := rows.Scan(&packed); err != nil {
			return nil, err
		}
		for len(packed) > 0 {
			id, n := binary.Uvarint(packed)
			if n <= 0 {
				return nil, fmt.Errorf("a mark is damaged")
			}
			ids, packed = append(ids, sms.ID(id)), packed[n:]
		}
	}
	return ids, rows.Err()
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
