// Package dispatch brings accepted messages to carriers.
//
// What comes in: messages, as the store commits them, and bound sessions that ask for work. What goes out: calls of
// Session.Submit, and the outcome of each attempt to the store. Before the bytes of a message can leave, the store
// holds a mark that says so.
//
// It keeps a bounded number of messages in memory and knows which of the others wait in the store; it never speaks a
// protocol, never decides a price, and forgets no message whose outcome is not recorded.
package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Ledger is the durable record of what leaves.
type Ledger interface {
	Mark(ctx context.Context, messages []*sms.Message) (*store.Mark, error)
	Unmark(mark *store.Mark, m *sms.Message, done func(error))
	Record(o sms.Outcome, mark *store.Mark, done func(error))
	Divert(ctx context.Context, messages []*sms.Message, to sms.CarrierID, why string) (moved []*sms.Message, err error)
}

// Backlog is what waits in the store.
type Backlog interface {
	Lanes(ctx context.Context) ([]store.Lane, error)
	Waiting(ctx context.Context, lane store.Lane, after sms.ID, limit int) ([]*sms.Message, error)
	Due(ctx context.Context, limit int, ready func([]*sms.Message)) (int, error)
	Stale(ctx context.Context, after store.Place, limit int) ([]*sms.Message, error)
}

// Dispatcher holds a queue for each carrier.
type Dispatcher struct {
	ledger             Ledger
	backlog            Backlog
	log                *slog.Logger
	load               chan struct{} // there is room for what waits in the store
	cluster            Cluster       // nil: there are no others
	ways               Ways          // nil: there are no others
	passedOn, diverted atomic.Int64  // messages
	demand             chan struct{} // a session with a limit has begun
	shared             bool          // this process may have shares; keepShares only

	mu       sync.RWMutex
	searched bool // Run has found what waits in the store
	queues   map[sms.CarrierID]*queue
}

// New makes a dispatcher without work.
func New(ledger Ledger, backlog Backlog, log *slog.Logger) *Dispatcher {
	return &Dispatcher{ledger: ledger, backlog: backlog, log: log, load: make(chan struct{}, 1), demand: make(chan struct{}, 1),
		queues: map[sms.CarrierID]*queue{}}
}

// Offer gives messages that are committed to their queues. The store calls it in the order of its commits. It never
// blocks: what does not fit waits in the store, and so does everything until Run has begun.
func (d *Dispatcher) Offer(messages []*sms.Message) {
	for _, m := range messages {
		d.queue(m.Carrier).offer(m)
	}
}

// Run takes up what waits in the store, at the start and whenever there is room or a moment has come, until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	if err := d.findLanes(ctx); err != nil {
		if ctx.Err() != nil { // told to stop before it had begun
			return nil
		}
		return err
	}
	var workers sync.WaitGroup
	workers.Go(func() { d.keepLoading(ctx) })
	workers.Go(func() { d.watchClock(ctx) })
	if d.cluster != nil {
		workers.Go(func() { d.keepShares(ctx) })
	}
	if d.ways != nil {
		workers.Go(func() { d.keepDiverting(ctx) })
	}
	workers.Wait()
	return nil
}

// Depth is how many messages of a carrier are in memory, and whether more wait in the store.
func (d *Dispatcher) Depth(carrier sms.CarrierID) (held int, more bool) {
	return d.queue(carrier).depth()
}

func (d *Dispatcher) queue(carrier sms.CarrierID) *queue {
	d.mu.RLock()
	q := d.queues[carrier]
	d.mu.RUnlock()
	if q != nil {
		return q
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if q = d.queues[carrier]; q == nil {
		q = newQueue(carrier, d.searched, d.wakeLoader)
		d.queues[carrier] = q
	}
	return q
}

func (d *Dispatcher) allQueues() (queues []*queue) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, q := range d.queues {
		queues = append(queues, q)
	}
	return queues
}

func (d *Dispatcher) wakeLoader() { signal(d.load) }

func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
