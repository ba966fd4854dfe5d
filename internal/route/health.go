package route

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// When a carrier is taken out of turn, and how it comes back.
const (
	slice          = 10 * time.Second // what is seen is counted in slices of time
	slices5        = 30               // of them: five minutes
	judged         = 20               // answers from which on a rate of refusals means something
	mostRefused    = 0.5
	judgedReceipts = 50
	leastDelivered = 0.1
	firstRest      = 30 * time.Second // out of turn, doubled each time it was too early
	longestRest    = 10 * time.Minute
	goodAgain      = 10 * time.Minute // in turn, after which the next rest is a first one
	firstShare     = 0.1              // of its destinations, when it comes back; doubled every stepUp
	stepUp         = 15 * time.Second
	lookEvery      = 500 * time.Millisecond
	awayAfter      = 30 * time.Second // without a session, after which what waits goes another way
)

// Connection is how a carrier is connected.
type Connection struct {
	Carrier sms.CarrierID
	Bound   bool
	Since   time.Time
}

// Standing is how a carrier does.
type Standing struct {
	Bound     bool
	Since     time.Time // of Bound
	Share     float64   // of the destinations whose turn it is that it gets: 0 out of turn, 1 all
	Why       string    // it has not all of them; empty: it has
	Answers   int       // in the last five minutes
	Refused   float64   // share of the answers that refused for reasons of the carrier
	Receipts  int
	Delivered float64 // share of the final receipts
}

// Health watches carriers. Safe for concurrent use.
type Health struct {
	connections func() []Connection

	mu       sync.Mutex                                 // of whoever looks, and of who meets a carrier for the first time
	carriers atomic.Pointer[map[sms.CarrierID]*watched] // replaced as a whole
	seen     atomic.Pointer[map[sms.CarrierID]Standing] // nil: nobody has looked yet
}

// NewHealth watches the carriers that connections lists.
func NewHealth(connections func() []Connection) *Health {
	h := &Health{connections: connections}
	h.carriers.Store(&map[sms.CarrierID]*watched{})
	return h
}

// watched is one carrier.
type watched struct {
	counts    [slices5]count
	at        atomic.Int32 // which of them is of this moment
	number    int64        // of that slice, since 1970
	bound     bool
	since     time.Time
	everBound bool
	restUntil time.Time // out of turn for its rates
	rests     int       // in a row
	back      time.Time // when it came back into turn; zero: it was never out
	why       string    // of the rest
}

// count is added to without waiting, by whoever has an answer or a receipt.
type count struct{ taken, refused, delivered, undelivered atomic.Int64 }

func (c *count) clear() {
	for _, n := range [...]*atomic.Int64{&c.taken, &c.refused, &c.delivered, &c.undelivered} {
		n.Store(0)
	}
}

// Answered notes an answer to a submit_sm: taken, or refused for a reason of the carrier's own.
func (h *Health) Answered(carrier sms.CarrierID, taken bool) {
	c := h.count(carrier)
	if taken {
		c.taken.Add(1)
	} else {
		c.refused.Add(1)
	}
}

// Reported notes a final receipt.
func (h *Health) Reported(carrier sms.CarrierID, delivered bool) {
	c := h.count(carrier)
	if delivered {
		c.delivered.Add(1)
	} else {
		c.undelivered.Add(1)
	}
}

// count is that of this moment.
func (h *Health) count(carrier sms.CarrierID) *count {
	w := (*h.carriers.Load())[carrier]
	if w == nil {
		h.mu.Lock()
		w = h.meet(carrier)
		h.mu.Unlock()
	}
	return &w.counts[w.at.Load()]
}

// meet answers what is known of a carrier, from now on at least. h.mu is held.
func (h *Health) meet(carrier sms.CarrierID) *watched {
	known := *h.carriers.Load()
	w := known[carrier]
	if w == nil {
		w = &watched{}
		next := maps.Clone(known)
		next[carrier] = w
		h.carriers.Store(&next)
	}
	return w
}

