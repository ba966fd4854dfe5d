package store

import (
	"context"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// eventStep is how many events one transaction ends, replays or removes, so that nobody waits long for its turn.
const eventStep = 500

// eventLife is how long an event is kept after it has ended.
const eventLife = 7 * 24 * time.Hour

// Replay says which events are told again: those that have ended between two ids, both inclusive.
type Replay struct {
	From, To  sms.ID
	Delivered bool // those that came through too
	NoWebhook bool // not those of a webhook
}

// ReplayEvents has events of an account told again, as if they were new. It takes many small steps and answers how many
// there were; those that wait anyway are not among them.
func (s *Store) ReplayEvents(ctx context.Context, account sms.AccountID, r Replay) (n int, err error) {
	for {
		step := &replayMember{account: account, replay: r}
		if err := s.wait(ctx, step); err != nil {
			return n, err
		}
		if n += len(step.found); len(step.found) < eventStep {
			return n, nil
		}
		r.From = slices.Max(step.found) + 1
	}
}

type replayMember struct {
	answer
	account sms.AccountID
	replay  Replay
	found   []sms.ID
}

func (r *replayMember) apply(tx *Tx) (err error) {
	first := sms.EventFailed
	if r.replay.Delivered {
		first = sms.EventDelivered
	}
	least := sms.ByWebhook
	if r.replay.NoWebhook {
		least = sms.BySMPP
	}
	rows, err := tx.Query(`UPDATE event SET stage = 0, tries = 0, due_at = ?, ended_at = NULL WHERE id IN (SELECT id FROM event
		WHERE account_id = ? AND id BETWEEN ? AND ? AND stage >= ? AND way >= ? ORDER BY id LIMIT ?) RETURNING id, way`, tx.now.UnixMilli(),
		int64(r.account), int64(r.replay.From), int64(r.replay.To), int64(first), int64(least), eventStep)
	if err != nil {
		return err
	}
	defer rows.Close()
	r.found = nil
	for rows.Next() {
		var id, way int64
		if err := rows.Scan(&id, &way); err != nil {
			return err
		}
		r.found = append(r.found, sms.ID(id))
		tx.told(EventQueue{r.account, sms.Way(way)})
	}
	return rows.Err()
}

// FailEvents ends some of the events that wait for an account which has no webhook to tell them to any more, and answers
// how many; 0: none is left, or there is a webhook.
func (s *Store) FailEvents(ctx context.Context, account sms.AccountID) (int64, error) {
	step := &failMember{account: account}
	err := s.wait(ctx, step)
	return step.ended, err
}

type failMember struct {
	answer
	account sms.AccountID
	ended   int64
}

func (f *failMember) apply(tx *Tx) (err error) {
	f.ended, err = tx.Exec(`UPDATE event SET stage = 2, due_at = NULL, ended_at = ? WHERE id IN (SELECT id FROM event
		WHERE way = 0 AND account_id = ? AND due_at IS NOT NULL ORDER BY due_at LIMIT ?)
		AND NOT EXISTS (SELECT 1 FROM webhook w WHERE w.account_id = ? AND w.removed = 0 AND w.disabled_at IS NULL)`, tx.now.UnixMilli(), int64(f.account), eventStep, int64(f.account))
	return err
}

// receiverLimit is how long an event waits for its account to bind a session that receives.
const receiverLimit = 7 * 24 * time.Hour

// ExpireEvents ends the events that have waited in vain for 7 days for a session that receives, in many small steps. It
// answers how many there were.
func (s *Store) ExpireEvents(ctx context.Context) (ended int64, err error) {
	limit := time.Now().Add(-receiverLimit)
	lanes, err := s.EventLanes(ctx, sms.BySMPP)
	for _, l := range lanes {
		for more := !l.Due.After(limit); more; {
			step := &expireMember{queue: l.EventQueue, limit: limit}
			if err := s.wait(ctx, step); err != nil {
				return ended, err
			}
			ended += step.ended
			more = step.ended == eventStep
		}
	}
	return ended, err
}

type expireMember struct {
	answer
	queue EventQueue
	limit time.Time
	ended int64
}

func (e *expireMember) apply(tx *Tx) (err error) {
	e.ended, err = tx.Exec(`UPDATE event SET stage = 2, due_at = NULL, ended_at = ? WHERE id IN (SELECT id FROM event
		WHERE way = ? AND account_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?)`, tx.now.UnixMilli(), int64(e.queue.Way),
		int64(e.queue.Account), e.limit.UnixMilli(), eventStep)
	return err
}

// TidyEvents removes events, and what came of telling them, that ended 7 days ago, in many small steps. It answers how
// many events it removed.
func (s *Store) TidyEvents(ctx context.Context) (removed int64, err error) {
	for {
		step := &eventTidyMember{}
		if err := s.wait(ctx, step); err != nil || step.removed == 0 {
			return removed, err
		}
		removed += step.removed
	}
}

type eventTidyMember struct {
	answer
	removed int64
}

func (t *eventTidyMember) apply(tx *Tx) error {
	const old = `(SELECT id FROM event WHERE ended_at <= ? ORDER BY ended_at, id LIMIT ?)`
	limit := tx.now.Add(-eventLife).UnixMilli()
	if _, err := tx.Exec(`DELETE FROM attempt WHERE event_id IN `+old, limit, eventStep); err != nil {
		return err
	}
	var err error
	t.removed, err = tx.Exec(`DELETE FROM event WHERE id IN `+old, limit, eventStep)
	return err
}
