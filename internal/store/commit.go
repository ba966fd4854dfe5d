package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/staffetta/staffetta/internal/sms"
)

// member is one caller's work in a group commit.
type member interface {
	// apply does the work inside a transaction. It is called again when the group was refused, each time from the start.
	apply(tx *Tx) error
	// settle tells the caller: nil after the commit, else why not. Members are settled in the order of the group.
	settle(err error)
}

// A member that is alone cannot share its transaction: it may refuse after it has written.
type loner interface{ alone() bool }

// A member that is kept survives a database that takes nothing: it is tried until it is committed. Outcomes are; what
// a customer or a carrier waits for, and can send again, is not.
type kept interface{ keep() bool }

// answer lets a goroutine wait for its member.
type answer struct{ err chan error }

func (a *answer) settle(err error) { a.err <- err }
func (a *answer) open() chan error {
	a.err = make(chan error, 1)
	return a.err
}

// wait puts a member into the next group and waits for its commit. When ctx ends first, the member may still be
// committed.
func (s *Store) wait(ctx context.Context, m interface {
	member
	open() chan error
}) error {
	done := m.open()
	if err := s.queue.put(m); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return &sms.Error{Code: sms.Unavailable, Message: "the server is too busy to store this now", RetryAfter: time.Second, Cause: ctx.Err()}
	}
}

// queue is what waits for the next group.
type queue struct {
	mu      sync.Mutex
	waiting []member
	spare   []member
	closed  bool
	wake    chan struct{}
}

func (q *queue) init() { q.wake = make(chan struct{}, 1) }

func (q *queue) put(m member) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return &sms.Error{Code: sms.Unavailable, Message: "the server is stopping", RetryAfter: 5 * time.Second}
	}
	q.waiting = append(q.waiting, m)
	first := len(q.waiting) == 1
	q.mu.Unlock()
	if first {
		q.signal()
	}
	return nil
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take empties the queue; the group is valid until the next call.
func (q *queue) take() []member {
	q.mu.Lock()
	defer q.mu.Unlock()
	group := q.waiting
	q.waiting = q.spare[:0]
	q.spare = group
	return group
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// ended reports whether nothing more can come.
func (q *queue) ended() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed && len(q.waiting) == 0
}

// putBack returns members to the head of the queue.
func (q *queue) putBack(members []member) {
	q.mu.Lock()
	q.waiting = append(append([]member(nil), members...), q.waiting...)
	q.mu.Unlock()
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

// Run is the commit loop: it returns nil when ctx has ended and everything that waited is committed or refused. After
// that every member is refused. An error means that the process must end: outcomes are lost, or the disk is (ErrDisk).
func (s *Store) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, s.queue.close)
	defer stop()
	durable := make(chan error, 1)
	groups := make(chan []member) // committed; each waits until the one before it is durable
	go func() { durable <- s.keepDurable(groups) }()
	err := s.commitAll(ctx, groups)
	close(groups)
	return errors.Join(err, <-durable)
}

// commitAll commits one group after another, and hands over those that are, until the queue is closed and empty.
func (s *Store) commitAll(ctx context.Context, groups chan<- []member) error {
	patience := firstPatience
	for {
		group := s.queue.take()
		if len(group) == 0 {
			if s.queue.ended() {
				return nil
			}
			if !s.away.Load() {
				<-s.queue.wake
			} else if s.reach(ctx, patience) {
				patience = firstPatience
			} else {
				patience = min(2*patience, 2*time.Second)
			}
			continue
		}
		done, left := s.commit(group)
		clear(group)
		if s.away.Load() { // who waits need not wait for the next attempt to hear the same
			left = append(left, s.refuse(s.queue.take(), errAway)...)
		}
		if len(done) > 0 {
			groups <- done
		}
		if len(left) == 0 {
			patience = firstPatience
			continue
		}
		if ctx.Err() != nil {
			return s.giveUp(left)
		}
		s.queue.putBack(left)
		pause(ctx, patience)
		patience = min(2*patience, 2*time.Second)
	}
}

