package store

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// refusedLife is how long a refused message can be looked up.
const refusedLife = 7 * 24 * time.Hour

// tidyStep is how many rows one transaction removes, so that nobody waits long for its turn.
const tidyStep = 500

// Tidy removes what has served its time: Idempotency-Keys, parked receipts without a message, refused messages. It
// takes many small steps and answers how many rows it removed.
func (s *Store) Tidy(ctx context.Context) (removed int64, err error) {
	for {
		step := &tidyMember{}
		if err := s.wait(ctx, step); err != nil || step.removed == 0 {
			return removed, err
		}
		removed += step.removed
	}
}

type tidyMember struct {
	answer
	removed int64
}

func (t *tidyMember) apply(tx *Tx) error {
	t.removed = 0
	now := tx.now.UnixMilli()
	oldest := int64(sms.MakeID(tx.now.Add(-refusedLife), 0, 0))
	parked, err := tx.Exec(`DELETE FROM parked WHERE id IN (SELECT id FROM parked WHERE until <= ? LIMIT ?)`, now, tidyStep)
	if err != nil {
		return err
	}
	tx.parked -= int(parked)
	keys, err := tx.Exec(`DELETE FROM idempotency_key WHERE (account_id, key) IN
		(SELECT account_id, key FROM idempotency_key WHERE until <= ? LIMIT ?)`, now, tidyStep)
	if err != nil {
		return err
	}
	callers, err := tx.Exec(`DELETE FROM caller_id WHERE (account_id, caller_id, message_id) IN (SELECT account_id, caller_id, id FROM
		(SELECT account_id, caller_id, id FROM message WHERE state = 10 AND id < ? ORDER BY id LIMIT ?) AS refused WHERE caller_id IS NOT NULL)`, oldest, tidyStep)
	if err != nil {
		return err
	}
	refused, err := tx.Exec(`DELETE FROM message WHERE id IN (SELECT id FROM message WHERE state = 10 AND id < ? ORDER BY id LIMIT ?)`, oldest, tidyStep)
	t.removed = parked + keys + callers + refused
	return err
}
