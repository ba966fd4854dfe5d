package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// errLost says that the row of this process's claim is gone.
var errLost = errors.New("another node has taken over from this one: its heartbeat was too old")

// unused is a number under which nothing stands.
const unused = `NOT EXISTS (SELECT 1 FROM message m WHERE m.node = n.id AND m.state = 2 AND m.due_at IS NULL)
	AND NOT EXISTS (SELECT 1 FROM mark k WHERE k.node = n.id)`

// claimNumber takes a free number, or the one that the options give, under a new epoch.
func (s *Store) claimNumber(ctx context.Context, tx *sql.Tx) (c claim, err error) {
	if n := s.options.Node; n != 0 {
		err = tx.QueryRowContext(ctx, `INSERT INTO node (id, epoch, heartbeat, serving, version) VALUES ($1, nextval('node_epoch'), now(), $2, $3)
			ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, heartbeat = excluded.heartbeat, serving = excluded.serving, version = excluded.version
			RETURNING id, epoch`, n, s.servingNumber(), s.options.Version).Scan(&c.node, &c.epoch)
		return c, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM node n WHERE n.heartbeat < now() - $1 * interval '1 second' AND `+unused, unusedAfter.Seconds()); err != nil {
		return c, err
	}
	for range 100 {
		err = tx.QueryRowContext(ctx, `INSERT INTO node (id, epoch, heartbeat, serving, version)
			SELECT n.id, nextval('node_epoch'), now(), $1, $3 FROM generate_series(1, $2::bigint) AS n (id)
			WHERE NOT EXISTS (SELECT 1 FROM node o WHERE o.id = n.id) AND `+unused+` ORDER BY n.id LIMIT 1
			ON CONFLICT (id) DO NOTHING RETURNING id, epoch`, s.servingNumber(), sms.MaxNode, s.options.Version).Scan(&c.node, &c.epoch)
		if !errors.Is(err, sql.ErrNoRows) {
			return c, err
		}
	}
	return c, fmt.Errorf("no number is free for this process: %d share the database, or left messages in it", sms.MaxNode)
}

func (s *Store) servingNumber() int {
	if s.serving {
		return 1
	}
	return 0
}

// enter takes the first number of this process.
func (s *Store) enter(ctx context.Context) error {
	started := time.Now()
	var mine claim
	err := s.aside(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		mine, err = s.claimNumber(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	s.claim.Store(&mine)
	s.renewed(started)
	return nil
}

// aside runs a transaction beside the commit loop, on another connection. It touches no message's outcome and no money.
func (s *Store) aside(ctx context.Context, work func(ctx context.Context, tx *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, groupLimit)
	defer cancel()
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := work(ctx, tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// doubt is what the commit loop must find out before its next transaction.
type doubt struct {
	connection bool    // the last connection was lost: its transaction may still be made
	lanes      []Lane  // of messages that a commit without an answer may have stored
	marks      []int64 // marks that such a commit may have made; nobody holds them
}

// rejoin takes a new epoch when the last connection was lost or the heartbeat is stale. That waits for the end of every
// transaction of the old epoch, wherever it hangs, and none can begin after it: what it left is known then. When
// another node has taken over, this one goes on under another number, and what it holds is not its own any more.
func (s *Store) rejoin() error {
	started, old := time.Now(), *s.claim.Load()
	mine := old
	var highest int64
	err := s.aside(context.Background(), func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `UPDATE node SET epoch = nextval('node_epoch'), heartbeat = now() WHERE id = $1 AND epoch = $2
			RETURNING epoch`, old.node, old.epoch).Scan(&mine.epoch)
		if errors.Is(err, sql.ErrNoRows) {
			if mine, err = s.claimNumber(ctx, tx); err != nil {
				return err
			}
			mine.term = old.term + 1
			return tx.QueryRowContext(ctx, highestSQL).Scan(&highest)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM mark WHERE node = $1 AND id = ANY ($2)`, old.node, s.doubt.marks)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.claim.Store(&mine)
	s.renewed(started)
	s.takeOffice(old, mine, sms.ID(highest))
	return nil
}

// takeOffice goes on under a new claim.
func (s *Store) takeOffice(old, mine claim, highest sms.ID) {
	lanes := append(s.doubt.lanes, s.news.surely()...)
	s.doubt = doubt{}
	stale := s.stale.Swap(false)
	if mine.term != old.term {
		s.log.Warn("another node has taken over what this one worked on", "node", mine.node, "before", old.node)
		s.ids = s.ids.As(mine.node, highest)
	}
	if stale || mine.term != old.term {
		s.rest.Store(int64(time.Since(s.born) + restAfter))
		s.news.drop()
	}
	s.news.adopted(lanes)
}

// leave gives the number back. What still waits under it is for whoever comes first.
func (s *Store) leave() error {
	mine := s.claim.Load()
	if mine == nil || !s.shared() {
		return nil
	}
	limited, cancel := context.WithTimeout(context.Background(), leaveLimit)
	defer cancel()
	return s.aside(limited, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM node n WHERE n.id = $1 AND n.epoch = $2 AND `+unused, mine.node, mine.epoch)
		if err != nil {
			return err
		}
		if gone, err := result.RowsAffected(); err != nil || gone > 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE node SET heartbeat = to_timestamp(0), serving = 0 WHERE id = $1 AND epoch = $2`, mine.node, mine.epoch)
		return err
	})
}
