package store

import (
	"context"
	"sync"
	"time"
)

// Live keeps this process among the nodes until ctx ends: it renews its heartbeat, adopts what dead nodes left, and
// looks again for receipts that missed their message. queues are told what changes. Join must have been called. What
// still waits at the end is handed over by Close. On SQLite there is one process, and nothing to do.
func (s *Store) Live(ctx context.Context, queues Queues) error {
	if !s.shared() {
		<-ctx.Done()
		return nil
	}
	s.news.tell(queues)
	s.rest.Store(int64(time.Since(s.born) + restAtStart))
	var workers sync.WaitGroup
	workers.Go(func() { every(ctx, beatEvery, s.beat) })
	workers.Go(func() { every(ctx, time.Minute, s.nameOrphans) })
	workers.Go(func() { every(ctx, time.Second, s.adoptAll) })
	workers.Go(func() { every(ctx, time.Second, s.lookAgain) })
	workers.Wait()
	return nil
}

// every calls work at once and then at intervals until ctx ends.
func every(ctx context.Context, interval time.Duration, work func(context.Context)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		work(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// beat renews the heartbeat, beside the commit loop, which may be held up. One that is stale already is not renewed: the
// commit loop takes a new epoch first.
func (s *Store) beat(ctx context.Context) {
	if !s.MaySend() {
		s.suspect()
		return
	}
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	started, mine := time.Now(), s.claim.Load()
	result, err := s.writer.ExecContext(ctx, `UPDATE node SET heartbeat = now() WHERE id = $1 AND epoch = $2`, mine.node, mine.epoch)
	if err != nil {
		if !s.away.Load() {
			s.log.Warn("the heartbeat of this node does not come through", "error", withoutPassword(err))
		}
		return
	}
	if n, err := result.RowsAffected(); err == nil && n > 0 {
		s.renewed(started)
		return
	}
	if s.claim.Load() == mine { // else the commit loop has taken a new epoch meanwhile
		s.suspect()
	}
}

// suspect has the commit loop find out whether this node still holds its number.
func (s *Store) suspect() {
	if !s.stale.Swap(true) {
		s.enqueue(&inquiry{})
	}
}

// inquiry makes the commit loop begin a transaction, and before that settle every doubt.
type inquiry struct{}

func (*inquiry) apply(*Tx) error { return nil }
func (*inquiry) settle(error)    {}
func (*inquiry) keep() bool      { return true }
