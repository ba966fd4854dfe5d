package dispatch

import (
	"cmp"
	"errors"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Withdraw takes a message that was cancelled out of memory. True: a session has taken it already, and will be refused its
// mark.
func (d *Dispatcher) Withdraw(m *sms.Message) (taken bool) {
	for _, q := range d.allQueues() {
		taken = q.withdraw(m) || taken
	}
	return taken
}

func (q *queue) withdraw(m *sms.Message) (taken bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[store.Lane{Carrier: q.carrier, Priority: m.Priority, Account: m.Account}]
	if l == nil {
		return false
	}
	if l.reading != nil { // what is read may be from before
		l.reading.gone[m.ID] = struct{}{}
	}
	taken, here := l.held[m.ID]
	if taken || !here {
		return taken
	}
	delete(l.held, m.ID)
	l.remove(m)
	q.size--
	if l.count == 0 {
		ring := int(l.key.Priority)
		q.outOfRing(ring, slices.Index(q.rings[ring], l))
	}
	if l.wants() {
		q.hungry()
	}
	q.dropIdle(l)
	return false
}

// remove takes a message out of its fifo.
func (l *lane) remove(m *sms.Message) {
	shard := shardOf(m.Destination)
	f := &l.fifos[shard]
	at, _ := slices.BinarySearchFunc(f.items[f.start:], m, func(a, b *sms.Message) int { return cmp.Compare(a.ID, b.ID) })
	f.items = slices.Delete(f.items, f.start+at, f.start+at+1)
	if f.start == len(f.items) {
		f.items, f.start = f.items[:0], 0
		l.stocked &^= 1 << shard
	}
	l.count--
}

// withoutCancelled puts messages back whose mark was refused because some of them are cancelled; false: that is not why.
// Should a cancellation not have come to pass, the message is read from the store again.
func (f *feeder) withoutCancelled(err error, messages []*sms.Message) bool {
	gone, ok := errors.AsType[*store.WithdrawnError](err)
	if !ok {
		return false
	}
	for _, m := range messages {
		if slices.Contains(gone.IDs, m.ID) {
			f.queue.forget(m)
		} else {
			f.queue.putBack(m)
		}
	}
	return true
}
