package dispatch

import (
	"slices"
	"sync"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const (
	queueLimit  = 10_000 // messages of a carrier in memory
	laneLimit   = 2_500  // of one account and priority, so that one campaign leaves room for others
	laneReserve = 16     // what a lane may always hold, however full the queue is
	lowWater    = 1_000  // with fewer, a lane that has more in the store is filled up
	spareLanes  = 1_000  // lanes that are kept though nothing is in them
)

// queue is the messages of one carrier. They are served by priority, then by turns between accounts, and within a
// lane in order of acceptance. Each destination belongs to a shard and each shard to one session, so that messages
// to one destination keep their order.
type queue struct {
	carrier sms.CarrierID
	pace    *pace
	hungry  func() // told when there is room for what waits in the store
	figures figures

	mu         sync.Mutex
	searched   bool // the lanes that wait in the store are known; before that, everything waits there
	lanes      map[store.Lane]*lane
	rings      [sms.Priorities][]*lane // the lanes with something to take
	size       int
	seats      []*seat
	desks      [shards]desk
	serving    int   // sessions that are served
	throughput int   // of the carrier, parts a second of all processes; 0: any number
	portion    share // of it, that is this process's
}

// desk is who serves a shard. A shard that goes to another session waits until what the first one took has its
// outcome or is back, so that no message overtakes one to the same destination.
type desk struct {
	owner  *seat // may take, once busy is zero or its own
	holder *seat // took last
	busy   int   // messages that holder took, without an outcome so far
}

func newQueue(carrier sms.CarrierID, searched bool, hungry func()) *queue {
	return &queue{carrier: carrier, pace: newPace(), searched: searched, hungry: hungry, lanes: map[store.Lane]*lane{}}
}

// seat is the place of one session at the queue.
type seat struct {
	wake  chan struct{}
	turns [sms.Priorities]int // where in each ring the next turn is
}

func (q *queue) join() *seat {
	s := &seat{wake: make(chan struct{}, 1)}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seats = append(q.seats, s)
	q.share()
	return s
}

func (q *queue) leave(s *seat) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seats = slices.DeleteFunc(q.seats, func(other *seat) bool { return other == s })
	q.share()
}

// share divides the shards among the seats and wakes all of them.
func (q *queue) share() {
	for shard := range q.desks {
		q.desks[shard].owner = nil
		if len(q.seats) > 0 {
			q.desks[shard].owner = q.seats[shard%len(q.seats)]
		}
	}
	for _, s := range q.seats {
		s.signal()
	}
}

func (s *seat) signal() {
	if s != nil {
		signal(s.wake)
	}
}

// allowed is the shards from which a seat may take now.
func (q *queue) allowed(s *seat) (open shardSet) {
	for shard := range q.desks {
		if d := &q.desks[shard]; d.owner == s && (d.busy == 0 || d.holder == s) {
			open |= 1 << shard
		}
	}
	return open
}

func (d *desk) took(s *seat) {
	d.holder = s
	d.busy++
}

func (d *desk) finished() {
	d.busy--
	if d.busy == 0 && d.holder != d.owner {
		d.owner.signal()
	}
}

// offer takes a committed message into memory, or remembers that it waits in the store.
func (q *queue) offer(m *sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lane(keyOf(m))
	_, here := l.held[m.ID]
	switch {
	case here:
	case l.overflow && m.ID > l.cursor:
		l.follow(m)
	case q.full(l):
		l.spill(m.ID)
	default:
		q.add(l, m)
	}
}

// full says whether a lane may hold no more.
func (q *queue) full(l *lane) bool {
	reserve := laneReserve
	if q.size >= 2*queueLimit {
		reserve = 1 // so many lanes that each can only have its next message here
	}
	return l.count >= laneLimit || (q.size >= queueLimit && l.count >= reserve)
}

func keyOf(m *sms.Message) store.Lane {
	return store.Lane{Carrier: m.Carrier, Priority: m.Priority, Account: m.Account}
}

func (q *queue) lane(key store.Lane) *lane {
	l := q.lanes[key]
	if l == nil {
		l = &lane{key: key, held: map[sms.ID]bool{}, overflow: !q.searched}
		q.lanes[key] = l
	}
	return l
}

func (q *queue) add(l *lane, m *sms.Message) {
	l.held[m.ID] = false
	if l.count == 0 {
		q.rings[l.key.Priority] = append(q.rings[l.key.Priority], l)
	}
	q.size++
	l.push(m)
	q.desks[shardOf(m.Destination)].owner.signal()
}

// take removes messages for one seat: at most limit parts, at least one message when there is any.
func (q *queue) take(s *seat, limit int) (taken []*sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	open := q.allowed(s)
	for priority := range q.rings {
		for limit > 0 {
			m := q.takeTurn(s, priority, open)
			if m == nil {
				break
			}
			limit -= m.Parts
			taken = append(taken, m)
		}
	}
	return taken
}

// takeTurn takes one message from the next lane, by turns, that has one for the seat.
func (q *queue) takeTurn(s *seat, priority int, open shardSet) *sms.Message {
	ring := q.rings[priority]
	for range ring {
		turn := s.turns[priority] % len(ring)
		s.turns[priority] = turn + 1
		l := ring[turn]
		m := l.pop(open)
		if m == nil {
			continue
		}
		q.size--
		l.held[m.ID] = true
		q.desks[shardOf(m.Destination)].took(s)
		if l.count == 0 {
			q.outOfRing(priority, turn)
		}
		if l.wants() {
			q.hungry()
		}
		return m
	}
	return nil
}

// outOfRing removes a lane from its ring, and moves the turns of all seats with those that stood behind it.
func (q *queue) outOfRing(priority, at int) {
	q.rings[priority] = slices.Delete(q.rings[priority], at, at+1)
	for _, s := range q.seats {
		if s.turns[priority] > at {
			s.turns[priority]--
		}
	}
}

// putBack returns messages that surely did not leave, to where they stood.
func (q *queue) putBack(messages ...*sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range messages {
		l := q.lane(keyOf(m))
		q.add(l, m)
		q.desks[shardOf(m.Destination)].finished()
	}
}

// release forgets a message whose outcome is recorded.
func (q *queue) release(m *sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[keyOf(m)]
	if l == nil {
		return // it ended while it waited in the store
	}
	if l.held[m.ID] {
		q.desks[shardOf(m.Destination)].finished()
	}
	delete(l.held, m.ID)
	if l.reading != nil {
		l.reading.gone[m.ID] = struct{}{}
	}
	q.dropIdle(l)
}

// dropIdle forgets a lane of which nothing is left, when there are many.
func (q *queue) dropIdle(l *lane) {
	if len(l.held) == 0 && !l.overflow && l.reading == nil && len(q.lanes) > spareLanes {
		delete(q.lanes, l.key)
	}
}

// holds reports whether a message is in memory or on its way.
func (q *queue) holds(m *sms.Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[keyOf(m)]
	if l == nil {
		return false
	}
	_, here := l.held[m.ID]
	return here
}

func (q *queue) depth() (held int, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.lanes {
		held += len(l.held)
		more = more || l.overflow
	}
	return held, more
}
