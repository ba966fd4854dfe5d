package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Ways knows by which carriers a message may go, and hears how they do.
type Ways interface {
	// Answered tells of an answer to a submit_sm: taken, or refused for a reason of the carrier's own.
	Answered(carrier sms.CarrierID, taken bool)
	// Next is the carrier after the message's own, which has refused everything; again: all have had their turn.
	Next(m *sms.Message) (next sms.Carrier, again bool)
	// Away reports whether a carrier was without a session for so long that what waits for it should go another way.
	Away(carrier sms.CarrierID) bool
	// Other is a carrier that can send, other than the message's own; false when there is none.
	Other(m *sms.Message) (sms.Carrier, bool)
}

const (
	divertTick  = time.Second
	divertStep  = 1_000            // messages looked at, and moved by one transaction
	divertSteps = 10               // of one carrier, before the next one has its turn
	divertRest  = 30 * time.Second // until what found no other way is looked at again
)

// By lets messages fall through to other carriers. Call it before Run.
func (d *Dispatcher) By(ways Ways) { d.ways = ways }

// Diverted counts messages that took another carrier: passed on by one that refused everything, and moved from one that is
// away or was removed.
func (d *Dispatcher) Diverted() (passedOn, moved int64) { return d.passedOn.Load(), d.diverted.Load() }

// findWay tells how the carrier did, and gives a message of which nothing has left to the next carrier when this one
// refuses everything.
func (d *Dispatcher) findWay(o *sms.Outcome, answers []Answer) {
	if d.ways == nil {
		return
	}
	wide := false
	for _, a := range answers {
		switch a.Verdict {
		case Accepted, Permanent:
			d.ways.Answered(o.Carrier, true)
		case Temporary, Uncertain:
			d.ways.Answered(o.Carrier, false)
		case CarrierWide:
			wide = true
			d.ways.Answered(o.Carrier, false)
		}
	}
	if !wide || o.State != sms.Queued || !whole(o.Parts) {
		return
	}
	next, again := d.ways.Next(o.Message)
	if next.ID == o.Carrier {
		return
	}
	d.passedOn.Add(1)
	o.Carrier = next.ID
	o.Incident += fmt.Sprintf("; next by the carrier %q", next.Name)
	if !again {
		o.Retry = o.At
	}
}

// whole reports whether no part of a message has left; one that may have left, and waits all the same, is to be sent again.
func whole(parts []sms.Part) bool {
	return !slices.ContainsFunc(parts, func(p sms.Part) bool { return p.State != sms.Queued })
}

// walk is how far what waits for a carrier that is away was looked at.
type walk struct {
	lanes []store.Lane // left to look at
	after sms.ID       // in the first of them
	next  time.Time    // not before
	found bool         // something on this walk had another way
}

// keepDiverting moves what waits for carriers that are away, until ctx ends.
func (d *Dispatcher) keepDiverting(ctx context.Context) {
	tick := time.NewTicker(divertTick)
	defer tick.Stop()
	walks := map[sms.CarrierID]*walk{}
	for {
		var now time.Time
		select {
		case <-ctx.Done():
			return
		case now = <-tick.C:
		}
		for _, q := range d.allQueues() {
			if !d.ways.Away(q.carrier) {
				delete(walks, q.carrier)
				continue
			}
			w := walks[q.carrier]
			if w == nil {
				w = &walk{}
				walks[q.carrier] = w
			}
			d.goOn(ctx, q, w, now)
		}
	}
}

// goOn looks at some more of what waits for a carrier, in memory and in the store. As long as nothing has another way it
// takes its time.
func (d *Dispatcher) goOn(ctx context.Context, q *queue, w *walk, now time.Time) {
	if now.Before(w.next) {
		return
	}
	if len(w.lanes) == 0 {
		*w = walk{lanes: q.waitingLanes()}
	}
	for step, moved := 0, true; moved && step < divertSteps && len(w.lanes) > 0 && ctx.Err() == nil; step++ {
		var err error
		if moved, err = d.divert(ctx, q, w); err != nil {
			d.log.Warn("messages of a carrier that is away cannot be moved to another", "carrier", int64(q.carrier), "error", err)
		}
		w.found = w.found || moved
	}
	if len(w.lanes) == 0 && !w.found {
		w.next = now.Add(divertRest)
	}
}

// waitingLanes are those in which something waits, here or in the store.
func (q *queue) waitingLanes() (lanes []store.Lane) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for key, l := range q.lanes {
		if l.count > 0 || l.overflow {
			lanes = append(lanes, key)
		}
	}
	return lanes
}

// divert looks at the next messages of a walk, the oldest first, and moves those that have another way.
func (d *Dispatcher) divert(ctx context.Context, q *queue, w *walk) (any bool, err error) {
	messages, err := d.backlog.Waiting(ctx, w.lanes[0], w.after, divertStep)
	if err != nil {
		return false, err
	}
	if len(messages) < divertStep {
		w.lanes, w.after = w.lanes[1:], 0
	} else {
		w.after = messages[len(messages)-1].ID
	}
	var carriers []sms.Carrier // in the order in which they come up: the oldest messages move first
	to := map[sms.CarrierID][]*sms.Message{}
	for _, m := range messages {
		carrier, ok := d.ways.Other(m)
		if !ok || !whole(m.Progress) {
			continue
		}
		if to[carrier.ID] == nil {
			carriers = append(carriers, carrier)
		}
		to[carrier.ID] = append(to[carrier.ID], m)
	}
	for _, carrier := range carriers {
		if err := d.divertTo(ctx, q, q.claim(to[carrier.ID]), carrier); err != nil {
			return any, err
		}
		any = true
	}
	return any, nil
}

// divertTo moves messages that nobody else can take.
func (d *Dispatcher) divertTo(ctx context.Context, q *queue, messages []*sms.Message, carrier sms.Carrier) error {
	if len(messages) == 0 {
		return nil
	}
	moved, err := d.ledger.Divert(ctx, messages, carrier.ID, fmt.Sprintf("its carrier is away: it goes by the carrier %q", carrier.Name))
	if err != nil { // whose and where they are is in the store alone
		q.forget(messages...)
		return err
	}
	d.arrive(q, messages, moved, carrier.ID)
	return nil
}

// arrive lets moved messages into their new queue. Those that were not moved have ended or are somebody else's.
func (d *Dispatcher) arrive(q *queue, taken, moved []*sms.Message, carrier sms.CarrierID) {
	for _, m := range taken {
		q.release(m)
	}
	d.diverted.Add(int64(len(moved)))
	for _, m := range moved {
		diverted := *m // the old one is known by its old carrier
		diverted.Carrier = carrier
		d.Offer([]*sms.Message{&diverted})
	}
}

// claim takes messages of one lane as a session would, whether they wait here or in the store: nobody else gets them until
// they are released. It answers those that it got: others are on their way. None when the carrier is there again.
func (q *queue) claim(messages []*sms.Message) (got []*sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.seats) > 0 || len(messages) == 0 {
		return nil
	}
	l := q.lane(keyOf(messages[0]))
	had := l.count
	for _, m := range messages {
		taken, here := l.held[m.ID]
		if taken {
			continue
		}
		if here {
			l.remove(m)
			q.size--
		}
		l.held[m.ID] = true
		q.desks[shardOf(m.Destination)].took(nil)
		got = append(got, m)
	}
	if had > 0 && l.count == 0 {
		ring := int(l.key.Priority)
		q.outOfRing(ring, slices.Index(q.rings[ring], l))
	}
	if l.wants() {
		q.hungry()
	}
	return got
}
