package dispatch

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// What a carrier did is counted in slices of time, five minutes of them; so the memory of it is bounded.
const (
	figureSlice  = 10 * time.Second
	figureSlices = 30
	minuteSlices = 6
	mostCodes    = 32 // of refusals, in one slice; what comes then is counted together
	tookParts    = 8  // steps of each doubling of a time: it is known to a sixteenth
	tookBuckets  = 25 * tookParts
	tookUnit     = 16 * time.Microsecond // the first doubling
)

// Figures is what a carrier did in the last five minutes, as this process saw it.
type Figures struct {
	PerSecond float64 // parts that it took, over the last minute
	Answers   int     // to a part, refusals included
	Refusals  []Refusal
	Measured  int           // answers whose time is known
	Median    time.Duration // from submit_sm to its answer, to a sixteenth
	P95       time.Duration
}

// Refusal is one answer that was no acceptance, however often it came.
type Refusal struct {
	Verdict Verdict
	Code    string // as in Answer; empty: there was none
	Reason  string
	Parts   int
}

// figures counts. Whoever has an answer adds to it without waiting, but for one that refuses.
type figures struct {
	slices [figureSlices]figure

	mu sync.Mutex // of turning a slice over, and of refusals
}

// figure is one slice.
type figure struct {
	number   atomic.Int64 // of the slice, since 1970
	accepted atomic.Int64
	answers  atomic.Int64
	took     [tookBuckets]atomic.Uint32
	refused  map[refusalKey]*Refusal
}

type refusalKey struct {
	verdict Verdict
	code    string
}

// at is the slice of a moment. What is counted while it turns over may be lost: these are figures, not accounts.
func (f *figures) at(now time.Time) *figure {
	number := now.UnixNano() / int64(figureSlice)
	s := &f.slices[number%figureSlices]
	if s.number.Load() == number {
		return s
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.number.Load() != number {
		s.accepted.Store(0)
		s.answers.Store(0)
		for i := range s.took {
			s.took[i].Store(0)
		}
		s.refused = nil
		s.number.Store(number)
	}
	return s
}

// note counts the answers to one attempt.
func (f *figures) note(answers []Answer, now time.Time) {
	s := f.at(now)
	for i := range answers {
		a := &answers[i]
		if a.Took > 0 {
			s.took[bucketOf(a.Took)].Add(1)
		}
		switch a.Verdict {
		case 0, NotSent: // it had its answer before, or nobody heard of it
		case Accepted:
			s.accepted.Add(1)
			s.answers.Add(1)
		default:
			s.answers.Add(1)
			f.refuse(s, a)
		}
	}
}

func (f *figures) refuse(s *figure, a *Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, reason := refusalKey{a.Verdict, a.Code}, a.Reason
	if s.refused == nil {
		s.refused = map[refusalKey]*Refusal{}
	}
	if s.refused[key] == nil && len(s.refused) >= mostCodes {
		key, reason = refusalKey{}, "other codes"
	}
	r := s.refused[key]
	if r == nil {
		r = &Refusal{Verdict: key.verdict, Code: key.code, Reason: reason}
		s.refused[key] = r
	}
	r.Parts++
}

// read adds the slices up.
func (f *figures) read(now time.Time) Figures {
	last := now.UnixNano() / int64(figureSlice)
	var told Figures
	var took [tookBuckets]int
	var minute int64
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.slices {
		s := &f.slices[i]
		age := last - s.number.Load()
		if age < 0 || age >= figureSlices {
			continue
		}
		told.Answers += int(s.answers.Load())
		if age < minuteSlices {
			minute += s.accepted.Load()
		}
		for i := range took {
			took[i] += int(s.took[i].Load())
		}
		told.addRefusals(s.refused)
	}
	span := now.Sub(time.Unix(0, (last-minuteSlices+1)*int64(figureSlice)))
	told.PerSecond = float64(minute) / span.Seconds()
	told.measure(&took)
	slices.SortFunc(told.Refusals, func(a, b Refusal) int {
		return cmp.Or(b.Parts-a.Parts, cmp.Compare(a.Code, b.Code), cmp.Compare(a.Verdict, b.Verdict))
	})
	return told
}

func (told *Figures) addRefusals(refused map[refusalKey]*Refusal) {
	for _, r := range refused {
		at := slices.IndexFunc(told.Refusals, func(k Refusal) bool { return k.Verdict == r.Verdict && k.Code == r.Code })
		if at < 0 {
			told.Refusals = append(told.Refusals, *r)
		} else {
			told.Refusals[at].Parts += r.Parts
		}
	}
}

func (told *Figures) measure(took *[tookBuckets]int) {
	for _, n := range took {
		told.Measured += n
	}
	told.Median, told.P95 = quantile(took, told.Measured, 50), quantile(took, told.Measured, 95)
}

// quantile is the time that so many percent of the answers did not exceed.
func quantile(took *[tookBuckets]int, all, percent int) time.Duration {
	if all == 0 {
		return 0
	}
	left := (all*percent + 99) / 100
	for bucket, n := range took {
		if left -= n; left <= 0 {
			return timeOf(bucket)
		}
	}
	return timeOf(tookBuckets - 1)
}

// bucketOf divides each doubling of a time into equal steps.
func bucketOf(took time.Duration) int {
	units := uint64(took)/(uint64(tookUnit)/tookParts) + tookParts
	doubling := bits.Len64(units) - bits.Len64(tookParts)
	return min(doubling*tookParts+int(units>>doubling)-tookParts, tookBuckets-1)
}

// timeOf is the middle of a bucket.
func timeOf(bucket int) time.Duration {
	doubling, step := bucket/tookParts, bucket%tookParts
	unit := tookUnit / tookParts
	low := time.Duration(uint64(tookParts+step)<<doubling-tookParts) * unit
	return low + unit<<doubling/2
}

// Figures tells what a carrier did in the last minutes.
func (d *Dispatcher) Figures(carrier sms.CarrierID) Figures {
	return d.queue(carrier).figures.read(time.Now())
}
