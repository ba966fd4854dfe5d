package smpp

import (
	"context"
	"sync"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

// unbindTimeout is how long an unbind in order may take, and lastWords how long the connection may stay after it.
const (
	unbindTimeout = 2 * time.Second
	lastWords     = time.Second
)

// inboundLimit is how many receipts of one session may wait to be stored.
const inboundLimit = 2048

// bound is the session of a transceiver, or a transmitter and its receiver. A pair lives and dies together, so that
// nothing is sent whose receipt could not come.
type bound []*smpp.Session // the first takes submit_sm

// bind makes the connections of one session, all to the same host.
func (c *Carrier) bind(ctx context.Context, host string) (bound, error) {
	if c.cfg.Address.Bind != BindPair {
		s, err := c.dial(ctx, host, smpp.Transceiver)
		return bound{s}, err
	}
	receiver, err := c.dial(ctx, host, smpp.Receiver)
	if err != nil {
		return nil, err
	}
	transmitter, err := c.dial(ctx, host, smpp.Transmitter)
	if err != nil {
		_ = receiver.Close() // the error of the other half says more
		return nil, err
	}
	return bound{transmitter, receiver}, nil
}

func (c *Carrier) dial(ctx context.Context, host string, kind smpp.BindType) (*smpp.Session, error) {
	config, err := c.dialConfig(host, kind)
	if err != nil {
		return nil, err
	}
	return smpp.Dial(ctx, config)
}

func (c *Carrier) dialConfig(host string, kind smpp.BindType) (smpp.DialConfig, error) {
	a := &c.cfg.Address
	config := smpp.DialConfig{
		Config: smpp.Config{
			Window: a.Window, ResponseTimeout: a.ResponseTimeout, EnquireInterval: a.EnquireLink,
			EnquireTimeout: a.EnquireTimeout, InboundLimit: inboundLimit, Logger: c.log,
		},
		Addr:        host,
		Bind:        smpp.Bind{Type: kind, SystemID: a.SystemID, Password: a.Password, SystemType: a.SystemType},
		Handler:     &inbox{carrier: c.cfg.Carrier, recorder: c.cfg.Recorder, address: a, alphabet: a.Dialect.standard(), memory: c.memory},
		DialContext: c.cfg.DialContext,
	}
	var err error
	if a.TLS {
		config.TLS, err = a.Trust.config(c.cfg.TLS)
	}
	return config, err
}

// serve lets the dispatcher use what is bound until a session of it is lost or ctx ends, and returns when all of it is
// closed. The error says why the session ended if this side did not end it.
func (c *Carrier) serve(ctx context.Context, b bound) error {
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	lost, sayLost := context.WithCancel(context.Background())
	defer sayLost()
	ended := make(chan error, len(b))
	var sessions sync.WaitGroup
	for _, s := range b {
		sessions.Go(func() { ended <- s.Run(life) })
		sessions.Go(func() { <-s.Done(); sayLost() })
	}
	err := c.feed(ctx, lost, b, kill)
	last := time.AfterFunc(unbindTimeout+lastWords, kill)
	c.unbind(life, b)
	sessions.Wait()
	last.Stop()
	for range b {
		if e := <-ended; e != nil {
			err = e // says more than that of the dispatcher, which only saw the session end
		}
	}
	return err
}

// feed calls the dispatcher.
func (c *Carrier) feed(ctx, lost context.Context, b bound, kill func()) error {
	a := &c.cfg.Address
	s := &session{wire: b[0], window: a.Window, validity: a.Validity, dialect: &a.Dialect, classes: a.Classes, ids: a.answeredID, done: lost.Done()}
	served := make(chan struct{})
	var guard sync.WaitGroup
	guard.Go(func() { c.guard(ctx, lost, b[0], served, kill) })
	err := c.cfg.Dispatcher.Serve(ctx, c.cfg.Carrier, s, c.options())
	close(served)
	guard.Wait()
	return err
}

// guard counts a session as bound until it is lost or to be stopped. What is in its window then has Grace to be
// answered.
func (c *Carrier) guard(ctx, lost context.Context, s *smpp.Session, served <-chan struct{}, kill func()) {
	c.begins(s)
	select {
	case <-lost.Done():
	case <-ctx.Done():
	case <-served:
	}
	c.ends(s)
	grace := time.NewTimer(c.cfg.Grace)
	defer grace.Stop()
	select {
	case <-served:
	case <-grace.C:
		kill()
	}
}

// unbind ends all sessions of b in order, as far as that is possible.
func (c *Carrier) unbind(life context.Context, b bound) {
	limited, cancel := context.WithTimeout(life, unbindTimeout)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range b {
		all.Go(func() {
			if err := s.Unbind(limited); err != nil {
				c.log.Debug("carrier session did not unbind in order", "error", err)
			}
		})
	}
	all.Wait()
}
