// Command backlog proves that a long queue waits on disk, not in memory.
//
// What comes in: how many messages. What goes out: a table of measured figures beside the promised ones, and an error
// when a promise is broken. It starts the real server with a carrier that cannot be reached, has messages accepted from
// several accounts, lets a tenth of them expire, kills the server, starts it again, brings the carrier up, and compares
// what the carrier got with what was accepted: everything once, in order within each account, and nothing that expired.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var p plan
	flag.IntVar(&p.messages, "messages", 1_000_000, "how many messages wait")
	flag.IntVar(&p.accounts, "accounts", 20, "from how many accounts, one connection each")
	flag.IntVar(&p.window, "window", 100, "SMPP window of the carrier's one session")
	flag.StringVar(&p.folder, "dir", os.TempDir(), "where the data folder is made: on the disk that is to be measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	figures, err := prove(ctx, p)
	if figures != nil {
		fmt.Print(figures)
	}
	if err == nil {
		err = figures.broken()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "backlog:", err)
		stop()
		os.Exit(1)
	}
}
