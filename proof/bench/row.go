package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
)

// row is one line of the table.
type row struct {
	Name        string  `json:"name"` // the same for all gateways that are compared in it
	Gateway     string  `json:"gateway"`
	Connections int     `json:"connections"`
	Offered     float64 `json:"offered,omitempty"` // messages/s; 0: as many as the gateway takes
	Receipts    bool    `json:"receipts,omitempty"`
	Away        bool    `json:"away,omitempty"` // the carrier cannot be reached: accepting alone is measured
}

// rows are those of every gateway.
var rows = []row{
	{Name: "HTTP → submit_sm_resp, 50 connections", Connections: 50},
	{Name: "HTTP → submit_sm_resp, 128 connections", Connections: 128},
	{Name: "5,000/s offered, 50 connections", Connections: 50, Offered: 5000},
	{Name: "with receipts, 50 connections", Connections: 50, Receipts: true},
	{Name: "accept only, carrier away, 50 connections", Connections: 50, Away: true},
}

// gateway is a message server under test.
type gateway interface {
	// start makes everything below dir and returns when messages to the carrier can be sent.
	start(ctx context.Context, dir, carrier string, r row) (load.Target, error)
	// processes are its processes by name.
	processes() map[string]int
	// commits is how many transactions it has committed, -1 when it does not say.
	commits(ctx context.Context) float64
	stop(ctx context.Context) error
}

// bench is one run of the program.
type bench struct {
	settings
	binary string
}

func (b *bench) measureAll(ctx context.Context) (results []result, err error) {
	folder, err := os.MkdirTemp(b.Folder, "staffetta-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if b.binary, err = server.Build(ctx, folder); err != nil {
		return nil, err
	}
	chosen, err := b.chosen()
	if err != nil {
		return nil, err
	}
	all := make([][]result, len(chosen))
	for round := range b.Rounds {
		for i, r := range chosen {
			one, err := b.measure(ctx, r, filepath.Join(folder, fmt.Sprintf("%d-%d", round, i)))
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", r.Gateway, r.Name, err)
			}
			fmt.Fprintf(os.Stderr, "%s · %s: %.0f/s\n", r.Gateway, r.Name, one.Rate)
			all[i] = append(all[i], one)
		}
	}
	for _, rounds := range all {
		results = append(results, median(rounds))
	}
	return results, nil
}

func (b *bench) chosen() (chosen []row, err error) {
	gateways := []string{"staffetta"}
	if b.Kannel {
		for _, program := range []string{"bearerbox", "smsbox"} {
			if _, err := exec.LookPath(program); err != nil {
				return nil, fmt.Errorf("-kannel: %w", err)
			}
		}
		gateways = append(gateways, "kannel")
	}
	for _, r := range rows {
		for _, r.Gateway = range gateways {
			if strings.Contains(r.Name, b.Rows) {
				chosen = append(chosen, r)
			}
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no row is named like %q", b.Rows)
	}
	return chosen, nil
}

func (b *bench) gateway(name string) gateway {
	if name == "kannel" {
		return &kannel{window: b.Window}
	}
	return &staffetta{binary: b.binary, window: b.Window}
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
	P50        time.Duration      `json:"p50"`    // of accepting
	P95        time.Duration      `json:"p95"`
	P99        time.Duration      `json:"p99"`
	Commits    float64            `json:"commits"` // per second; negative: not known
	CPU        map[string]float64 `json:"cpu"`     // seconds by process, from the first request until all has left
	Peak       map[string]int64   `json:"peak"`    // octets of memory by process
	OtherCodes map[int]int        `json:"otherCodes,omitempty"`
}
