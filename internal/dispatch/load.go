package dispatch

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

const (
	loadStep  = 1_000 // messages read from the store at once
	dueStep   = 1_000 // messages whose moment has come, taken at once
	clockTick = 200 * time.Millisecond
	staleTick = 30 * time.Second // how often the store is searched for messages that expired while waiting
)

// findLanes takes stock of what waits in the store when the process starts.
func (d *Dispatcher) findLanes(ctx context.Context) error {
	lanes, err := d.backlog.Lanes(ctx)
	if err != nil {
		return err
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
		if l.overflow && !l.loading && l.count < lowWater && !q.full(l) {
			l.loading = true
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// fill reads the next messages of a lane. When the store has no more, and nothing was committed meanwhile, new
// messages go to memory again.
func (d *Dispatcher) fill(ctx context.Context, q *queue, l *lane) error {
	q.mu.Lock()
	after, room := l.cursor, min(loadStep, max(queueLimit-q.size, laneReserve))
	l.missed = false
	q.mu.Unlock()

	messages, err := d.backlog.Waiting(ctx, l.key, after, room)

	q.mu.Lock()
	defer q.mu.Unlock()
	l.loading = false
	if err != nil {
		l.missed = true
		return err
	}
	moved := l.cursor != after // lowered by a message that spilled meanwhile: read again from there
	for _, m := range messages {
		if _, here := l.held[m.ID]; !here {
			q.add(l, m)
		}
	}
	if moved {
		return nil
	}
	if len(messages) > 0 {
		l.cursor = messages[len(messages)-1].ID
	}
	if len(messages) < room && !l.missed {
		l.overflow = false
	}
	return nil
}

// watchClock brings messages whose moment has come, and ends those whose validity has.
func (d *Dispatcher) watchClock(ctx context.Context) {
	tick := time.NewTicker(clockTick)
	defer tick.Stop()
	var searched time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			d.takeDue(ctx)
			if now.Sub(searched) >= staleTick {
				searched = now
				d.expireStale(ctx, now)
			}
		}
	}
}

func (d *Dispatcher) takeDue(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := d.backlog.Due(ctx, dueStep, d.Offer)
		if err != nil {
			d.log.Warn("messages that are due wait for the store", "error", err)
		}
		if err != nil || n < dueStep {
			return
		}
	}
}

// expireStale ends messages that wait in the store, or in memory for a carrier that is away, beyond their validity.
func (d *Dispatcher) expireStale(ctx context.Context, now time.Time) {
	for _, q := range d.allQueues() {
		d.expire(q, q.takeExpired(now), now)
	}
	messages, err := d.backlog.Stale(ctx, loadStep)
	if err != nil {
		d.log.Warn("expired messages cannot be read", "error", err)
		return
	}
	for _, m := range messages {
		if q := d.queue(m.Carrier); !q.holds(m) {
			d.expire(q, []*sms.Message{m}, now)
		}
	}
}

// takeExpired removes from memory what may not be sent any more.
func (q *queue) takeExpired(now time.Time) (expired []*sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.lanes {
		for i := range l.fifos {
			gone := l.fifos[i].takeExpired(now)
			l.count -= len(gone)
			q.size -= len(gone)
			expired = append(expired, gone...)
		}
	}
	q.dropIdle()
	return expired
}

// dropIdle takes the lanes without messages out of the rings.
func (q *queue) dropIdle() {
	for priority, ring := range q.rings {
		kept := ring[:0]
		for _, l := range ring {
			if l.count > 0 {
				kept = append(kept, l)
			}
		}
		clear(ring[len(kept):])
		q.rings[priority] = kept
	}
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
