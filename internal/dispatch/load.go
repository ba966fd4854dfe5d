package dispatch

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const (
	loadStep  = 1_000 // messages read from the store at once
	dueStep   = 1_000 // messages whose moment has come, taken at once
	clockTick = 200 * time.Millisecond
	staleTick = 30 * time.Second // how often the store is searched for messages that expired while waiting
	staleRest = 50               // but with a rest of so many times what the reading took, when millions wait
)

// findLanes takes stock of what waits in the store when the process starts. What is accepted before that queues
// behind it.
func (d *Dispatcher) findLanes(ctx context.Context) error {
	lanes, err := d.backlog.Lanes(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.searched = true
	d.mu.Unlock()
	for _, q := range d.allQueues() {
		q.mu.Lock()
		q.searched = true
		q.mu.Unlock()
	}
	for _, key := range lanes {
		q := d.queue(key.Carrier)
		q.mu.Lock()
		q.lane(key).spill(1)
		q.mu.Unlock()
	}
	d.wakeLoader()
	return nil
}

// keepLoading fills lanes from the store whenever one has room.
func (d *Dispatcher) keepLoading(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.load:
		}
		for d.loadOnce(ctx) {
		}
	}
}

// loadOnce gives every hungry lane one helping; false when none wants more.
func (d *Dispatcher) loadOnce(ctx context.Context) (more bool) {
	for _, q := range d.allQueues() {
		for _, l := range q.hungryLanes() {
			if ctx.Err() != nil {
				return false
			}
			if err := d.fill(ctx, q, l); err != nil {
				d.log.Error("what waits in the store cannot be read", "error", err)
				pause(ctx, time.Second)
			}
			more = true
		}
	}
	return more
}

func (q *queue) hungryLanes() (lanes []*lane) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.lanes {
		if l.wants() && !q.full(l) {
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// fill reads the next messages of a lane. When the store has no more, new messages go to memory again.
func (d *Dispatcher) fill(ctx context.Context, q *queue, l *lane) error {
	q.mu.Lock()
	l.reading = &reading{gone: map[sms.ID]struct{}{}}
	after, room := l.cursor, min(loadStep, max(queueLimit-q.size, laneReserve))
	q.mu.Unlock()

	messages, err := d.backlog.Waiting(ctx, l.key, after, room)

	q.mu.Lock()
	defer q.mu.Unlock()
	r := l.reading
	l.reading = nil
	if err != nil {
		return err
	}
	q.merge(l, r, messages)
	if r.lowered {
		return nil
	}
	if len(messages) > 0 {
		q.passTail(l, r, messages[len(messages)-1].ID)
	}
	if len(messages) < room && !r.more {
		l.overflow = false
		q.merge(l, r, r.tail)
		q.dropIdle(l)
	}
	return nil
}

// passTail moves the cursor behind what was read. What was committed meanwhile and belongs before it is taken in: it came
// back to the queue after an attempt, or from another carrier, and the read may be from before.
func (q *queue) passTail(l *lane, r *reading, cursor sms.ID) {
	l.cursor = cursor
	if r.more && r.missed <= cursor {
		l.cursor = r.missed - 1
	}
	for _, m := range r.tail {
		if m.ID <= l.cursor {
			q.merge(l, r, []*sms.Message{m})
		}
	}
}

// merge takes in what was read for a lane, but for what is here and what has left meanwhile.
func (q *queue) merge(l *lane, r *reading, messages []*sms.Message) {
	for _, m := range messages {
		_, here := l.held[m.ID]
		_, gone := r.gone[m.ID]
		if !here && !gone {
			q.add(l, m)
		}
	}
}

// watchClock brings messages whose moment has come, and ends those whose validity has.
func (d *Dispatcher) watchClock(ctx context.Context) {
	tick := time.NewTicker(clockTick)
	defer tick.Stop()
	var next time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			d.takeDue(ctx)
			if !now.Before(next) {
				read := d.expireStale(ctx, now)
				next = now.Add(max(staleTick, staleRest*read))
			}
		}
	}
}

func (d *Dispatcher) takeDue(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := d.backlog.Due(ctx, dueStep, d.Offer)
		if err != nil && ctx.Err() == nil {
			d.log.Warn("messages that are due wait for the store", "error", err)
		}
		if err != nil || n < dueStep {
			return
		}
	}
}

// expireStale ends messages that wait in the store, or in memory for a carrier that is away, beyond their validity. It
// walks through what waits in the store once, and answers how long it read.
func (d *Dispatcher) expireStale(ctx context.Context, now time.Time) (read time.Duration) {
	for place, more := (store.Place{}), true; ctx.Err() == nil; {
		var ended sync.WaitGroup // until then the store shows them still
		var recorded atomic.Int64
		expire := func(q *queue, m *sms.Message) {
			ended.Add(1)
			d.expire(q, m, now, func(err error) {
				if err == nil {
					recorded.Add(1)
				}
				ended.Done()
			})
		}
		for _, q := range d.allQueues() {
			for _, m := range q.takeExpired(now) {
				expire(q, m)
			}
		}
		if more {
			began := time.Now()
			messages := d.staleBehind(ctx, &place)
			read += time.Since(began)
			more = len(messages) == loadStep
			for _, m := range messages {
				if q := d.queue(m.Carrier); !q.holds(m) { // else whoever has it ends it
					expire(q, m)
				}
			}
		}
		if ended.Wait(); recorded.Load() == 0 && !more {
			break
		}
	}
	return read
}

// staleBehind reads the next expired messages in the store and moves the place behind them.
func (d *Dispatcher) staleBehind(ctx context.Context, place *store.Place) []*sms.Message {
	messages, err := d.backlog.Stale(ctx, *place, loadStep)
	if err != nil {
		d.log.Warn("expired messages cannot be read", "error", err)
		return nil
	}
	if len(messages) > 0 {
		last := messages[len(messages)-1]
		*place = store.Place{Lane: keyOf(last), ID: last.ID}
	}
	return messages
}

// expire ends a message that may not be sent any more.
func (d *Dispatcher) expire(q *queue, m *sms.Message, now time.Time, done func(error)) {
	d.end(q, expired(m, now), done)
}

// end records the outcome of a message that does not leave.
func (d *Dispatcher) end(q *queue, o sms.Outcome, done func(error)) {
	d.ledger.Record(o, nil, func(err error) {
		d.recorded(q, o.Message, err)
		done(err)
	})
}

// takeExpired removes from memory what may not be sent any more.
func (q *queue) takeExpired(now time.Time) (expired []*sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, ring := range q.rings {
		for _, l := range slices.Backward(slices.Clone(ring)) {
			gone := l.takeExpired(now)
			q.size -= len(gone)
			expired = append(expired, gone...)
			if l.count == 0 {
				q.outOfRing(int(l.key.Priority), slices.Index(q.rings[l.key.Priority], l))
			}
			if l.wants() {
				q.hungry()
			}
		}
	}
	return expired
}

func (l *lane) takeExpired(now time.Time) (expired []*sms.Message) {
	for shard := range l.fifos {
		expired = append(expired, l.fifos[shard].takeExpired(now)...)
		if l.fifos[shard].len() == 0 {
			l.stocked &^= 1 << shard
		}
	}
	l.count -= len(expired)
	return expired
}

func (f *fifo) takeExpired(now time.Time) (expired []*sms.Message) {
	kept := f.items[:0]
	for _, m := range f.items[f.start:] {
		if m.Expires.After(now) {
			kept = append(kept, m)
		} else {
			expired = append(expired, m)
		}
	}
	clear(f.items[len(kept):])
	f.items, f.start = kept, 0
	return expired
}