// reach looks, after a pause, whether a database that was away is there again: callers are refused until then.
func (s *Store) reach(ctx context.Context, patience time.Duration) bool {
	pause(ctx, patience)
	_, err := s.attempt(nil)
	return err == nil
}

// firstPatience is the pause after the database has taken nothing for the first time; it doubles with each time.
const firstPatience = 100 * time.Millisecond

// giveUp refuses what the database has not taken by the end.
func (s *Store) giveUp(left []member) error {
	s.queue.close()
	err := errors.New("the database took nothing until the end: the outcomes of the last messages are not recorded")
	for _, m := range append(left, s.queue.take()...) {
		m.settle(err)
	}
	return err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// commit works a group off. It returns the members that are committed, to be told when that is durable, and the kept
// members that the database did not take. The others are told here.
func (s *Store) commit(group []member) (done, left []member) {
	started := time.Now()
	defer func() { s.Counters.CommitNanoseconds.Add(int64(time.Since(started))) }()
	done = make([]member, 0, len(group))
	for start := 0; start < len(group); {
		end := start + 1
		for !isAlone(group[start]) && end < len(group) && !isAlone(group[end]) {
			end++
		}
		done, left = s.together(group[start:end], done, left)
		start = end
	}
	return done, left
}

func isAlone(m member) bool {
	l, ok := m.(loner)
	return ok && l.alone()
}

// together commits members in one transaction. A member that cannot be applied is taken out and tried alone after
// the others, so that a bad one harms nobody; when the database refuses all of it for another reason, each is tried
// alone.
func (s *Store) together(members, done, left []member) (_, _ []member) {
	var culprits []member
	for {
		culprit, err := s.attempt(members)
		for tries := 0; tries < 5 && collided(err); tries++ {
			culprit, err = s.attempt(members)
		}
		if err == nil {
			s.Counters.Members.Add(int64(len(members)))
			done = append(done, members...)
			break
		}
		if len(members) == 1 || storeWide(err) {
			left = append(left, s.refuse(members, err)...)
			break
		}
		if culprit < 0 {
			for i := range members {
				done, left = s.together(members[i:i+1], done, left)
			}
			break
		}
		culprits = append(culprits, members[culprit])
		members = slices.Concat(members[:culprit], members[culprit+1:])
	}
	for i := range culprits {
		done, left = s.together(culprits[i:i+1], done, left)
	}
	return done, left
}

// attempt applies members in one transaction and says which of them could not be; -1: it was none of them.
func (s *Store) attempt(members []member) (culprit int, err error) {
	culprit = -1
	if s.doubt.connection || s.stale.Load() {
		if err := s.rejoin(); err != nil {
			return culprit, &nobodysFault{err}
		}
	}
	err = s.transact(context.Background(), members, func(tx *Tx) error {
		for i, m := range members {
			if err := m.apply(tx); err != nil {
				culprit = i
				return err
			}
		}
		return nil
	})
	return culprit, err
}

// refuse tells members that their transaction failed, and returns those that must be tried again.
func (s *Store) refuse(members []member, err error) (left []member) {
	s.Counters.Failures.Add(int64(len(members)))
	if !storeWide(err) {
		s.Counters.Refused.Add(int64(len(members)))
		for _, m := range members {
			m.settle(err)
		}
		return nil
	}
	if !s.away.Swap(s.shared()) {
		s.log.Error("the database takes no writes", "error", withoutPassword(err), "waiting", len(members))
	}
	refusal := asUnavailable(err)
	for _, m := range members {
		if k, ok := m.(kept); ok && k.keep() {
			left = append(left, m)
			continue
		}
		m.settle(refusal)
	}
	return left
}

// transaction runs work in one transaction on the writing connection, the balances that it touched included.
func (s *Store) transaction(ctx context.Context, work func(tx *Tx) error) error {
	return s.transact(ctx, nil, work)
}

// transact is transaction for work of members, of which it is known what they will read.
func (s *Store) transact(ctx context.Context, members []member, work func(tx *Tx) error) error {
	if s.shared() {
		limited, cancel := context.WithTimeout(ctx, groupLimit)
		defer cancel()
		ctx = limited
	}
	if err := s.begin(ctx); err != nil {
		return &nobodysFault{err}
	}
	tx := &Tx{ctx: ctx, dialect: s.dialect, stmts: s.write, now: time.Now().UTC().Truncate(time.Millisecond), balances: ledger{}, traffic: tally{from: s.counted}}
	tx.rows = s.newRows(tx)
	err := tx.rows.foresee(members)
	if err == nil {
		err = work(tx)
	}
	if err == nil {
		err = errors.Join(tx.balances.save(tx), s.saveTraffic(tx), tx.clearMarks())
	}
	if err == nil {
		err = tx.rows.commit()
	}
	if err == nil {
		s.committed(tx)
		return nil
	}
	s.rollBack(ctx, tx)
	if s.shared() && s.conn != nil && storeWide(err) && !collided(err) {
		s.disconnect(tx) // it may lead to a server that is no longer the one that takes writes
	}
	if s.conn == nil { // lost under the work of some member, which is not to blame
		err = &nobodysFault{err}
	}
	return err
}

func (s *Store) newRows(tx *Tx) rows {
	if s.dialect.numbered {
		return newSetBased(tx, s.native, s.queueBegin)
	}
	return rowByRow{tx}
}

// begin begins a transaction, on a new connection when the last one is lost. On PostgreSQL it only sees to the connection:
// the transaction begins with its first journey.
func (s *Store) begin(ctx context.Context) (err error) {
	if s.conn == nil {
		if err := s.connect(ctx); err != nil {
			return err
		}
	}
	if s.shared() {
		return nil
	}
	if _, err = s.write.run(ctx, s.dialect.begin, nil); err != nil {
		s.rollBack(ctx, nil) // the last one may still be open when its end failed too
	}
	return err
}

// connect takes the connection that writes.
func (s *Store) connect(ctx context.Context) (err error) {
	if s.conn, err = s.writer.Conn(ctx); err != nil {
		s.conn = nil
		return fmt.Errorf("database: %w", err)
	}
	s.write = newStatements(s.dialect, s.conn)
	return s.conn.Raw(func(driver any) error {
		if c, ok := driver.(*stdlib.Conn); ok {
			s.native = c.Conn()
		}
		return nil
	})
}

// rollBack ends a transaction that failed. Its own error does not count: SQLite rolls back by itself after some
// refusals, and what is left open is ended before the next transaction. A connection that cannot even do that is lost.
func (s *Store) rollBack(ctx context.Context, tx *Tx) {
	if _, err := s.conn.ExecContext(ctx, "ROLLBACK"); err != nil && s.shared() {
		s.disconnect(tx)
	}
}

// nobodysFault is a refusal to begin or to commit a transaction: no member caused it.
type nobodysFault struct{ error }

func (n *nobodysFault) Unwrap() error { return n.error }

func (s *Store) committed(tx *Tx) {
	s.Counters.Commits.Add(1)
	if s.away.Load() {
		s.away.Store(false)
		s.log.Info("the database takes writes again")
	}
	s.parked += tx.parked
	s.waiting.Add(tx.waiting)
	for state, n := range tx.reached {
		if n > 0 {
			s.Counters.Reached[state].Add(n)
		}
	}
	for mark, u := range tx.unmarked {
		mark.committed(u)
	}
	if len(tx.withdrawn) > 0 {
		s.withdrawn.add(tx.withdrawn)
	}
	if len(tx.stirred) > 0 {
		s.stir.add(tx.stirred)
	}
	for _, work := range tx.done {
		work()
	}
}
