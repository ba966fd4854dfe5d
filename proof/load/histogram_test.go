package load

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQuantileIsNearTheExactOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 60_000_000), 1, 300).Draw(t, "microseconds")
		q := rapid.Float64Range(0.01, 1).Draw(t, "q")
		var one, two Histogram
		for i, us := range values {
			h := &one
			if i%2 == 1 {
				h = &two
			}
			h.Add(time.Duration(us) * time.Microsecond)
		}
		one.Merge(&two)
		slices.Sort(values)
		rank := int(q * float64(len(values)))
		if float64(rank) < q*float64(len(values)) || rank == 0 {
			rank++
		}
		exact := time.Duration(values[rank-1]) * time.Microsecond
		got := one.Quantile(q)
		if got < exact || got > exact+exact/40+time.Microsecond {
			t.Fatalf("Quantile(%v) = %v, exact %v", q, got, exact)
		}
	})
}

func TestEmptyHistogram(t *testing.T) {
	var h Histogram
	if h.Quantile(0.99) != 0 || h.Count() != 0 || h.Max() != 0 {
		t.Error("not zero")
	}
}
