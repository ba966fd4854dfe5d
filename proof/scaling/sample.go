package main

import (
	"slices"
	"time"
)

// sample is a number of durations.
type sample struct {
	values []time.Duration
	sorted bool
}

func (s *sample) add(d time.Duration) { s.values, s.sorted = append(s.values, d), false }

// quantile is the value below which a share of the sample lies; zero of an empty one.
func (s *sample) quantile(q float64) time.Duration {
	if len(s.values) == 0 {
		return 0
	}
	if !s.sorted {
		slices.Sort(s.values)
		s.sorted = true
	}
	return s.values[min(int(q*float64(len(s.values))), len(s.values)-1)]
}

func (s *sample) mean() time.Duration {
	if len(s.values) == 0 {
		return 0
	}
	var total time.Duration
	for _, v := range s.values {
		total += v
	}
	return total / time.Duration(len(s.values))
}
