package dispatch

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// How a carrier that says "too much" (Throttled) is slowed down, and let up again. The pace falls to what the carrier took
// in the last second, less a fiftieth, and grows from there by a hundredth of that each second, and faster the longer the
// carrier says nothing. What left before a cut and is refused after it counts no second time.
const (
	cutTo       = 0.98
	growLinear  = 100.0 // seconds in which the pace grows by its goal, to begin with
	growQuick   = 12.0  // and by the cube of the time in these
	fewAnswers  = 10    // with fewer in a second, what was taken says little: the pace is halved
	firstGuess  = 10.0  // parts a second, when nothing at all is known
	firstGoal   = 100.0 // and what the pace then grows towards, at least
	slowestPace = 1.0
	forgotten   = 10 * time.Minute // a cut, where the address has no limit to return to
	longestDebt = 2 * time.Second
	burstShare  = 10 // of a second's parts one part in so many may leave at once
)

// pace is how fast parts may leave to one carrier, over all sessions of this process: a token bucket with a configured
// rate, which the carrier's own refusals make lower for a time.
type pace struct {
	free  atomic.Bool   // nothing limits it
	cuts  atomic.Uint32 // how often it was cut
	taken meter         // parts that the carrier took
	many  atomic.Int64  // parts that the carrier refused because there were too many
	turn  chan struct{} // held by the session that waits for its tokens: sessions come one after another

	mu         sync.Mutex
	configured float64   // parts a second, of all processes; 0: unlimited
	cut        float64   // what the pace fell to; 0: it did not
	cutAt      time.Time // then
	goal       float64   // what it grows towards
	refused    meter
	next       time.Time // when the bucket is full again
}

func newPace() *pace {
	p := &pace{turn: make(chan struct{}, 1)}
	p.free.Store(true)
	return p
}

// configure sets the limit of the address.
func (p *pace) configure(throughput int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.configured = float64(throughput)
	p.free.Store(p.configured == 0 && p.cut == 0)
}

// allowed is parts a second now, where fraction of the limit is this process's; infinite: as many as the carrier takes.
func (p *pace) allowed(fraction float64, now time.Time) float64 {
	limit := math.Inf(1)
	if p.configured > 0 {
		limit = p.configured
	}
	if p.cut > 0 {
		quiet := now.Sub(p.cutAt).Seconds()
		grown := p.cut + p.goal*(quiet/growLinear+math.Pow(quiet/growQuick, 3))
		if grown >= limit || math.IsInf(limit, 1) && quiet > forgotten.Seconds() {
			p.cut, grown = 0, limit
			p.free.Store(p.configured == 0)
		}
		return min(grown, limit*fraction)
	}
	return limit * fraction
}

// take takes n parts out of the bucket, or answers how long until they are there.
func (p *pace) take(n int, fraction float64, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	rate := p.allowed(fraction, now)
	if math.IsInf(rate, 1) {
		return 0
	}
	return p.takeAt(n, rate, now)
}

// takeAt is the generic cell rate algorithm: next is when all that left would have left evenly, and may be ahead of now
// by a burst.
func (p *pace) takeAt(n int, rate float64, now time.Time) time.Duration {
	after := later(p.next, now).Add(seconds(float64(n) / rate))
	if wait := after.Sub(now) - seconds(float64(burstOf(rate))/rate); wait > 0 {
		return wait
	}
	p.next = after
	return 0
}

// burst is how many parts may leave at once.
func (p *pace) burst(fraction float64, now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return burstOf(p.allowed(fraction, now))
}

func burstOf(rate float64) int { return int(max(1, min(rate/burstShare, math.MaxInt32))) }

// answered counts what the carrier took and refused of a message that left after so many cuts.
func (p *pace) answered(accepted, throttled int, cuts uint32, now time.Time) {
	if accepted > 0 {
		p.taken.add(accepted, now)
	}
	if throttled > 0 {
		p.many.Add(int64(throttled))
		p.slowDown(throttled, cuts, now)
	}
}

// slowDown cuts the pace, unless what was refused had left before the last cut.
func (p *pace) slowDown(throttled int, cuts uint32, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused.add(throttled, now)
	if cuts != p.cuts.Load() {
		return
	}
	p.cuts.Add(1)
	rate := p.allowed(1, now)
	target := p.target(rate, now)
	p.goal = p.nextGoal(rate, target, now)
	p.cut, p.cutAt = max(slowestPace, target*cutTo), now
	p.free.Store(false)
	p.next = later(p.next, now).Add(p.debt(now))
}

// target is what the carrier seems to bear.
func (p *pace) target(rate float64, now time.Time) float64 {
	measured := p.taken.rate(now)
	switch {
	case measured+p.refused.rate(now) >= fewAnswers:
		return min(rate, measured)
	case math.IsInf(rate, 1):
		return max(measured, firstGuess)
	}
	return max(min(rate, measured), rate/2)
}

// nextGoal is what the pace grows towards after a cut: at first what the carrier might bear, by how fast it took what it
// took; then nearer and nearer to what it bore. When it took nothing, it says nothing about that.
func (p *pace) nextGoal(rate, target float64, now time.Time) float64 {
	taken, since := p.taken.last(now)
	switch {
	case p.cut > 0 && taken > 0:
		return max(target, (p.goal+target)/2)
	case p.cut > 0:
		return p.goal
	}
	return max(target, min(rate, max(firstGoal, float64(taken)/max(since, meterStep).Seconds())))
}

// debt is how long nothing may leave because what left in the last second was more than the new pace: the carrier has
// counted it already.
func (p *pace) debt(now time.Time) time.Duration {
	count, span := p.taken.last(now)
	return min(max(0, seconds(float64(count)/p.cut)-span), longestDebt)
}

// Pace is how fast parts leave to a carrier from this process.
type Pace struct {
	Taken     float64 // parts that the carrier took in the last second
	Limit     float64 // parts a second that may leave; 0: as many as the carrier takes
	Slowed    bool    // the carrier wanted it slower than its address says
	Throttled int64   // parts that it refused because there were too many, since the start
}

// Pace tells how fast parts leave to a carrier.
func (d *Dispatcher) Pace(carrier sms.CarrierID) Pace {
	q, now := d.queue(carrier), time.Now()
	fraction, _ := d.portion(q)
	p := q.pace
	p.mu.Lock()
	defer p.mu.Unlock()
	told := Pace{Taken: p.taken.rate(now), Throttled: p.many.Load()}
	if limit := p.allowed(fraction, now); !math.IsInf(limit, 1) {
		told.Limit = max(limit, math.SmallestNonzeroFloat64) // without a share nothing leaves; 0 would say that all may
	}
	told.Slowed = p.cut > 0
	return told
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