// Run looks at the carriers until ctx ends, and then returns nil.
func (h *Health) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		h.Look(time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Of is how a carrier does. One that nobody has configured is not bound.
func (h *Health) Of(carrier sms.CarrierID) Standing {
	seen := h.seen.Load()
	if seen == nil {
		return Standing{Bound: true, Share: 1}
	}
	s, ok := (*seen)[carrier]
	if !ok {
		s.Why = "it is not configured any more"
	}
	return s
}

// Away reports whether a carrier was without a session for so long that what waits for it should go another way.
func (h *Health) Away(carrier sms.CarrierID) bool {
	s := h.Of(carrier)
	return !s.Bound && time.Since(s.Since) >= awayAfter
}

// Look takes stock of all carriers.
func (h *Health) Look(now time.Time) {
	list := h.connections()
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := make(map[sms.CarrierID]Standing, len(list))
	for _, c := range list {
		w := h.meet(c.Carrier)
		w.turn(now)
		w.connect(c, now)
		seen[c.Carrier] = w.judge(now)
	}
	known := maps.Clone(*h.carriers.Load())
	maps.DeleteFunc(known, func(id sms.CarrierID, _ *watched) bool {
		_, listed := seen[id]
		return !listed
	})
	if len(known) < len(*h.carriers.Load()) {
		h.carriers.Store(&known)
	}
	h.seen.Store(&seen)
}

// turn begins a new slice when it is time, and forgets those that are five minutes old.
func (w *watched) turn(now time.Time) {
	number := now.UnixNano() / int64(slice)
	for n := max(w.number, number-slices5) + 1; n <= number; n++ {
		w.counts[n%slices5].clear()
	}
	w.number = number
	w.at.Store(int32(number % slices5))
}

// connect notes whether it is bound. One that comes back comes gently; the first bind of all is no return.
func (w *watched) connect(c Connection, now time.Time) {
	if c.Bound && !w.bound && w.everBound && now.Sub(w.since) > slice {
		w.back = now
	}
	if c.Bound != w.bound || w.since.IsZero() {
		w.since = c.Since
	}
	w.bound, w.everBound = c.Bound, w.everBound || c.Bound
}

// judge says how it does, and lets it rest when it does badly.
func (w *watched) judge(now time.Time) Standing {
	s := w.rates()
	s.Bound, s.Since = w.bound, w.since
	switch {
	case w.restUntil.After(now):
	case !w.restUntil.IsZero(): // it comes back
		w.back, w.restUntil = now, time.Time{}
	default:
		w.rest(s, now)
	}
	switch {
	case !w.bound:
		s.Why = "no session is bound"
	case w.restUntil.After(now):
		s.Why = fmt.Sprintf("%s; out of turn until %s", w.why, w.restUntil.UTC().Format("15:04:05 UTC"))
	default:
		if s.Share = w.share(now); s.Share < 1 {
			s.Why = fmt.Sprintf("it was out of turn and comes back: %.0f %% of its destinations", 100*s.Share)
		}
	}
	return s
}

// rest takes it out of turn when its rates are bad. What was seen counts no more: it is judged anew when it is back.
func (w *watched) rest(s Standing, now time.Time) {
	switch {
	case s.Answers >= judged && s.Refused > mostRefused:
		w.why = fmt.Sprintf("it refused %.0f %% of %d messages", 100*s.Refused, s.Answers)
	case s.Receipts >= judgedReceipts && s.Delivered < leastDelivered:
		w.why = fmt.Sprintf("%.0f %% of %d messages were delivered", 100*s.Delivered, s.Receipts)
	default:
		if !w.back.IsZero() && now.Sub(w.back) > goodAgain {
			w.rests, w.back = 0, time.Time{}
		}
		return
	}
	w.restUntil = now.Add(min(firstRest<<min(w.rests, 10), longestRest))
	w.rests++
	for i := range w.counts {
		w.counts[i].clear()
	}
}

func (w *watched) share(now time.Time) float64 {
	if w.back.IsZero() {
		return 1
	}
	steps := min(int(now.Sub(w.back)/stepUp), 10)
	return min(1, firstShare*float64(int(1)<<steps))
}

func (w *watched) rates() (s Standing) {
	var taken, refused, delivered, undelivered int
	for i := range w.counts {
		c := &w.counts[i]
		taken += int(c.taken.Load())
		refused += int(c.refused.Load())
		delivered += int(c.delivered.Load())
		undelivered += int(c.undelivered.Load())
	}
	s.Answers, s.Receipts = taken+refused, delivered+undelivered
	s.Refused, s.Delivered = share(refused, s.Answers), share(delivered, s.Receipts)
	return s
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
