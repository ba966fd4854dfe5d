package dispatch

import (
	"sync/atomic"
	"time"
)

// meter counts over the last second, in steps of a tenth. It may be used from many goroutines.
type meter struct {
	steps [meterSteps]atomic.Uint64 // when (in steps since 1970), and how many in the low meterBits
}

const (
	meterStep  = 100 * time.Millisecond
	meterSteps = 16
	meterSpan  = 10 // steps that count, beside the one that has begun
	meterBits  = 24
)

func (m *meter) add(n int, now time.Time) {
	tick := uint64(now.UnixMilli() / meterStep.Milliseconds())
	step := &m.steps[tick%meterSteps]
	for {
		old := step.Load()
		count := uint64(n)
		if old>>meterBits == tick {
			count += old & (1<<meterBits - 1)
		}
		if step.CompareAndSwap(old, tick<<meterBits|min(count, 1<<meterBits-1)) {
			return
		}
	}
}

// last is how many there were in the last second, and how long ago the first of them was at most.
func (m *meter) last(now time.Time) (count int, since time.Duration) {
	tick := uint64(now.UnixMilli() / meterStep.Milliseconds())
	for back := range uint64(meterSpan + 1) {
		if step := m.steps[(tick-back)%meterSteps].Load(); step>>meterBits == tick-back && step&(1<<meterBits-1) > 0 {
			count += int(step & (1<<meterBits - 1))
			since = m.age(tick-back, now)
		}
	}
	return count, since
}

// rate is how many there were in a second, of the last one.
func (m *meter) rate(now time.Time) float64 {
	count, _ := m.last(now)
	tick := uint64(now.UnixMilli() / meterStep.Milliseconds())
	return float64(count) / m.age(tick-meterSpan, now).Seconds()
}

// age is how long ago a step began.
func (m *meter) age(tick uint64, now time.Time) time.Duration {
	return now.Sub(time.UnixMilli(int64(tick) * meterStep.Milliseconds()))
}
