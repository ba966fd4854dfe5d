package dispatch

import (
	"slices"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const (
	queueLimit  = 10_000 // messages of a carrier in memory
	laneLimit   = 2_500  // of one account and priority, so that one campaign leaves room for others
	laneReserve = 16     // what a lane may always hold, however full the queue is
	lowWater    = 1_000  // with fewer, a lane that has more in the store is filled up
)

// queue is the messages of one carrier. They are served by priority, then by turns between accounts, and within a
// lane in order of acceptance. Each destination belongs to a shard and each shard to one session, so that messages
// to one destination keep their order.
type queue struct {
	carrier sms.CarrierID
	hungry  func() // told when there is room for what waits in the store

	mu        sync.Mutex
	lanes     map[store.Lane]*lane
	rings     [sms.Priorities][]*lane // the lanes with something to take
	turns     [sms.Priorities]int
	size      int
	seats     []*seat
	slowUntil time.Time
}

func newQueue(carrier sms.CarrierID, hungry func()) *queue {
	return &queue{carrier: carrier, hungry: hungry, lanes: map[store.Lane]*lane{}}
}

// seat is the place of one session at the queue.
type seat struct {
	queue *queue
	wake  chan struct{}
	owns  [shards]bool
}

func (q *queue) join() *seat {
	s := &seat{queue: q, wake: make(chan struct{}, 1)}
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
	for i, s := range q.seats {
		for shard := range s.owns {
			s.owns[shard] = shard%len(q.seats) == i
		}
		s.signal()
	}
}

func (s *seat) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// offer takes a committed message into memory, or remembers that it waits in the store.
func (q *queue) offer(m *sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lane(store.Lane{Carrier: m.Carrier, Priority: m.Priority, Account: m.Account})
	if _, here := l.held[m.ID]; here {
		return
	}
	if l.overflow && m.ID > l.cursor {
		l.missed = true
		return
	}
	if q.full(l) {
		l.spill(m.ID)
		return
	}
	q.add(l, m)
}

// full says whether a lane may hold no more.
func (q *queue) full(l *lane) bool {
	return l.count >= laneLimit || (q.size >= queueLimit && l.count >= laneReserve)
}

func (q *queue) lane(key store.Lane) *lane {
	l := q.lanes[key]
	if l == nil {
		l = &lane{key: key, held: map[sms.ID]struct{}{}}
		q.lanes[key] = l
	}
	return l
}

func (q *queue) add(l *lane, m *sms.Message) {
	l.held[m.ID] = struct{}{}
	q.insert(l, m)
}

func (q *queue) insert(l *lane, m *sms.Message) {
	shard := shardOf(m.Destination)
	if l.count == 0 {
		q.rings[l.key.Priority] = append(q.rings[l.key.Priority], l)
	}
	l.count++
	q.size++
	l.fifos[shard].insert(m)
	for _, s := range q.seats {
		if s.owns[shard] {
			s.signal()
		}
	}
}

// take removes messages for one seat: at most limit parts, at least one message when there is any.
func (q *queue) take(s *seat, limit int) (taken []*sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for priority := range q.rings {
		idle := 0
		for limit > 0 && idle < len(q.rings[priority]) {
			m := q.takeTurn(s, priority)
			if m == nil {
				idle++
				continue
			}
			idle = 0
			limit -= m.Parts
			taken = append(taken, m)
		}
	}
	return taken
}

// takeTurn gives the lane whose turn it is the chance to send one message.
func (q *queue) takeTurn(s *seat, priority int) *sms.Message {
	ring := q.rings[priority]
	turn := q.turns[priority] % len(ring)
	q.turns[priority] = turn + 1
	l := ring[turn]
	m := l.pop(&s.owns)
	if m == nil {
		return nil
	}
	l.count--
	q.size--
	if l.count == 0 {
		q.rings[priority] = slices.Delete(ring, turn, turn+1)
		q.turns[priority] = turn
	}
	if l.overflow && l.count < lowWater {
		q.hungry()
	}
	return m
}

// putBack returns messages that surely did not leave, to where they stood.
func (q *queue) putBack(messages ...*sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range messages {
		q.insert(q.lane(store.Lane{Carrier: m.Carrier, Priority: m.Priority, Account: m.Account}), m)
	}
}

// release forgets a message whose outcome is recorded.
func (q *queue) release(m *sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := store.Lane{Carrier: m.Carrier, Priority: m.Priority, Account: m.Account}
	l := q.lane(key)
	delete(l.held, m.ID)
	if len(l.held) == 0 && l.count == 0 && !l.overflow && !l.loading {
		delete(q.lanes, key)
	}
}

// holds reports whether a message is in memory or on its way.
func (q *queue) holds(m *sms.Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[store.Lane{Carrier: m.Carrier, Priority: m.Priority, Account: m.Account}]
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
