package sms

import (
	"slices"
	"testing"
	"time"
)

func TestLatencyClass(t *testing.T) {
	if !slices.IsSorted(LatencyBounds[:]) {
		t.Fatal("the bounds are not in order")
	}
	for d, want := range map[time.Duration]int{-time.Second: 0, 0: 0, 250 * time.Millisecond: 0, 251 * time.Millisecond: 1,
		time.Second: 2, time.Minute: 9, 6 * time.Hour: 14, 7 * time.Hour: 15} {
		if got := LatencyClass(d); got != want {
			t.Errorf("%v is in class %d, want %d", d, got, want)
		}
	}
}

func TestTrafficQueued(t *testing.T) {
	counts := Traffic{Accepted: 100, Refused: 7, Scheduled: 10, Sent: 20, Delivered: 30, Failed: 1, Expired: 2, Unknown: 3, Cancelled: 4}
	if got := counts.Queued(); got != 30 {
		t.Errorf("%d wait, want 30", got)
	}
	if rate, ok := counts.Rate(); !ok || rate != 30.0/36 {
		t.Errorf("rate %v %v", rate, ok)
	}
	if _, ok := (Traffic{Accepted: 5, Sent: 5}).Rate(); ok {
		t.Error("a rate where nothing has ended")
	}
	sum := counts
	sum.Add(counts)
	if sum.Queued() != 60 || sum.Refused != 14 || sum.Unknown != 6 {
		t.Errorf("the sum is %+v", sum)
	}
}

func TestTrafficQuantile(t *testing.T) {
	if _, ok := (Traffic{}).Quantile(0.5); ok {
		t.Error("a median of nothing")
	}
	var counts Traffic
	counts.Latency[LatencyClass(1500*time.Millisecond)] = 90
	counts.Latency[LatencyClass(20*time.Second)] = 9
	counts.Latency[LatencyClasses-1] = 1
	for fraction, want := range map[float64][2]time.Duration{0.5: {time.Second, 2 * time.Second}, 0.9: {time.Second, 2 * time.Second},
		0.95: {15 * time.Second, 30 * time.Second}, 1: {6 * time.Hour, 6 * time.Hour}} {
		if got, ok := counts.Quantile(fraction); !ok || got < want[0] || got > want[1] {
			t.Errorf("quantile %v is %v, want one within %v", fraction, got, want)
		}
	}
}
