// Command bench measures what message servers carry, on the machine that it runs on: ours on SQLite, ours on
// PostgreSQL, and Kannel, as far as they are installed.
//
// What comes in: flags. What goes out: tables, and with -json and -plot the same for programs and as a picture. It
// builds the binary, and for each row starts a fresh server, a carrier and a load of its own, all on this machine; it
// measures after a warm-up, waits until the carrier has everything, and checks that nothing is missing and nothing was
// sent twice: a row that fails the check is an error, not a figure. Messages per second count from the first request to
// the carrier's last answer, in rows with receipts to the last of those. Gateways take turns, row by row and round by
// round, so that what else the machine does falls on each; figures are the median round.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// settings of a run.
type settings struct {
	Duration time.Duration `json:"duration"` // nanoseconds
	WarmUp   time.Duration `json:"warmUp"`
	Rounds   int           `json:"rounds"`
	Window   int           `json:"window"`
	Folder   string        `json:"folder"`
	Gateways string        `json:"gateways,omitempty"`
	Rows     string        `json:"rows,omitempty"`
	Stored   string        `json:"stored"`
	Codec    bool          `json:"-"`
	JSON     string        `json:"-"`
	Plot     string        `json:"-"`
}

func (s *settings) define(flags *flag.FlagSet) {
	flags.DurationVar(&s.Duration, "duration", 4*time.Second, "load of each row")
	flags.DurationVar(&s.WarmUp, "warm-up", time.Second, "load before it, not measured")
	flags.IntVar(&s.Rounds, "rounds", 1, "how often each row is measured")
	flags.IntVar(&s.Window, "window", 100, "SMPP window, one session")
	flags.StringVar(&s.Folder, "dir", os.TempDir(), "where the data folders are made: on the disk that is to be measured")
	flags.StringVar(&s.Gateways, "gateways", "", "which of staffetta,postgres,kannel; empty: all that are installed")
	flags.StringVar(&s.Rows, "rows", "", "only the rows whose name contains this")
	flags.StringVar(&s.Stored, "stored", "0,1000000", "with how many stored messages the throughput is measured; 10000000 takes minutes")
	flags.BoolVar(&s.Codec, "codec", true, "measure the codec too")
	flags.StringVar(&s.JSON, "json", "", "write the figures to this file")
	flags.StringVar(&s.Plot, "plot", "", "draw messages per second into this SVG file")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted")
		}
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	// Load and carrier share the processor with the gateway under test: one thread each spins for nobody.
	runtime.GOMAXPROCS(1)
	if len(args) > 0 && roles[args[0]] != nil {
		return roles[args[0]](ctx, args[1:])
	}
	var s settings
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	s.define(flags)
	_ = flags.Parse(args) // ends the program by itself
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag; -help lists them", flags.Arg(0))
	}
	return s.measure(ctx)
}

// measure is one run: rows, tables, files.
func (s settings) measure(ctx context.Context) error {
	stored, err := parseStored(s.Stored)
	if err != nil {
		return err
	}
	gateways, err := chooseGateways(s.Gateways)
	if err != nil {
		return err
	}
	chosen, err := choose(rowsWith(stored), gateways, s.Rows)
	if err != nil {
		return err
	}
	r := report{Machine: describeMachine(s.Folder), Settings: s}
	fmt.Println(r.Machine)
	if r.Rows, err = (&bench{settings: s, kept: map[string]*keptGateway{}}).measureAll(ctx, chosen); err != nil {
		return err
	}
	r.Ratios = ratiosOf(r.Rows)
	printRows(r.Rows)
	printUsage(r.Rows)
	printRatios(r.Ratios)
	if s.Codec {
		if r.Codec, err = measureCodec(ctx); err != nil {
			return err
		}
		printCodec(r.Codec)
	}
	return s.write(r)
}

// report is everything that a run has found.
type report struct {
	Machine  machine     `json:"machine"`
	Settings settings    `json:"settings"`
	Rows     []result    `json:"rows"`
	Ratios   []ratio     `json:"ratios"`
	Codec    []codecLine `json:"codec,omitempty"`
}

func (s settings) write(r report) error {
	if s.Plot != "" {
		if err := os.WriteFile(s.Plot, plot(r), 0o644); err != nil {
			return err
		}
	}
	if s.JSON == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(s.JSON, append(text, '\n'), 0o644)
}
