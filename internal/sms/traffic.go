package sms

import "time"

// LatencyBounds are the upper bounds of the classes into which the time to delivery is counted, the last one excepted: that
// takes all above. They are stored by their place and never change their meaning.
var LatencyBounds = [LatencyClasses - 1]time.Duration{
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second,
	8 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute,
	time.Hour, 6 * time.Hour,
}

// LatencyClasses is how many there are.
const LatencyClasses = 16

// LatencyClass is the class of a time to delivery; one below zero, of clocks that disagree, is in the first.
func LatencyClass(d time.Duration) int {
	for i, bound := range LatencyBounds {
		if d <= bound {
			return i
		}
	}
	return LatencyClasses - 1
}

// Traffic counts messages that were accepted in some time by where they stand now. Those that wait in their queues are what
// is left of Accepted.
type Traffic struct {
	Accepted  int64
	Refused   int64 // at the door; not among Accepted
	Scheduled int64 // held until their date
	Sent      int64 // their carriers have them, and no receipt came yet
	Delivered int64
	Failed    int64
	Expired   int64
	Cancelled int64
	Unknown   int64
	Parts     int64 // of Accepted
	Charged   Money // so far
	Latency   [LatencyClasses]int64
}

// Add adds other counts.
func (t *Traffic) Add(other Traffic) {
	t.Accepted, t.Refused, t.Scheduled = t.Accepted+other.Accepted, t.Refused+other.Refused, t.Scheduled+other.Scheduled
	t.Sent, t.Delivered, t.Failed = t.Sent+other.Sent, t.Delivered+other.Delivered, t.Failed+other.Failed
	t.Expired, t.Cancelled, t.Unknown = t.Expired+other.Expired, t.Cancelled+other.Cancelled, t.Unknown+other.Unknown
	t.Parts, t.Charged = t.Parts+other.Parts, t.Charged+other.Charged
	for i, n := range other.Latency {
		t.Latency[i] += n
	}
}

// Queued is how many wait in their queues, or are just leaving.
func (t Traffic) Queued() int64 {
	return t.Accepted - t.Scheduled - t.Sent - t.Delivered - t.Lost() - t.Cancelled
}

// Lost is how many ended without having been delivered, as far as anybody knows.
func (t Traffic) Lost() int64 { return t.Failed + t.Expired + t.Unknown }

// Rate is which part of those that have ended was delivered; false: none has ended.
func (t Traffic) Rate() (float64, bool) {
	ended := t.Delivered + t.Lost()
	if ended <= 0 {
		return 0, false
	}
	return float64(t.Delivered) / float64(ended), true
}

// Quantile is the time to delivery within which a fraction of what was delivered was, estimated within its class; false: none
// was. Above the last bound it is that bound.
func (t Traffic) Quantile(fraction float64) (time.Duration, bool) {
	total := int64(0)
	for _, n := range t.Latency {
		total += max(n, 0)
	}
	if total == 0 {
		return 0, false
	}
	rank, before, low := fraction*float64(total), 0.0, time.Duration(0)
	for i, bound := range LatencyBounds {
		n := float64(max(t.Latency[i], 0))
		if n > 0 && before+n >= rank {
			return low + time.Duration(float64(bound-low)*max(0, rank-before)/n), true
		}
		before, low = before+n, bound
	}
	return low, true
}
