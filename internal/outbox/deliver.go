package outbox

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
)

const (
	firstTurn    = 64   // events that are taken at once for sessions of which nothing is known
	smallestTurn = 16   // for slow ones
	largestTurn  = 1024 // for quick ones: what is in memory of an account
	quickTurn    = time.Second
	slowTurn     = 5 * time.Second
	firstPause   = time.Second // after strikes failures in a row
	longestPause = time.Minute
)

// deliver sends events to the sessions of the account until none is due or the customer takes none, and answers whether
// more may be due. More are taken when half of the last ones are done, so that a slow session does not hold up a quick one.
func (l *lane) deliver(ctx context.Context) (more bool, err error) {
	r := newRound(l)
	defer r.tick.Stop()
	for r.meet() && err == nil {
		limit, began := r.room(), time.Now()
		var events []sms.Event
		if events, err = l.claim(ctx, limit); len(events) == 0 {
			more = false // who has something new wakes this lane
			break
		}
		more, r.until = true, began.Add(store.EventLease/2)
		for i := range events {
			r.send(ctx, &events[i])
		}
		r.settleTo(ctx, r.half())
		l.widen(len(events) == limit, time.Since(began))
		r.over = r.over || r.probe
	}
	r.settleTo(ctx, 0)
	l.learn(r)
	return more, err
}

// widen adapts how many events are taken at once to how long they took.
func (l *lane) widen(full bool, took time.Duration) {
	switch {
	case took > slowTurn:
		l.width = max(smallestTurn, l.width/2)
	case took < quickTurn && full:
		l.width = min(largestTurn, 2*l.width)
	}
}

// learn lets a customer rest that takes nothing.
func (l *lane) learn(r *round) {
	r.mu.Lock()
	l.failures = r.inARow
	r.mu.Unlock()
	if l.failures < strikes {
		l.rests = 0
		return
	}
	pause := min(firstPause<<min(l.rests, 10), longestPause)
	l.rests++
	l.outbox.mu.Lock()
	l.rest = time.Now().Add(pause)
	l.outbox.mu.Unlock()
}

// round is events on their way to the sessions of their account, in order: each to the next session whose window has a
// place.
type round struct {
	lane    *lane
	places  []*place
	next    int
	charset string
	probe   bool      // one event, to see whether the customer takes something again
	over    bool      // what is not sent is left for later
	until   time.Time // the same from then on: events are taken for a minute only
	tick    *time.Ticker
	freed   chan struct{} // a place has become free, or an end is stored

	mu     sync.Mutex
	open   int // events of which the end is not stored yet
	inARow int // failures since the last success
	mute   []Session
}

// place is a session and what is known of it in this round.
type place struct {
	Session
	who   string
	heard time.Time // when it answered last
	mute  bool      // it is dropped
}

func newRound(l *lane) *round {
	return &round{lane: l, probe: l.failures >= strikes, tick: time.NewTicker(100 * time.Millisecond), freed: make(chan struct{}, 1), inARow: l.failures}
}

// meet adds the sessions that have come meanwhile and reports whether there is any to go on with.
func (r *round) meet() bool {
	if r.over {
		return false
	}
	for _, s := range r.lane.outbox.receivers.Receivers(r.lane.queue.Account) {
		if !slices.ContainsFunc(r.places, func(p *place) bool { return p.Session == s }) {
			r.places = append(r.places, &place{Session: s, who: s.Who()})
		}
		r.charset = s.Charset()
	}
	return len(r.places) > 0
}

// room is how many more events may be taken: what is in memory of an account never exceeds the width of its lane.
func (r *round) room() int {
	if r.probe {
		return 1
	}
	return max(r.lane.width-r.count(0), 1)
}

// half is how many events may be open when more are taken.
func (r *round) half() int {
	if r.probe {
		return 0
	}
	return r.lane.width / 2
}

// send gives an event to a session, waiting for a place, or leaves it for later.
func (r *round) send(ctx context.Context, e *sms.Event) {
	a := sms.Attempt{Event: e.ID, Number: e.Attempts, At: time.Now()}
	if e.Message == nil && e.Inbound == nil {
		r.fail(a, "the message is not kept any more")
		return
	}
	pdu, err := r.write(e)
	for offered := false; err == nil && r.goesOn(ctx); {
		if offered, err = r.offer(pdu, e); offered {
			return
		}
		if err == nil {
			r.wait(ctx)
		}
	}
	if err != nil {
		r.fail(a, "it cannot be written as deliver_sm: "+err.Error())
		return
	}
	r.settle(later(e, a))
}

func (r *round) write(e *sms.Event) (*smpp.DeliverSM, error) {
	if e.Inbound != nil {
		return inboundPDU(e.Inbound, r.charset), nil
	}
	return r.lane.outbox.receipt(e)
}

// later leaves an event for later, at its old place.
func later(e *sms.Event, a sms.Attempt) sms.Attempt {
	a.Void, a.Due = true, oldPlace(e, time.Now())
	return a
}

