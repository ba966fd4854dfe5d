// Package load offers messages to a gateway over HTTP, or SMPP, and writes down what the gateway promised.
//
// What comes in: an address, how a request for message n is written and what counts as accepted, connections, and a
// rate. What goes out: the numbers of the messages that were accepted, counts of all other answers, and how long the
// answers took. It is a client on purpose too simple for anything else, so that it takes little of a processor that
// it shares with the server under test. It never sends a message twice, and never counts as accepted what was not
// answered so.
package load

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Target is a gateway's way of taking a message.
type Target struct {
	Addr     string
	Request  func(dst []byte, n uint64) []byte  // appends the whole request for message n
	Accepted func(status int, body []byte) bool // whether an answer promises to deliver
	SMPP     *SMPP                              // in place of the two above; nil: HTTP
}

// Plan is what is offered.
type Plan struct {
	Connections int
	Rate        float64       // messages/s over all connections; 0: each connection sends as soon as it is answered
	Duration    time.Duration // when no more is begun; 0: at the end of the context
	First       uint64        // the number of the first message
	Reconnect   bool          // go on when a connection breaks; otherwise that is the end
}

// Result is what came of it.
type Result struct {
	Began, Ended time.Time   // the first request and the last answer
	First, Next  uint64      // every message begun is one of First, …, Next-1
	Begun        int         // requests begun; each is accepted, in Status or broken
	Accepted     []uint64    // in no order
	Status       map[int]int // answers that did not accept
	Broken       int         // requests whose connection broke before the answer: nobody promised anything
	Latency      Histogram   // of accepting answers; with a rate, from the moment at which the request was due
}

// Rate is accepted messages per second.
func (r *Result) Rate() float64 { return float64(len(r.Accepted)) / r.Ended.Sub(r.Began).Seconds() }

// answerTimeout is how long an answer may take before the connection counts as broken.
const answerTimeout = 30 * time.Second

// Run opens the connections, one after the other, then offers a plan to a target, and returns when every request begun
// is answered or broken. The end of ctx begins nothing more. The error says why a connection ended early; the result is valid with it.
func Run(ctx context.Context, target Target, plan Plan) (*Result, error) {
	if target.SMPP != nil {
		return runSMPP(ctx, target, plan)
	}
	r := &run{target: target, plan: plan}
	clients := make([]*client, plan.Connections)
	for i := range clients {
		clients[i] = &client{run: r, status: map[int]int{}}
		defer clients[i].close()
		if err := clients[i].connect(ctx); err != nil && !plan.Reconnect {
			return r.result(nil), err
		}
	}
	r.began = time.Now()
	if plan.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, plan.Duration)
		defer cancel()
	}
	errs := make([]error, plan.Connections)
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() { errs[i] = c.work(ctx) })
	}
	all.Wait()
	return r.result(clients), firstOf(errs)
}

// firstOf is the first error: what ends one connection mostly ends all.
func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

type run struct {
	target Target
	plan   Plan
	began  time.Time
	slots  atomic.Uint64
}

func (r *run) result(clients []*client) *Result {
	result := &Result{Began: r.began, Ended: r.began, First: r.plan.First, Status: map[int]int{}}
	for _, c := range clients {
		result.Accepted = append(result.Accepted, c.accepted...)
		result.Latency.Merge(&c.latency)
		result.Begun += c.begun
		result.Broken += c.broken
		for status, n := range c.status {
			result.Status[status] += n
		}
		if c.last.After(result.Ended) {
			result.Ended = c.last
		}
		result.Next = max(result.Next, c.next)
	}
	return result
}

// due waits until a slot's moment has come.
func (r *run) due(ctx context.Context, slot uint64) (time.Time, error) {
	if r.plan.Rate <= 0 {
		return time.Now(), ctx.Err()
	}
	at := r.began.Add(time.Duration(float64(slot) / r.plan.Rate * float64(time.Second)))
	return at, sleep(ctx, time.Until(at))
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// client is one connection.
type client struct {
	run  *run
	conn net.Conn
	in   reader
	out  []byte

	accepted []uint64
	status   map[int]int
	begun    int
	broken   int
	latency  Histogram
	last     time.Time
	next     uint64 // one more than the last message begun
}

func (c *client) work(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := c.connect(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if c.run.plan.Reconnect {
				_ = sleep(ctx, 5*time.Millisecond)
				continue
			}
			return err
		}
		slot := c.run.slots.Add(1) - 1
		at, err := c.run.due(ctx, slot)
		if err != nil {
			return nil
		}
		if err := c.exchange(c.run.plan.First+slot, at); err != nil {
			c.close()
			if !c.run.plan.Reconnect {
				return err
			}
		}
	}
	return nil
}

func (c *client) connect(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.run.target.Addr)
	if err != nil {
		return err
	}
	c.conn, c.in = conn, reader{from: conn, buf: c.in.buf}
	return nil
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// exchange sends message n, which was due at a moment, and notes the answer.
func (c *client) exchange(n uint64, due time.Time) error {
	c.next = n + 1
	c.begun++
	c.out = c.run.target.Request(c.out[:0], n)
	guard := time.AfterFunc(answerTimeout, c.cut(c.conn))
	defer guard.Stop()
	if _, err := c.conn.Write(c.out); err != nil {
		c.broken++
		return err
	}
	status, body, err := c.in.next()
	if err != nil {
		c.broken++
		return fmt.Errorf("message %d: %w", n, err)
	}
	c.last = time.Now()
	if !c.run.target.Accepted(status, body) {
		c.status[status]++
		return nil
	}
	c.accepted = append(c.accepted, n)
	c.latency.Add(c.last.Sub(due))
	return nil
}

func (c *client) cut(conn net.Conn) func() { return func() { _ = conn.Close() } }
