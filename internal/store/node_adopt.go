package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Adoption. Whoever sees a dead node first takes its number over under a new epoch, which ends every transaction of the
// dead, and from then on keeps that heartbeat beside its own until nothing stands under the number any more. If it
// dies meanwhile, the next one goes on.

const (
	adoptStep = 10_000 // messages adopted by one transaction: a tenth of a second
	marksStep = 20     // marks resolved by one transaction of the commit loop
)

// adoptAll adopts what every dead node left.
func (s *Store) adoptAll(ctx context.Context) {
	for ctx.Err() == nil {
		dead, err := s.takeOver(ctx)
		if err == nil && dead.node == 0 {
			return
		}
		if err == nil {
			s.log.Info("adopting what another node left", "node", dead.node)
			err = s.adopt(ctx, dead)
		}
		if err != nil {
			if ctx.Err() == nil && !s.away.Load() {
				s.log.Warn("what another node left is not adopted yet", "error", withoutPassword(err))
			}
			return
		}
	}
}

// takeOver takes the number of one dead node; zero: none is dead. A node that handed over is dead at once.
func (s *Store) takeOver(ctx context.Context) (dead claim, err error) {
	limit := deadAfter
	if time.Since(s.born) < time.Duration(s.rest.Load()) {
		limit = 24 * time.Hour
	}
	err = s.aside(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `UPDATE node SET epoch = nextval('node_epoch'), heartbeat = now(), serving = 0
			WHERE id = (SELECT id FROM node WHERE id <> $1 AND heartbeat < now() - $2 * interval '1 second'
				ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, epoch`,
			s.claim.Load().node, limit.Seconds()).Scan(&dead.node, &dead.epoch)
	})
	return dead, ignoreMissing(err)
}

// adopt decides about what a dead node had marked, then takes what waits under its number.
func (s *Store) adopt(ctx context.Context, dead claim) error {
	for more := true; more; {
		step := &legacy{store: s, dead: dead}
		if err := s.wait(ctx, step); err != nil {
			return err
		}
		more = step.more
	}
	for more := true; more; {
		lanes, err := s.adoptStep(ctx, dead)
		for tries := 0; tries < 5 && collided(err) && !errors.Is(err, errLost); tries++ {
			lanes, err = s.adoptStep(ctx, dead)
		}
		if err != nil {
			s.news.perhaps(lanes)
			s.suspect() // whether the step was made is known under the next epoch
			return err
		}
		s.news.adopted(lanes)
		more = len(lanes) > 0
	}
	return s.aside(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM node n WHERE n.id = $1 AND n.epoch = $2 AND `+unused, dead.node, dead.epoch)
		return err
	})
}

// nameOrphans finds messages and marks under numbers that nobody has ever claimed here, as those of a database that was
// filled otherwise: they are adopted like those of a node that has left.
func (s *Store) nameOrphans(ctx context.Context) {
	err := s.aside(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO node (id, epoch, heartbeat, serving)
			SELECT n.id, nextval('node_epoch'), to_timestamp(0), 0 FROM generate_series(0, $1::bigint) AS n (id)
			WHERE NOT EXISTS (SELECT 1 FROM node o WHERE o.id = n.id) AND NOT (`+unused+`) ON CONFLICT (id) DO NOTHING`, sms.MaxNode)
		return err
	})
	if err != nil && ctx.Err() == nil && !s.away.Load() {
		s.log.Warn("messages of nobody are not searched for", "error", withoutPassword(err))
	}
}

// legacy resolves some marks of a dead node, in the commit loop: that moves money.
type legacy struct {
	answer
	store *Store
	dead  claim
	more  bool
}

func (l *legacy) alone() bool { return true }

func (l *legacy) apply(tx *Tx) error {
	held, err := tx.Exec(`UPDATE node SET heartbeat = now() WHERE id = ? AND epoch = ?`, l.dead.node, l.dead.epoch)
	if err != nil {
		return err
	}
	if held == 0 {
		return errors.New("another node adopts already")
	}
	marks, err := markedMessages(tx, l.dead.node, marksStep)
	if err != nil {
		return err
	}
	l.more = len(marks) == marksStep
	return l.store.resolve(tx, l.dead.node, marks)
}

const adoptSQL = `WITH step AS (SELECT id FROM message WHERE state = 2 AND due_at IS NULL AND node = $1
		ORDER BY carrier_id, priority, account_id, id LIMIT $3 FOR UPDATE),
	taken AS (UPDATE message m SET node = $2 FROM step WHERE m.id = step.id RETURNING m.carrier_id, m.priority, m.account_id)
	SELECT carrier_id, priority, account_id, count(*) FROM taken GROUP BY carrier_id, priority, account_id`

// adoptStep moves some messages from a dead node's number to that of this one. It answers their lanes; none: nothing is
// left. With an error they may have been moved all the same: the answer to the commit may be lost.
func (s *Store) adoptStep(ctx context.Context, dead claim) (lanes []Lane, err error) {
	mine := s.claim.Load()
	var adopted int64
	err = s.aside(ctx, func(ctx context.Context, tx *sql.Tx) error {
		lanes, adopted = nil, 0
		var held int
		err := tx.QueryRowContext(ctx, `SELECT 1 FROM node WHERE id = $1 AND epoch = $2 FOR KEY SHARE`, mine.node, mine.epoch).Scan(&held)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE node SET heartbeat = now() WHERE id = $1 AND epoch = $2`, dead.node, dead.epoch)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errLost)
		}
		rows, err := tx.QueryContext(ctx, adoptSQL, dead.node, mine.node, adoptStep)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var l Lane
			var messages int64
			if err := rows.Scan(&l.Carrier, &l.Priority, &l.Account, &messages); err != nil {
				return err
			}
			lanes, adopted = append(lanes, l), adopted+messages
		}
		return rows.Err()
	})
	if err == nil {
		s.Counters.Adopted.Add(adopted)
	}
	return lanes, err
}
