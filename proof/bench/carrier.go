package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"

	"github.com/staffetta/staffetta/proof/sink"
)

// stats is what a carrier, or what takes reports, has taken so far.
type stats struct {
	Taken     int64
	LastTaken int64 // Unix nanoseconds
	Reports   int   // receipts that were acknowledged; reports that came
	LastOne   int64
}

// carrierRole is a carrier; its first line is its address.
func carrierRole(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("carrier", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:0", "where")
	receipts := flags.Bool("receipts", false, "send receipts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := sink.Listen(ctx, *listen, sink.Options{Receipts: *receipts})
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	running.Go(func() { err = s.Run(ctx) })
	answered := answerLines(s.Addr(), func(line string) (any, error) { return carrierAnswer(s, line) })
	cancel()
	running.Wait()
	return errors.Join(answered, err)
}

func carrierAnswer(s *sink.Sink, line string) (any, error) {
	if file, ok := strings.CutPrefix(line, "save "); ok {
		if err := s.Journal.Save(file, 0); err != nil {
			return nil, err
		}
	}
	taken, at := s.Taken()
	acknowledged, last := s.Acknowledged()
	return stats{Taken: taken, LastTaken: at.UnixNano(), Reports: acknowledged, LastOne: last.UnixNano()}, nil
}

// carrier is the other side of a carrierRole.
type carrier struct {
	*part
	addr string
}

func startCarrier(ctx context.Context, dir, listen string, receipts bool) (*carrier, error) {
	p, err := startPart(ctx, dir, "carrier", "-listen", listen, fmt.Sprintf("-receipts=%t", receipts))
	if err != nil {
		return nil, err
	}
	return &carrier{part: p, addr: p.first}, nil
}

func (c *carrier) stats() (s stats, err error) { return s, c.ask("stats", &s) }

func (c *carrier) save(file string) error {
	var s stats
	return c.ask("save "+file, &s)
}
