package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/proof/server"
)

// codecLine is one benchmark of the codec.
type codecLine struct {
	Name   string  `json:"name"`
	NS     float64 `json:"ns"`
	Allocs float64 `json:"allocs"`
	Rate   float64 `json:"rate,omitempty"` // submit_sm a second, where the benchmark is of a session
}

// measureCodec runs the benchmarks of the packages smpp and gsm, and those of sessions without a store.
func measureCodec(ctx context.Context) (lines []codecLine, err error) {
	root, err := server.Root(ctx)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-benchmem", "-benchtime", "100ms", "-count", "3",
		"-bench", "^Benchmark(Encode|Decode|ParseReceipt|Split|Session$|ServerSession|ClientAgainstSink|SubmitToSink)", "./smpp", "./gsm", "./internal/carrier/smpp")
	command.Dir = root
	out, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	at := map[string]int{}
	for text := range strings.Lines(string(out)) {
		line, ok := parseBenchmark(text)
		if !ok {
			continue
		}
		if i, seen := at[line.Name]; seen {
			if line.NS < lines[i].NS { // the quietest of three
				lines[i] = line
			}
			continue
		}
		at[line.Name] = len(lines)
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("no benchmark ran:\n%s", out)
	}
	return lines, nil
}

// parseBenchmark reads "BenchmarkX-2  100  71.5 ns/op  0 B/op  0 allocs/op".
func parseBenchmark(text string) (line codecLine, ok bool) {
	fields := strings.Fields(text)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return line, false
	}
	name := strings.TrimPrefix(fields[0], "Benchmark")
	if dash := strings.LastIndexByte(name, '-'); dash > 0 {
		name = name[:dash]
	}
	line.Name = name
	for i := 2; i+1 < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return line, false
		}
		switch fields[i+1] {
		case "ns/op":
			line.NS, ok = value, true
		case "allocs/op":
			line.Allocs = value
		case "submits/s":
			line.Rate = value
		}
	}
	return line, ok
}
