package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/staffetta/staffetta/internal/sms"
)

// Mark is a durable note that the bytes of some messages may be leaving. It is cleared by the commit that records
// the last of their outcomes.
type Mark struct {
	id   int64
	open int // messages without an outcome; commit loop only
}

// Mark makes the note for messages; only after it returns nil may their bytes leave.
func (s *Store) Mark(ctx context.Context, messages []*sms.Message) (*Mark, error) {
	m := &markMember{store: s, messages: messages, mark: &Mark{open: len(messages)}}
	if err := s.wait(ctx, m); err != nil {
		return nil, err
	}
	return m.mark, nil
}

type markMember struct {
	answer
	store    *Store
	messages []*sms.Message
	mark     *Mark
}

func (m *markMember) apply(tx *Tx) error {
	m.store.marks++
	m.mark.id = m.store.marks
	packed := make([]byte, 0, 9*len(m.messages))
	for _, message := range m.messages {
		packed = binary.AppendUvarint(packed, uint64(message.ID))
	}
	_, err := tx.Exec(`INSERT INTO mark (id, node, epoch, messages) VALUES (?, ?, 1, ?)`, m.mark.id, m.store.options.Node, packed)
	return err
}

// unmark counts one outcome of a mark in this transaction; clearMarks, at the end, deletes the marks that are done.
func (tx *Tx) unmark(m *Mark) {
	if m == nil {
		return
	}
	if tx.unmarked == nil {
		tx.unmarked = map[*Mark]int{}
	}
	tx.unmarked[m]++
}

func (tx *Tx) clearMarks() error {
	for m, outcomes := range tx.unmarked {
		if m.open == outcomes {
			if _, err := tx.Exec(`DELETE FROM mark WHERE id = ?`, m.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Unmark takes a message out of its mark without an outcome: surely nothing of it has left. done is called after the
// commit, or with an error when the store is closed, and must not block.
func (s *Store) Unmark(m *Mark, done func(error)) {
	s.enqueue(&unmarkMember{mark: m, done: done})
}

type unmarkMember struct {
	mark *Mark
	done func(error)
}

func (u *unmarkMember) apply(tx *Tx) error { tx.unmark(u.mark); return nil }
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
	for _, id := range ids {
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
	return s.record(tx, sms.Outcome{Message: m, State: sms.Standing(parts), Parts: parts, Carrier: m.Carrier, At: tx.now,
		Incident: "the process ended while this message was leaving: nobody knows whether the carrier has it"})
}
