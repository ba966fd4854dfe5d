package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/staffetta/staffetta/proof/server"
)

// bench is one run of the program.
type bench struct {
	settings
	binary string
	folder string
	kept   map[string]*keptGateway // by gateway and row
}

func (b *bench) measureAll(ctx context.Context, chosen []row) (results []result, err error) {
	if b.folder, err = os.MkdirTemp(b.Folder, "staffetta-bench-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.folder)) }()
	if b.binary, err = server.Build(ctx, b.folder); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.dropKept(ctx)) }()
	all := make([][]result, len(chosen))
	for round := range b.Rounds {
		for i, r := range chosen {
			dir := filepath.Join(b.folder, fmt.Sprintf("%d-%d", round, i))
			one, err := b.measure(ctx, r, dir)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", titleOf(r.Gateway), r.Name, err)
			}
			fmt.Fprintf(os.Stderr, "%s · %s: %s/s\n", titleOf(r.Gateway), r.Name, thousands(int(one.Rate)))
			all[i] = append(all[i], one)
			if err := os.RemoveAll(dir); err != nil {
				return nil, err
			}
		}
	}
	for _, rounds := range all {
		results = append(results, median(rounds))
	}
	return results, nil
}

// median is the round whose rate is in the middle.
func median(rounds []result) result {
	slices.SortFunc(rounds, func(a, b result) int { return int(a.Rate - b.Rate) })
	return rounds[len(rounds)/2]
}

// result is what was measured.
type result struct {
	row
	Messages   int                `json:"messages"`
	Rate       float64            `json:"rate"`   // messages/s through the whole pipe
	Accept     float64            `json:"accept"` // messages/s accepted
	P50        time.Duration      `json:"p50"`    // of accepting; of one call in rows of batches and calls
	P95        time.Duration      `json:"p95"`
	P99        time.Duration      `json:"p99"`
	Commits    float64            `json:"commits"`       // per second; negative: not known
	CPU        map[string]float64 `json:"cpu"`           // seconds by process, from the first request until all has left
	PerMessage map[string]float64 `json:"cpuPerMessage"` // µs by process
	Peak       map[string]int64   `json:"peak"`          // octets of memory by process
	OtherCodes map[int]int        `json:"otherCodes,omitempty"`
}

// use notes what the processes have used since before.
func (r *result) use(before, after map[string]server.Usage) {
	r.CPU, r.PerMessage, r.Peak = map[string]float64{}, map[string]float64{}, map[string]int64{}
	for name, u := range after {
		seconds := (u.CPU - before[name].CPU).Seconds()
		r.CPU[name], r.PerMessage[name], r.Peak[name] = seconds, seconds/float64(max(r.Messages, 1))*1e6, u.Peak
	}
}
