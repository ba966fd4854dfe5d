package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Cluster is the processes that share the store, as far as they matter to what leaves here.
type Cluster interface {
	// Holds reports whether the next byte of what is under a mark may leave: not while this process is cut off from the
	// others, and not once it has lost the mark to one of them.
	Holds(mark *store.Mark) bool
	// Shares tells which fraction of the throughput of carriers is this process's for shareTerm, and gives the others' back.
	Shares(ctx context.Context, carriers []sms.CarrierID, use func(carrier sms.CarrierID, fraction float64)) error
}

const (
	shareTick = time.Second
	shareTerm = 4 * time.Second       // from the beginning of the call that told a share
	shareWait = 50 * time.Millisecond // between two looks of a session that has no share
)

// errFenced is why nothing leaves while this process is cut off from the others.
var errFenced = errors.New("another process may have adopted what is here")

// Among makes a dispatcher one of several that share the store. It is called before Run and Serve.
func (d *Dispatcher) Among(c Cluster) *Dispatcher {
	d.cluster = c
	return d
}

// Adopted says that the store may have messages of these lanes that are not here, older ones too: they are read again.
func (d *Dispatcher) Adopted(lanes []store.Lane) {
	for _, key := range lanes {
		q := d.queue(key.Carrier)
		q.mu.Lock()
		q.again(q.lane(key))
		q.mu.Unlock()
	}
	d.wakeLoader()
}

// again has a whole lane read from the store, so that what is older there leaves before what is younger here.
func (q *queue) again(l *lane) {
	if at := slices.Index(q.rings[l.key.Priority], l); at >= 0 {
		q.outOfRing(int(l.key.Priority), at)
	}
	q.size -= l.count
	l.drop()
	l.again()
}

// Drop forgets every message that is not on its way: it may be another process's now. What the store still has for this
// one is read again.
func (d *Dispatcher) Drop() {
	for _, q := range d.allQueues() {
		q.drop()
	}
	d.wakeLoader()
}

func (q *queue) drop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.lanes {
		q.again(l)
	}
}

// drop empties the fifos; what a session has taken stays known.
func (l *lane) drop() {
	for id, taken := range l.held {
		if !taken {
			delete(l.held, id)
		}
	}
	l.fifos = [shards]fifo{}
	l.stocked, l.count = 0, 0
}

// again has the whole lane read from the store; what is read at this moment may be from before.
func (l *lane) again() {
	l.overflow, l.cursor = true, 0
	if l.reading != nil {
		l.reading.lowered = true
	}
}

// forget gives messages up that may be another process's. If the store has them for this one, they are read again.
func (q *queue) forget(messages ...*sms.Message) {
	for _, m := range messages {
		q.release(m)
		q.mu.Lock()
		q.lane(keyOf(m)).again()
		q.mu.Unlock()
	}
	q.hungry()
}

// leased is a context that has ended once nothing may leave any more. It is asked at the last moment, when no timer may
// have run yet: the process may have been stopped.
type leased struct {
	context.Context
	end     context.CancelCauseFunc
	cluster Cluster
	mark    *store.Mark
}

// Err ends the context when nothing of its mark may leave.
func (l leased) Err() error {
	if !l.cluster.Holds(l.mark) {
		l.end(errFenced)
	}
	return l.Context.Err()
}

// lease is a context for Submit. One serves all messages of a mark, until it has ended.
func (f *feeder) lease(ctx context.Context, mark *store.Mark) context.Context {
	if f.dispatcher.cluster == nil {
		return ctx
	}
	if f.leased == nil || f.leased.mark != mark || f.leased.Err() != nil {
		inner, end := context.WithCancelCause(ctx)
		f.leased = &leased{inner, end, f.dispatcher.cluster, mark}
	}
	return f.leased
}

// mayLeave reports whether what is under a mark may leave.
func (f *feeder) mayLeave(mark *store.Mark) bool {
	return f.dispatcher.cluster == nil || f.dispatcher.cluster.Holds(mark)
}

// keepShares renews this process's shares of the carriers that it serves and that have a limit.
func (d *Dispatcher) keepShares(ctx context.Context) {
	tick := time.NewTicker(shareTick)
	defer tick.Stop()
	for {
		d.renewShares(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-d.demand:
		}
	}
}

func (d *Dispatcher) renewShares(ctx context.Context) {
	var carriers []sms.CarrierID
	for _, q := range d.allQueues() {
		if q.isLimited() {
			carriers = append(carriers, q.carrier)
		}
	}
	if len(carriers) == 0 && !d.shared {
		return
	}
	d.shared = len(carriers) > 0
	ctx, cancel := context.WithTimeout(ctx, shareTerm)
	defer cancel()
	until := time.Now().Add(shareTerm)
	err := d.cluster.Shares(ctx, carriers, func(carrier sms.CarrierID, fraction float64) {
		d.queue(carrier).setShare(share{fraction, until})
	})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("this node's shares of the carriers' throughput are not renewed", "error", err)
	}
}

// share is the part of a carrier's throughput that sessions here may use for a time.
type share struct {
	fraction float64
	until    time.Time
}

func (q *queue) setShare(s share) {
	q.mu.Lock()
	q.portion = s
	q.mu.Unlock()
}

func (q *queue) isLimited() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.serving > 0 && q.throughput > 0
}

// serve counts the sessions that are served.
func (q *queue) serve(change int) {
	q.mu.Lock()
	q.serving += change
	q.mu.Unlock()
}

// limitTo sets the limit of the carrier, of all processes.
func (q *queue) limitTo(throughput int) {
	q.mu.Lock()
	q.throughput = throughput
	q.mu.Unlock()
	q.pace.configure(throughput)
}

// portion is which fraction of a carrier's throughput is this process's now; false: none, so far.
func (d *Dispatcher) portion(q *queue) (fraction float64, ok bool) {
	if d.cluster == nil {
		return 1, true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.serving == 0 || q.throughput == 0 {
		return 1, true
	}
	return q.portion.fraction, q.portion.fraction > 0 && !time.Now().After(q.portion.until)
}