func (r *round) goesOn(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inARow >= strikes && !r.probe || ctx.Err() != nil || !time.Now().Before(r.until) {
		r.over = true
	}
	return !r.over
}

// offer tries the sessions by turns; false: all windows are full, or no session is left. Then the rest is for later, even
// if one has come meanwhile: what was lost with a session goes first. The error is that of an event which cannot be written.
func (r *round) offer(pdu *smpp.DeliverSM, e *sms.Event) (bool, error) {
	for tries := len(r.places); tries > 0; tries-- {
		r.next = (r.next + 1) % len(r.places)
		p := r.places[r.next]
		began := time.Now()
		r.count(1)
		err := p.Deliver(pdu, func(came smpp.Response) { r.answered(p, e, began, came) })
		if err == nil {
			return true, nil
		}
		r.count(-1)
		if encode, ok := errors.AsType[*smpp.EncodeError](err); ok {
			return false, encode
		}
		if !errors.Is(err, smpp.ErrWindowFull) {
			r.places = slices.Delete(r.places, r.next, r.next+1)
		}
	}
	r.over = r.over || len(r.places) == 0
	return false, nil
}

// wait waits for a place in a window.
func (r *round) wait(ctx context.Context) {
	select {
	case <-r.freed:
	case <-ctx.Done():
	case <-r.tick.C:
		r.dropMute()
	}
}

// answered stores what came of an event that was sent.
func (r *round) answered(p *place, e *sms.Event, began time.Time, came smpp.Response) {
	now := time.Now()
	a := sms.Attempt{Event: e.ID, Number: e.Attempts, At: began, Duration: now.Sub(began), Receiver: p.who}
	r.judge(p, &a, e, came)
	counters := &r.lane.outbox.SMPP
	if !a.Void {
		counters.Attempts.Add(1)
	}
	switch {
	case a.Stage == sms.EventDelivered:
		counters.Delivered.Add(1)
	case a.Stage == sms.EventFailed:
		counters.Failed.Add(1)
	}
	if a.Error != "" {
		counters.AttemptsFailed.Add(1)
	}
	r.lane.outbox.store.SettleEvent(a, r.stored)
	r.wake()
}

// judge says what an answer, or none, makes of an event.
func (r *round) judge(p *place, a *sms.Attempt, e *sms.Event, came smpp.Response) {
	now := time.Now()
	lost, _ := errors.AsType[*smpp.RequestError](came.Err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if came.Err == nil {
		p.heard = now
	}
	switch {
	case came.Err == nil && came.Status == smpp.ESME_ROK:
		a.Stage = sms.EventDelivered
		r.inARow = 0
	case came.Err == nil:
		a.Status, a.Error = int(came.Status), "answered with "+came.Status.String()
		a.Stage, a.Due = afterRefusal(e.Tries, came.Status, now)
		if busy(came.Status) {
			r.inARow++
		}
	case lost != nil && !lost.Sent:
		*a = later(e, *a)
	case errors.Is(came.Err, smpp.ErrTimeout):
		a.Error = "no answer in time"
		a.Stage, a.Due = afterFailure(e.Tries, answer{}, now)
		r.inARow++
		if p.heard.Before(a.At) && !p.mute { // nothing at all since it was sent
			p.mute = true
			r.mute = append(r.mute, p.Session)
		}
	default:
		a.Error = "the session ended before the answer"
		a.Stage, a.Due = afterLoss(e, now)
	}
}

// dropMute ends the sessions that let a whole response time pass without any answer: what waits in their windows would
// be held up for ever, and a customer who does not read holds memory.
func (r *round) dropMute() {
	r.mu.Lock()
	mute := r.mute
	r.mute = nil
	r.mu.Unlock()
	for _, s := range mute {
		s.Drop("deliver_sm was not answered in time")
	}
}

// settleTo waits until the ends of all events but some are stored: at most for the response time, or the end of their
// session.
func (r *round) settleTo(ctx context.Context, left int) {
	defer r.dropMute()
	for r.count(0) > left {
		select {
		case <-r.freed:
		case <-ctx.Done():
			return
		case <-r.tick.C:
			r.dropMute()
		}
	}
}

func (r *round) count(by int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open += by
	return r.open
}

func (r *round) fail(a sms.Attempt, why string) {
	a.Stage, a.Error = sms.EventFailed, why
	r.lane.outbox.SMPP.Failed.Add(1)
	r.settle(a)
}

func (r *round) settle(a sms.Attempt) {
	r.count(1)
	r.lane.outbox.store.SettleEvent(a, r.stored)
}

// stored is called when the end of an event is stored; what cannot be is sent again when the lease ends.
func (r *round) stored(error) {
	r.count(-1)
	r.wake()
}

func (r *round) wake() {
	select {
	case r.freed <- struct{}{}:
	default:
	}
}
