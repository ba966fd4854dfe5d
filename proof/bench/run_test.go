package main

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

// TestMain is a carrier, or another role, when a benchmark that runs in this process starts it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		if err := roles[os.Args[1]](context.Background(), os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestEveryKindOfRow measures, for a moment, a row of each kind on every gateway that is installed. What a row must
// hold to be a figure, the benchmark checks itself.
func TestEveryKindOfRow(t *testing.T) {
	for _, test := range []struct {
		rows   string
		rounds int
	}{{"with receipts, 50", 1}, {"batches", 1}, {"SMPP", 1}, {"Legacy", 1}, {"1,000 stored", 2}, {"two nodes", 1}} {
		t.Run(test.rows, func(t *testing.T) { measureBriefly(t, test.rows, test.rounds) })
	}
}

func measureBriefly(t *testing.T, containing string, rounds int) {
	if testing.Short() {
		t.Skip("runs the real programs; not with -short")
	}
	gateways, err := chooseGateways("")
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := choose(rowsWith([]int{1000}), gateways, containing)
	if err != nil {
		t.Skip(err) // it needs PostgreSQL, and that there is none is said
	}
	b := &bench{settings: settings{Duration: 200 * time.Millisecond, WarmUp: 100 * time.Millisecond, Rounds: rounds, Window: 50},
		kept: map[string]*keptGateway{}}
	results, err := b.measureAll(t.Context(), chosen)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Name != chosen[i].Name || r.Messages == 0 || r.Rate <= 0 || r.P50 <= 0 || r.P50 > r.P99 {
			t.Errorf("%s, %s: %+v", r.Gateway, r.Name, r)
		}
		for _, name := range names(r) {
			if r.Peak[name] <= 0 {
				t.Errorf("%s, %s: %s has no memory", r.Gateway, r.Name, name)
			}
		}
	}
}
