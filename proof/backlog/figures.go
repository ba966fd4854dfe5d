package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// figures is what was measured.
type figures struct {
	accepted, expired int
	acceptRate        float64
	acceptPeak        int64 // octets of memory, of the process that accepted
	perMessage        float64
	readyKilled       time.Duration // after kill -9, until /readyz says yes
	readyEnded        time.Duration // after an orderly end
	left              int
	leaveRate         float64
	waitPeak          int64 // of the process that waited, and ended what expired
	leavePeak         int64 // of the process that sent
}

// What is promised.
const (
	mostMemory     = 150 << 20
	mostPerMessage = 500.0
	mostReady      = 3 * time.Second
)

func (f *figures) String() string {
	var text strings.Builder
	line := func(name, value, promise string) { fmt.Fprintf(&text, "%-52s %14s   %s\n", name, value, promise) }
	line("messages accepted, carrier away", fmt.Sprint(f.accepted), "")
	line("accepted per second", fmt.Sprintf("%.0f", f.acceptRate), "")
	line("memory while they were accepted, peak", mebibytes(f.acceptPeak), "≤ "+mebibytes(mostMemory))
	line("disk per message: database file, log written back", fmt.Sprintf("%.0f octets", f.perMessage), fmt.Sprintf("< %.0f", mostPerMessage))
	line("ready after kill -9", f.readyKilled.Round(time.Millisecond).String(), "< "+mostReady.String())
	line("ready after an orderly end", f.readyEnded.Round(time.Millisecond).String(), "< "+mostReady.String())
	line("expired meanwhile, none of them sent", fmt.Sprint(f.expired), "")
	line("memory while they waited, peak", mebibytes(f.waitPeak), "≤ "+mebibytes(mostMemory))
	line("left when the carrier came, in order", fmt.Sprint(f.left), "")
	line("left per second", fmt.Sprintf("%.0f", f.leaveRate), "")
	line("memory while they left, peak", mebibytes(f.leavePeak), "≤ "+mebibytes(mostMemory))
	return text.String()
}

func mebibytes(octets int64) string { return fmt.Sprintf("%.0f MiB", float64(octets)/(1<<20)) }

// broken says which promises are.
func (f *figures) broken() error {
	var errs []error
	if most := max(f.acceptPeak, f.waitPeak, f.leavePeak); most > mostMemory {
		errs = append(errs, fmt.Errorf("%s of memory", mebibytes(most)))
	}
	if f.perMessage >= mostPerMessage {
		errs = append(errs, fmt.Errorf("%.0f octets of disk for a message", f.perMessage))
	}
	if slowest := max(f.readyKilled, f.readyEnded); slowest >= mostReady {
		errs = append(errs, fmt.Errorf("ready after %v only", slowest))
	}
	return errors.Join(errs...)
}
