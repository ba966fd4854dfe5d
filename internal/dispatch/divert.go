package dispatch

import (
	"context"
	"errors"
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
	divertTick = time.Second
	divertStep = 1_000 // messages that one transaction moves
)

// By lets messages fall through to other carriers. Call it before Run.
func (d *Dispatcher) By(ways Ways) { d.ways = ways }

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
	if !wide || o.State != sms.Queued || slices.ContainsFunc(o.Parts, func(p sms.Part) bool { return p.State != sms.Queued || p.Doubts > 0 }) {
		return
	}
	next, again := d.ways.Next(o.Message)
	if next.ID == o.Carrier {
		return
	}
	o.Carrier = next.ID
	o.Incident += fmt.Sprintf("; next by the carrier %q", next.Name)
	if !again {
		o.Retry = o.At
	}
}

// keepDiverting moves what waits for carriers that are away, until ctx ends.
func (d *Dispatcher) keepDiverting(ctx context.Context) {
	tick := time.NewTicker(divertTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, q := range d.allQueues() {
			for d.ways.Away(q.carrier) && d.divert(ctx, q) {
			}
		}
	}
}

// divert moves some of what waits in memory for a carrier that is away; what waits in the store comes to memory in their
// place. It answers whether there may be more.
func (d *Dispatcher) divert(ctx context.Context, q *queue) (more bool) {
	waiting := q.takeWaiting(divertStep, func(m *sms.Message) bool {
		_, ok := d.ways.Other(m)
		return ok
	})
	for carrier, messages := range d.byOther(q, waiting) {
		moved, err := d.ledger.Divert(ctx, messages, carrier.ID, fmt.Sprintf("its carrier is away: it goes by the carrier %q", carrier.Name))
		switch {
		case errors.Is(err, store.ErrSuperseded):
			q.forget(messages...)
		case err != nil:
			d.log.Warn("messages of a carrier that is away cannot be moved to another", "carrier", int64(q.carrier), "error", err)
			q.putBack(messages...)
			more = false
			pause(ctx, divertTick)
			continue
		default:
			d.arrive(q, messages, moved, carrier.ID)
			more = len(waiting) == divertStep
		}
	}
	return more && ctx.Err() == nil
}

// byOther sorts messages by the carriers that they go to; those whose way has closed meanwhile are put back.
func (d *Dispatcher) byOther(q *queue, messages []*sms.Message) map[sms.Carrier][]*sms.Message {
	to := map[sms.Carrier][]*sms.Message{}
	for _, m := range messages {
		if carrier, ok := d.ways.Other(m); ok {
			to[carrier] = append(to[carrier], m)
		} else {
			q.putBack(m)
		}
	}
	return to
}

// arrive lets moved messages into their new queue. Those that were not moved have ended or are somebody else's.
func (d *Dispatcher) arrive(q *queue, taken, moved []*sms.Message, carrier sms.CarrierID) {
	for _, m := range taken {
		q.release(m)
	}
	for _, m := range moved {
		diverted := *m // the old one is known by its old carrier
		diverted.Carrier = carrier
		d.Offer([]*sms.Message{&diverted})
	}
}

// takeWaiting takes messages of which nothing has left, as a session would: nobody else gets them until they are released
// or put back.
func (q *queue) takeWaiting(limit int, wanted func(*sms.Message) bool) (taken []*sms.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, ring := range q.rings {
		for _, l := range slices.Backward(slices.Clone(ring)) {
			taken = append(taken, q.takeFrom(l, limit-len(taken), wanted)...)
		}
	}
	return taken
}

func (q *queue) takeFrom(l *lane, limit int, wanted func(*sms.Message) bool) (taken []*sms.Message) {
	for shard := range l.fifos {
		for _, m := range slices.Clone(l.fifos[shard].items[l.fifos[shard].start:]) {
			if len(taken) == limit {
				break
			}
			if m.Progress == nil && wanted(m) {
				taken = append(taken, m)
			}
		}
	}
	for _, m := range taken {
		l.remove(m)
		l.held[m.ID] = true
		q.size--
		q.desks[shardOf(m.Destination)].took(nil)
	}
	if len(taken) > 0 && l.count == 0 {
		q.outOfRing(int(l.key.Priority), slices.Index(q.rings[l.key.Priority], l))
	}
	if l.wants() {
		q.hungry()
	}
	return taken
}
