package store

import (
	"context"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// Divert gives messages that wait for a carrier to another one, and answers those that it moved. One stays that was
// cancelled or ended meanwhile, goes by another carrier already, or of which a part has left. All wait for one carrier, and
// whoever calls it holds them: no session may be about to have them marked. ErrSuperseded says that they may be another
// node's by now.
func (s *Store) Divert(ctx context.Context, messages []*sms.Message, to sms.CarrierID, why string) (moved []*sms.Message, err error) {
	d := &divertMember{store: s, messages: messages, to: to, why: why}
	if err := s.wait(context.WithoutCancel(ctx), d); err != nil { // who gives up would not know who has them
		return nil, err
	}
	return d.moved, nil
}

type divertMember struct {
	answer
	store    *Store
	messages []*sms.Message
	to       sms.CarrierID
	why      string
	moved    []*sms.Message
}

var (
	divertibleSQL = `SELECT id, progress FROM message WHERE id ` + inIDs + ` AND state = 2 AND due_at IS NULL AND node = ? AND carrier_id = ?`
	divertSQL     = `UPDATE message SET carrier_id = ? WHERE id ` + inIDs + ` AND state = 2 AND due_at IS NULL AND node = ? AND carrier_id = ?`
)

func (d *divertMember) apply(tx *Tx) error {
	d.moved = nil
	mine := d.store.claim.Load()
	for _, m := range d.messages {
		if m.Term != mine.term {
			return ErrSuperseded
		}
	}
	if err := tx.rows.flush(); err != nil {
		return err
	}
	for step := range slices.Chunk(d.messages, retainWrite) {
		if err := d.move(tx, step, mine.node); err != nil {
			return err
		}
	}
	return nil
}

func (d *divertMember) move(tx *Tx, step []*sms.Message, node int) error {
	ids, err := divertible(tx, step, node)
	if err != nil || len(ids) == 0 {
		return err
	}
	args := append([]any{int64(d.to)}, idArguments(ids)...)
	if _, err := tx.Exec(divertSQL, append(args, node, int64(step[0].Carrier))...); err != nil {
		return err
	}
	for _, m := range step {
		if !slices.Contains(ids, m.ID) {
			continue
		}
		if err := noteIncident(tx, m.ID, "route", d.why); err != nil {
			return err
		}
		tx.traffic.moved(m, m.Carrier, d.to)
		d.moved = append(d.moved, m)
	}
	return nil
}

func divertible(tx *Tx, messages []*sms.Message, node int) (ids []sms.ID, err error) {
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	rows, err := tx.Query(divertibleSQL+tx.dialect.lockRows, append(idArguments(ids), node, int64(messages[0].Carrier))...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids = nil
	for rows.Next() {
		var id sms.ID
		var packed []byte
		if err := rows.Scan((*int64)(&id), &packed); err != nil {
			return nil, err
		}
		parts, err := unpackProgress(packed)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(parts, func(p sms.Part) bool { return p.State != sms.Queued }) {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}

// settle forgets cancellations that nobody will ask about any more: a mark would have.
func (d *divertMember) settle(err error) {
	if err == nil {
		for _, m := range d.messages {
			if !slices.Contains(d.moved, m) {
				d.store.withdrawn.remove(m.ID)
			}
		}
	}
	d.answer.settle(err)
}
