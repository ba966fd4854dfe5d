package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// On PostgreSQL the messages of a week are a partition of their own. Partitions are made ahead of time; where there is
// none, a DEFAULT one takes the rows. A week in which nothing is left to keep is dropped as a whole: messages that are
// kept for the longest time that any account has set wait for that, all others are removed row by row.

const (
	partitionSpan  = 7 * 24 * time.Hour
	partitionAhead = 5              // weeks that have a partition before they begin
	partitionCheck = 12 * time.Hour // how soon a week in which something must be kept is looked at again
)

// partition is one week.
type partition struct {
	begin time.Time
}

// weekOf is the week of a moment; weeks begin on Monday, UTC.
func weekOf(at time.Time) partition {
	return partition{at.UTC().Truncate(partitionSpan)} // the zero time is a Monday
}

func (p partition) end() time.Time { return p.begin.Add(partitionSpan) }
func (p partition) first() sms.ID  { return sms.MakeID(p.begin, 0, 0) }
func (p partition) behind() sms.ID { return sms.MakeID(p.end(), 0, 0) }
func (p partition) name() string   { return "message_" + p.begin.Format(partitionForm) }

const partitionForm = "20060102"

// definition makes it.
func (p partition) definition() string {
	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s PARTITION OF message FOR VALUES FROM (%d) TO (%d) WITH (fillfactor = 80)`,
		p.name(), p.first(), p.behind())
}

// The keys of advisory locks.
const (
	lockPartitions = 0x7374616666 + iota
	lockRetention
	lockOverdue
)

// ahead are the weeks that should have a partition.
func ahead(now time.Time) (weeks []partition) {
	for p := weekOf(now); len(weeks) <= partitionAhead; p = weekOf(p.end()) {
		weeks = append(weeks, p)
	}
	return weeks
}

// makePartitions makes those that are missing. Making one locks the table for a moment: it gives up rather than have
// others wait, and the next time tries again.
func (s *Store) makePartitions(ctx context.Context, now time.Time) error {
	there, err := s.partitions(ctx)
	if err != nil {
		return err
	}
	for _, week := range ahead(now) {
		if there[week.name()] {
			continue
		}
		if err := s.define(ctx, week.definition()); err != nil {
			return fmt.Errorf("partition %s: %w", week.name(), err)
		}
	}
	return nil
}

// define changes the tables, one node at a time, and waits for nobody longer than a moment.
func (s *Store) define(ctx context.Context, statement string) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	for _, one := range []string{`SET LOCAL lock_timeout = '100ms'`, fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, lockPartitions), statement} {
		if _, err := tx.ExecContext(ctx, one); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// partitions are the names of those that are there.
func (s *Store) partitions(ctx context.Context) (map[string]bool, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'message'::regclass`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names[name] = true
	}
	return names, rows.Err()
}

// weeks are the partitions that are weeks.
func (s *Store) weeks(ctx context.Context) (weeks []partition, err error) {
	names, err := s.partitions(ctx)
	for name := range names {
		if at, err := time.Parse("message_"+partitionForm, name); err == nil {
			weeks = append(weeks, partition{at})
		}
	}
	return weeks, err
}

// passPartitions makes the weeks to come and drops those that are over.
func (r *Retention) passPartitions(ctx context.Context, now time.Time) error {
	s := r.store
	if !s.dialect.numbered {
		return nil
	}
	if err := s.makePartitions(ctx, now); err != nil {
		s.log.Warn("a partition for messages could not be made now", "error", err)
	}
	weeks, err := s.weeks(ctx)
	if err != nil {
		return err
	}
	r.weeks = map[string]bool{}
	for _, week := range weeks {
		r.weeks[week.name()] = true
		if week.end().Add(r.rules.longest()).After(now) || now.Sub(r.checked[week.name()]) < partitionCheck {
			continue
		}
		r.checked[week.name()] = now
		if err := r.endWeek(ctx, week, now); err != nil {
			delete(r.checked, week.name())
			s.log.Warn("a week of messages could not be removed now", "partition", week.name(), "error", err)
		}
	}
	return nil
}

// endWeek drops a week of which nothing must be kept, after what hangs on its messages. Else it removes the messages
// that are over.
func (r *Retention) endWeek(ctx context.Context, week partition, now time.Time) error {
	var kept bool
	err := r.store.reader.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+week.name()+
		` WHERE state IN (1, 2) OR COALESCE(final_at, expires_at + $1) > $2)`,
		neverFinal.Milliseconds(), now.Add(-r.rules.longest()).UnixMilli()).Scan(&kept)
	if err != nil {
		return err
	}
	if err := r.follow(ctx, &walk{at: week.first()}, week.behind(), r.all(now, !kept)); err != nil {
		return err
	}
	if kept {
		return nil
	}
	if err := r.store.define(ctx, `DROP TABLE `+week.name()); err != nil {
		return err
	}
	r.store.log.Info("a week of messages is removed", "partition", week.name())
	return nil
}

// all removes every message that is over; those that stay lose what hangs on them.
func (r *Retention) all(now time.Time, stay bool) decide {
	return func(met []old) (gone, blank []old) {
		for _, o := range met {
			if o.stays = stay; !waits(o.state) && now.Sub(o.end) >= r.rules.of(o.account).keep {
				gone = append(gone, o)
			}
		}
		return gone, nil
	}
}

// leftToPartition reports whether a message that is over goes with its whole week.
func (r *Retention) leftToPartition(o old, rule rule) bool {
	return r.store.dialect.numbered && rule.keep == r.rules.longest() && r.weeks[weekOf(o.id.Time()).name()]
}

// alonePass answers how to end a pass that only one node does at a time; nil: another does it now.
func (s *Store) alonePass(ctx context.Context, lock int64) (free func(), err error) {
	if !s.dialect.numbered {
		return func() {}, nil
	}
	conn, err := s.reader.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var mine bool
	if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, lock).Scan(&mine); err != nil || !mine {
		return nil, joinClosed(err, conn)
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lock) // a lost connection has unlocked
		_ = conn.Close()
	}, nil
}

func joinClosed(err error, conn *sql.Conn) error {
	if closed := conn.Close(); err == nil {
		err = closed
	}
	return err
}
