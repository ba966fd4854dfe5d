package main

import (
	"testing"
	"time"
)

func TestParseBenchmark(t *testing.T) {
	line, ok := parseBenchmark("BenchmarkSplit/ascii100-2   \t 3061\t 391.5 ns/op\t 48 B/op\t       1 allocs/op\n")
	if want := (codecLine{Name: "Split/ascii100", NS: 391.5, Allocs: 1}); !ok || line != want {
		t.Errorf("%+v, %t", line, ok)
	}
	line, ok = parseBenchmark("BenchmarkSession-2  1228809  1052 ns/op  98.90 PDUs/write  950327 submits/s  419 B/op  0 allocs/op\n")
	if want := (codecLine{Name: "Session", NS: 1052, Rate: 950327}); !ok || line != want {
		t.Errorf("%+v, %t", line, ok)
	}
	for _, text := range []string{"PASS", "ok  \tgithub.com/staffetta/staffetta/gsm\t2.1s", "BenchmarkX", "BenchmarkX-2 a b c"} {
		if line, ok := parseBenchmark(text); ok {
			t.Errorf("%q: %+v", text, line)
		}
	}
}

func TestMedianIsTheMiddleRound(t *testing.T) {
	rounds := []result{{Rate: 30, P50: time.Second}, {Rate: 10}, {Rate: 20, P50: time.Minute}}
	if got := median(rounds); got.Rate != 20 || got.P50 != time.Minute {
		t.Errorf("%+v", got)
	}
}
