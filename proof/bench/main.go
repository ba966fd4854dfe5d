// Command bench measures what the server carries, on the machine that it runs on.
//
// What comes in: flags. What goes out: a table, and with -json the same for programs. It builds the binary, and for
// each row starts a fresh server, a carrier and a load of its own, all on this machine; it measures after a warm-up,
// waits until the carrier has everything, and checks that nothing is missing and nothing was sent twice: a row that
// fails the check is an error, not a figure. Messages per second count from the first request to the carrier's last
// answer. Rounds of all rows alternate, so that what else the machine does falls on each; figures are the median.
package main

import (
	"context"
	"encoding/json"
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
	Duration time.Duration `json:"-"`
	WarmUp   time.Duration `json:"-"`
	Rounds   int           `json:"rounds"`
	Window   int           `json:"window"`
	Folder   string        `json:"folder"`
	Kannel   bool          `json:"kannel"`
	Rows     string        `json:"rows"`
	Codec    bool          `json:"-"`
	JSON     string        `json:"-"`
}

func main() {
	var s settings
	var carrier carrierRole
	flag.DurationVar(&s.Duration, "duration", 4*time.Second, "load of each row")
	flag.DurationVar(&s.WarmUp, "warm-up", time.Second, "load before it, not measured")
	flag.IntVar(&s.Rounds, "rounds", 1, "how often each row is measured")
	flag.IntVar(&s.Window, "window", 100, "SMPP window, one session")
	flag.StringVar(&s.Folder, "dir", os.TempDir(), "where the data folders are made: on the disk that is to be measured")
	flag.BoolVar(&s.Kannel, "kannel", false, "measure Kannel too (bearerbox and smsbox must be installed)")
	flag.StringVar(&s.Rows, "rows", "", "only the rows whose name contains this")
	flag.BoolVar(&s.Codec, "codec", true, "measure the codec too")
	flag.StringVar(&s.JSON, "json", "", "write the figures to this file")
	flag.BoolVar(&carrier.on, "carrier", false, "be the carrier of another bench process")
	flag.BoolVar(&carrier.receipts, "receipts", false, "with -carrier: send receipts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, carrier); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings, carrier carrierRole) error {
	// Load and carrier share the processor with the gateway under test: one thread each spins for nobody.
	runtime.GOMAXPROCS(1)
	if carrier.on {
		return carrier.run(ctx)
	}
	machine := describeMachine(s.Folder)
	fmt.Println(machine)
	b := &bench{settings: s}
	results, err := b.measureAll(ctx)
	if err != nil {
		return err
	}
	printRows(results)
	printRatios(results)
	var codec []codecLine
	if s.Codec {
		if codec, err = measureCodec(ctx); err != nil {
			return err
		}
		printCodec(codec)
	}
	if s.JSON == "" {
		return nil
	}
	text, err := json.MarshalIndent(map[string]any{"machine": machine, "settings": s, "rows": results, "codec": codec}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(s.JSON, append(text, '\n'), 0o644)
}
