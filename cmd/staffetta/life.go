package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"syscall"
	"time"
)

// What the doors, a carrier's window, and then everything may take to stop.
const (
	doorGrace    = 2500 * time.Millisecond
	carrierGrace = 3 * time.Second
	wholeGrace   = 9 * time.Second
	slowClient   = 10 * time.Second
)

// errStuck is the error of parts that did not stop in time. What was accepted is on disk; the process may end.
var errStuck = errors.New("did not stop in time")

// life runs the parts of a server and stops them in the opposite order of their start.
type life struct {
	parts []*part
	ended chan error // what ended by itself, which no part may
}

type part struct {
	name string
	stop context.CancelFunc
	done chan struct{}
	err  error
}

func newLife() *life { return &life{ended: make(chan error, 16)} }

// run starts a part. It runs until its own context ends, which is not that of a signal: the order of stopping is ours.
func (l *life) run(name string, run func(ctx context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	p := &part{name: name, stop: stop, done: make(chan struct{})}
	l.parts = append(l.parts, p)
	go func() {
		defer close(p.done)
		p.err = run(ctx)
		if ctx.Err() == nil {
			l.ended <- fmt.Errorf("%s ended: %w", name, p.err)
		}
	}()
}

// wait waits for the signal to stop, or for a part that ends by itself.
func (l *life) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-l.ended:
		return err
	}
}

// stop stops the parts, the last first, each when the one after it has ended. It answers the first error; errStuck when
// they take too long.
func (l *life) stop(first error) error {
	late := time.After(wholeGrace)
	for _, p := range slices.Backward(l.parts) {
		p.stop()
		select {
		case <-p.done:
		case <-late:
			return fmt.Errorf("%s %w", p.name, errStuck)
		}
		if first == nil && p.err != nil {
			first = fmt.Errorf("%s: %w", p.name, p.err)
		}
	}
	return first
}

// serveHTTP serves until ctx ends; then requests that have begun are finished.
func serveHTTP(ctx context.Context, server *http.Server, listener net.Listener) error {
	ended := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(listener, "", "")
		} else {
			ended <- server.Serve(listener)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), doorGrace)
	defer cancel()
	err := server.Shutdown(bounded)
	if errors.Is(err, context.DeadlineExceeded) { // a client that neither reads nor closes
		err = server.Close()
	}
	<-ended
	return err
}

// joinClose closes what was opened first; not under a part that still works on it.
func joinClose(err error, c io.Closer) error {
	if errors.Is(err, errStuck) {
		return err
	}
	return errors.Join(err, c.Close())
}

// innermost is what the operating system said.
func innermost(err error) error {
	if cause, ok := errors.AsType[*os.SyscallError](err); ok {
		err = cause.Err
	}
	if cause, ok := errors.AsType[*net.OpError](err); ok {
		err = cause.Err
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return errors.New("another program listens there already")
	}
	return err
}
