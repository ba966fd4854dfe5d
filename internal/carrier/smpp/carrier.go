package smpp

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Dispatcher feeds bound sessions. Serve returns once the session is done or ctx has ended, and every part given to the
// session has its answer.
type Dispatcher interface {
	Serve(ctx context.Context, carrier sms.CarrierID, s dispatch.Session, options dispatch.ServeOptions) error
	// Throttle changes ServeOptions.Throughput of a carrier whose sessions are served.
	Throttle(carrier sms.CarrierID, throughput int)
}

// Config says which carrier, and whom it works for. Grace, TLS and DialContext may be left zero.
type Config struct {
	Carrier    sms.CarrierID
	Name       string // for the log
	Address    Address
	Dispatcher Dispatcher
	Recorder   Recorder
	Log        *slog.Logger
	// Grace is how long the parts in the window may still be answered when the carrier is stopped; default 5 s.
	Grace time.Duration
	// TLS is what the parameters of an smpps address are added to; default: TLS 1.2 at least, authorities of the system.
	TLS *tls.Config
	// DialContext replaces net.Dialer.DialContext.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// State is how a carrier stands. Address and Sessions of its configuration say how it should.
type State struct {
	Bound     int       // sessions that are bound; a pair counts once
	Since     time.Time // when Bound changed last, or the carrier was made
	LastError string    // why a session is not bound; empty when all are
	Refused   bool      // LastError is that the carrier refuses the bind: somebody must look at the address
	InFlight  int       // requests to the carrier without an answer
}

// Carrier keeps the sessions of one carrier.
type Carrier struct {
	cfg    Config
	log    *slog.Logger
	memory *memory

	mu         sync.Mutex
	state      State
	bound      map[*smpp.Session]bool // that take submit_sm
	throughput int                    // of the address, as it is now
	refuser    string                 // state.Refused: the host
}

// New makes a carrier that is not bound.
func New(cfg Config) *Carrier {
	if cfg.Grace <= 0 {
		cfg.Grace = 5 * time.Second
	}
	log := cfg.Log.With("carrier", cfg.Name)
	return &Carrier{cfg: cfg, log: log, memory: newMemory(), state: State{Since: time.Now()}, bound: map[*smpp.Session]bool{}, throughput: cfg.Address.Throughput}
}

// State may be asked at any time.
func (c *Carrier) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := c.state
	for s := range c.bound {
		state.InFlight += s.Stats().InFlight
	}
	return state
}

// Run keeps the sessions bound until ctx ends, then lets their windows finish and unbinds. Call it once. It always
// returns nil: what goes wrong with a carrier is logged, stands in State and is tried again.
func (c *Carrier) Run(ctx context.Context) error {
	var keepers sync.WaitGroup
	for session := range c.cfg.Address.Sessions {
		keepers.Go(func() { c.keep(ctx, c.turn(session)) })
	}
	if c.cfg.Address.OutbindListen != "" {
		keepers.Go(func() { c.listen(ctx) })
	}
	keepers.Wait()
	return nil
}

// keep binds one session again and again.
func (c *Carrier) keep(ctx context.Context, turn *turn) {
	var wait backoff
	said := ""
	for ctx.Err() == nil {
		bound, err := c.bind(ctx, turn.host())
		lived := time.Duration(0)
		if err == nil {
			c.sayBound(turn.host())
			began := time.Now()
			err = c.serve(ctx, bound)
			lived = time.Since(began)
		}
		if ctx.Err() != nil {
			return
		}
		if lived >= steady {
			said = ""
		}
		tried := turn.host()
		delay := wait.next(lived, err, turn.next(lived >= steady))
		said = c.complain(tried, err, said, delay)
		pause(ctx, delay)
	}
}

// errEnded stands for the end of a session that has no error: the carrier unbound, or the dispatcher let go of it.
var errEnded = errors.New("the session ended")

// sayBound makes known that a session is there, and what is wrong with it all the same.
func (c *Carrier) sayBound(host string) {
	c.log.Info("carrier session bound", "bind", c.cfg.Address.Bind, "host", host)
	if warning := c.cfg.Address.Warning(); warning != "" {
		c.log.Warn(warning, "host", host)
	}
}

// complain makes an error known; one that was said before is not repeated, but for a bind that was refused.
func (c *Carrier) complain(host string, err error, said string, delay time.Duration) string {
	if err == nil {
		err = errEnded
	}
	refused, text := refusedBind(err), err.Error()
	if len(c.cfg.Address.Hosts) > 0 {
		text = host + ": " + text
	}
	c.show(host, text, refused)
	attributes := []any{"host", host, "error", err.Error(), "again_in", delay.Round(time.Millisecond).String()}
	switch {
	case refused:
		c.log.Error("carrier refuses the bind: check system_id, password and system_type of its address", attributes...)
	case text != said:
		c.log.Warn("carrier session is not bound", attributes...)
	default:
		c.log.Debug("carrier session is still not bound", attributes...)
	}
	return text
}

// show sets what State says. A refusal stays until the host that refused says something else: that another host is
// away must not hide it.
func (c *Carrier) show(host, text string, refused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case refused:
		text, c.refuser = "BIND REFUSED, check system_id, password and system_type: "+text, host
	case c.state.Refused && host != c.refuser:
		return
	}
	c.state.LastError, c.state.Refused = text, refused
}

// Throttle changes the throughput of the address; no session binds anew for it.
func (c *Carrier) Throttle(throughput int) {
	c.mu.Lock()
	c.throughput = throughput
	c.mu.Unlock()
	c.cfg.Dispatcher.Throttle(c.cfg.Carrier, throughput)
}

// options are what the dispatcher is told of a session.
func (c *Carrier) options() dispatch.ServeOptions {
	c.mu.Lock()
	defer c.mu.Unlock()
	return dispatch.ServeOptions{Throughput: c.throughput, Session: c.cfg.Address.SessionThroughput}
}

// begins counts a session as bound.
func (c *Carrier) begins(s *smpp.Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bound[s] = true
	c.counted()
}

// ends counts it no more.
func (c *Carrier) ends(s *smpp.Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.bound, s)
	c.counted()
}

// counted follows a change of how many sessions are bound.
func (c *Carrier) counted() {
	c.state.Bound = len(c.bound)
	c.state.Since = time.Now()
	if c.state.Bound == c.cfg.Address.Sessions {
		c.state.LastError, c.state.Refused = "", false
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
