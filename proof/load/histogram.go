package load

import (
	"math/bits"
	"time"
)

// Histogram counts durations, to about 1 %: 64 steps in each doubling, from 1 µs on. The zero value is empty.
type Histogram struct {
	counts [steps * 40]uint64
	total  uint64
	max    time.Duration
}

const (
	stepBits = 6
	steps    = 1 << stepBits
)

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) {
	h.counts[bucket(uint64(max(d, 0)/time.Microsecond))]++
	h.total++
	h.max = max(h.max, d)
}

// Merge adds all durations of another histogram.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.max = max(h.max, other.max)
}

// Quantile is the duration that the share q (0 to 1) of all does not exceed; 0 when there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := uint64(q * float64(h.total))
	if float64(rank) < q*float64(h.total) || rank == 0 {
		rank++
	}
	var seen uint64
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= rank {
			return min(upper(i), h.max)
		}
	}
	return h.max
}

// Count is how many durations were added.
func (h *Histogram) Count() uint64 { return h.total }

// Max is the longest duration.
func (h *Histogram) Max() time.Duration { return h.max }

func bucket(us uint64) int {
	if us < steps {
		return int(us)
	}
	exponent := bits.Len64(us) - 1 - stepBits
	i := (exponent+1)<<stepBits + int(us>>exponent) - steps
	return min(i, len(Histogram{}.counts)-1)
}

// upper is the end of a bucket.
func upper(i int) time.Duration {
	if i < steps {
		return time.Duration(i+1) * time.Microsecond
	}
	exponent := i>>stepBits - 1
	return time.Duration(uint64(i&(steps-1)+steps+1)<<exponent) * time.Microsecond
}
