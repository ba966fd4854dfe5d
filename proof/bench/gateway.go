package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/proof/load"
)

// gateway is a message server under test.
type gateway interface {
	// start makes everything in a place and returns when messages can be sent. More than one target: load them all.
	start(ctx context.Context, p place) ([]load.Target, error)
	// processes are its processes by name.
	processes() map[string]watched
	// commits is how many transactions it has committed, -1 when it does not say.
	commits(ctx context.Context) float64
	// stop ends and removes everything.
	stop(ctx context.Context) error
}

// place is where a gateway lives.
type place struct {
	dir     string
	carrier string // its address
	row     row
}

// reporter is a gateway that tells customers by itself what became of their messages.
type reporter interface {
	// reports is what the customer has heard.
	reports() (stats, error)
}

// witness is a gateway that can be asked how many messages are delivered, by its own words.
type witness interface {
	delivered(ctx context.Context) (int, error)
}

// batcher is a gateway whose store takes batches in process.
type batcher interface {
	// open makes the store, and answers the flags of batchesRole that say where it is.
	open(ctx context.Context, dir string) (flags []string, err error)
}

// keeper is a gateway whose messages may stay from one round to the next.
type keeper interface {
	// pause stops all processes; the messages stay.
	pause(ctx context.Context) error
	// fill stores so many finished messages, copies of one that it has; only after pause.
	fill(ctx context.Context, n int) error
	// resume starts again after pause.
	resume(ctx context.Context) ([]load.Target, error)
}

// titles are the gateways in the order of the table, as they are written there.
var titles = []struct{ name, title string }{
	{"staffetta", "Staffetta"},
	{"postgres", "Staffetta on PostgreSQL"},
	{"kannel", "Kannel"},
}

func titleOf(name string) string {
	for _, g := range titles {
		if g.name == name {
			return g.title
		}
	}
	return name
}

func (b *bench) gateway(name string) gateway {
	switch name {
	case "kannel":
		return &kannel{window: b.Window}
	case "postgres":
		return &onPostgres{bench: b}
	}
	return &onSQLite{bench: b}
}

// missing says why a gateway cannot run here.
func missing(name string) error {
	switch name {
	case "staffetta":
		return nil
	case "postgres":
		if pgtest.Binaries() == "" {
			return errors.New("PostgreSQL is not installed (make peers)")
		}
		return nil
	case "kannel":
		for _, program := range []string{"bearerbox", "smsbox"} {
			if _, err := exec.LookPath(program); err != nil {
				return errors.New("Kannel is not installed (make peers)")
			}
		}
		return nil
	}
	return errors.New("there is no such gateway")
}

// chooseGateways are those that are named, or all that are installed, in the order of the table.
func chooseGateways(named string) (chosen []string, err error) {
	wanted := strings.FieldsFunc(named, func(r rune) bool { return r == ',' || r == ' ' })
	for _, name := range wanted {
		if err := missing(name); err != nil {
			return nil, fmt.Errorf("-gateways %s: %w", name, err)
		}
	}
	for _, g := range titles {
		switch {
		case slices.Contains(wanted, g.name):
			chosen = append(chosen, g.name)
		case len(wanted) == 0:
			if err := missing(g.name); err != nil {
				fmt.Printf("without %s: %v\n", g.title, err)
				continue
			}
			chosen = append(chosen, g.name)
		}
	}
	return chosen, nil
}
