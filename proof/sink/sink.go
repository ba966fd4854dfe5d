// Package sink is a carrier that takes everything: an SMSC for measurements and for the proof that nothing was lost.
//
// What comes in: binds and submit_sm on a TCP port. What goes out: an answer to each, at once or after a fixed delay,
// a DELIVRD receipt after it when asked, and a journal of what it took, for the checker. It refuses nothing unless it is
// told to throttle, keeps no goroutine per message, and never forgets a receipt: those that a broken connection left
// without an answer go out on the next one. Octets that are not SMPP end their connection. For tests of faults it resets
// its connections and freezes when told so.
package sink

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options is how the carrier behaves.
type Options struct {
	Delay    time.Duration // between a submit_sm and its answer
	Receipts bool          // a receipt for each message, on the same bind; needs transceivers
	Throttle int           // of so many submit_sm, one is answered ESME_RTHROTTLED and not taken; 0: none

	// On is told of each step, at the moment between it and what follows: what it does then, such as killing the other
	// side, happens there. nil: nobody is told.
	On func(Step)
}

// Step is what happened between a gateway and its carrier.
type Step uint8

// The steps of a message, in their order.
const (
	Submitted    Step = 1 << iota // a submit_sm has come, and is not answered
	Answered                      // its answer is written
	Reported                      // its receipt is written
	Acknowledged                  // the answer to the receipt has come
)

func (s *Sink) on(step Step) {
	if s.options.On != nil {
		s.options.On(step)
	}
}

// Sink is one carrier.
type Sink struct {
	Journal Journal

	listener net.Listener
	options  Options
	ids      atomic.Uint64
	taken    atomic.Int64 // answered
	last     atomic.Int64 // Unix nanoseconds of the last answer
	receipts receipts
	faults   faults
}

// Listen opens a carrier on addr, "127.0.0.1:0" for any free port.
func Listen(ctx context.Context, addr string, options Options) (*Sink, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &Sink{listener: listener, options: options}
	s.ids.Store(uint64(time.Now().UnixNano())) // a carrier never gives the same id again, restarted or not
	return s, nil
}

// Addr is the address to connect to.
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// Options is how it behaves.
func (s *Sink) Options() Options { return s.options }

// Taken is how many submit_sm were answered, and when the last was.
func (s *Sink) Taken() (n int64, last time.Time) {
	n = s.taken.Load()
	if at := s.last.Load(); at > 0 {
		last = time.Unix(0, at)
	}
	return n, last
}

// Run serves until ctx ends, closes all connections and waits for their goroutines.
func (s *Sink) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = s.listener.Close() })
	defer stop()
	var lines sync.WaitGroup
	defer lines.Wait()
	defer cancel()
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		lines.Go(func() { s.serve(ctx, conn) })
	}
}

func (s *Sink) serve(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	l := &line{sink: s, conn: conn, open: map[uint32]receipt{}, due: make(chan struct{}, 1)}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	s.faults.opened(l)
	defer s.faults.closed(l)
	var helpers sync.WaitGroup
	if s.options.Delay > 0 {
		helpers.Go(func() { l.answerLate(ctx) })
	}
	if s.options.Receipts {
		helpers.Go(func() { l.keepTelling(ctx) })
	}
	l.read()
	cancel()
	helpers.Wait()
	_ = conn.Close()
	l.end()
}
