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

// Tidy removes what has served its time: Idempotency-Keys, parked receipts without a message, refused messages, refusals of
// credentials, counts. It takes many small steps and answers how many rows it removed.
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
	unlet, err := tidyRefusals(tx)
	if err != nil {
		return err
	}
	hours, err := tidyTraffic(tx)
	if err != nil {
		return err
	}
	refused, err := refusedBefore(tx, oldest)
	t.removed = parked + keys + unlet + hours + int64(len(refused))
	if err != nil {
		return err
	}
	return remove(tx, refused)
}

// refusedBefore reads the oldest refused messages, as many as one transaction removes.
func refusedBefore(tx *Tx, oldest int64) (refused []old, err error) {
	rows, err := tx.Query(`SELECT id, account_id, COALESCE(caller_id, '') FROM message WHERE state = 10 AND id < ? ORDER BY id LIMIT ?`, oldest, retainWrite)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var o old
		if err := rows.Scan(&o.id, &o.account, &o.caller); err != nil {
			return nil, err
		}
		refused = append(refused, o)
	}
	return refused, rows.Err()
}
