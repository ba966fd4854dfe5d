package dispatch

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFigures(t *testing.T) {
	var f figures
	now := time.Unix(1_800_000_000, 0)
	throttled := Answer{Verdict: Throttled, Code: "0x00000058", Reason: "too fast", Took: time.Millisecond}
	for second := range 60 {
		for i := range 20 {
			f.note([]Answer{{Verdict: Accepted, Took: time.Duration(i+1) * time.Millisecond}, {}, {Verdict: NotSent}}, now.Add(time.Duration(second)*time.Second))
		}
		f.note([]Answer{throttled, {Verdict: Uncertain, Reason: "no answer"}}, now.Add(time.Duration(second)*time.Second))
	}
	f.note([]Answer{throttled}, now)
	got := f.read(now.Add(time.Minute - time.Millisecond))
	if got.PerSecond < 19.9 || got.PerSecond > 20.1 || got.Answers != 60*22+1 || got.Measured != 60*21+1 {
		t.Errorf("%+v", got)
	}
	want := []Refusal{{Throttled, "0x00000058", "too fast", 61}, {Uncertain, "", "no answer", 60}}
	if diff := cmp.Diff(want, got.Refusals); diff != "" {
		t.Error(diff)
	}
	if near := func(got, want time.Duration) bool { return got > want*15/16 && got < want*17/16 }; !near(got.Median, 10*time.Millisecond) || !near(got.P95, 19*time.Millisecond) {
		t.Errorf("median %v, p95 %v", got.Median, got.P95)
	}
	if old := f.read(now.Add(7 * time.Minute)); old.Answers != 0 || len(old.Refusals) != 0 || old.Median != 0 {
		t.Errorf("after seven minutes: %+v", old)
	}
	f.note([]Answer{{Verdict: Accepted}}, now.Add(5*time.Minute)) // the slice of the first answers again
	if again := f.read(now.Add(5 * time.Minute)); again.Answers != 1+50*22 {
		t.Errorf("a slice was not begun anew: %d answers", again.Answers)
	}
}

// TestFiguresAreBounded: a carrier that answers with ever new codes takes no more memory for it.
func TestFiguresAreBounded(t *testing.T) {
	var f figures
	now := time.Unix(1_800_000_000, 0)
	for i := range 10_000 {
		f.note([]Answer{{Verdict: Permanent, Code: fmt.Sprint(i)}}, now)
	}
	got := f.read(now)
	all := 0
	for _, r := range got.Refusals {
		all += r.Parts
	}
	if len(got.Refusals) > mostCodes+1 || all != 10_000 {
		t.Errorf("%d codes, %d parts", len(got.Refusals), all)
	}
}

// TestBuckets: each time is in a bucket whose middle is near it.
func TestBuckets(t *testing.T) {
	last := -1
	for took := time.Microsecond; took < 4*time.Minute; took += took/50 + 1 {
		bucket := bucketOf(took)
		if bucket < last {
			t.Fatalf("%v is in bucket %d, after %d", took, bucket, last)
		}
		last = bucket
		if middle := timeOf(bucket); (middle - took).Abs() > took/15+2*time.Microsecond {
			t.Fatalf("%v is told as %v", took, middle)
		}
	}
}

func BenchmarkFigures(b *testing.B) {
	var f figures
	now := time.Now()
	answers := []Answer{{Verdict: Accepted, Took: 3 * time.Millisecond}}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			f.note(answers, now)
		}
	})
}

// TestThrottle: another throughput counts at once, for sessions that are served.
func TestThrottle(t *testing.T) {
	d := New(nil, nil, slog.New(slog.DiscardHandler))
	for _, throughput := range []int{70, 5, 0} {
		d.Throttle(1, throughput)
		if got := d.Pace(1).Limit; got != float64(throughput) {
			t.Errorf("the limit is %v, want %d", got, throughput)
		}
	}
}
