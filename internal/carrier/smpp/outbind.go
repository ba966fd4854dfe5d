package smpp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// outbindTimeout is how long a connection may take from its first octet to the answer to our bind.
const outbindTimeout = 10 * time.Second

// setOutbindListen reads outbind_listen.
func setOutbindListen(a *Address, text string) error {
	at, err := netip.ParseAddrPort(text)
	if err != nil || at.Port() == 0 {
		return sms.InvalidField("outbind_listen", "must be the address and port to listen on, such as 192.0.2.7:2776 or 0.0.0.0:2776")
	}
	if a.TLS {
		return sms.InvalidField("outbind_listen", "is for an address that begins with smpp://: nothing says who is who in TLS there")
	}
	a.OutbindListen = text
	return nil
}

// listen takes connections of the carrier until ctx ends. A carrier that has something for us, and no session to send
// it on, connects and sends outbind; we bind as a receiver over that connection (SMPP 3.4 §2.2.1, §4.1.7).
func (c *Carrier) listen(ctx context.Context) {
	for ctx.Err() == nil {
		var config net.ListenConfig
		ln, err := config.Listen(ctx, "tcp", c.cfg.Address.OutbindListen)
		if err == nil {
			c.log.Info("carrier may connect for outbind", "listen", c.cfg.Address.OutbindListen)
			err = c.acceptAll(ctx, ln)
		}
		if ctx.Err() == nil {
			c.log.Error("carrier cannot connect for outbind", "listen", c.cfg.Address.OutbindListen, "error", err.Error(), "again_in", longest.String())
			pause(ctx, longest)
		}
	}
}

// knocking is how many connections may be there beside those that the carrier's sessions stand for: strangers, until
// they are known to be such.
const knocking = 16

// acceptAll serves connections, a bounded number at once. It closes ln.
func (c *Carrier) acceptAll(ctx context.Context, ln net.Listener) error {
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	defer func() { _ = ln.Close() }() // perhaps closed before
	var serving sync.WaitGroup
	defer serving.Wait()
	places := make(chan struct{}, c.cfg.Address.Sessions+knocking)
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		select {
		case places <- struct{}{}:
			serving.Go(func() {
				defer func() { <-places }()
				c.outbound(ctx, conn)
			})
		default:
			c.log.Warn("outbind: too many connections", "remote", conn.RemoteAddr().String())
			_ = conn.Close() // refused
		}
	}
}

// outbound serves one connection, which it owns. Whoever is not one of the carrier's hosts learns nothing: our bind
// holds the password.
func (c *Carrier) outbound(ctx context.Context, conn net.Conn) {
	log := c.log.With("remote", conn.RemoteAddr().String())
	s, err := c.bindBack(ctx, conn)
	if err != nil {
		_ = conn.Close() // closed or not
		log.Warn("outbind refused", "error", err.Error())
		return
	}
	log.Info("carrier session bound after outbind", "bind", smpp.Receiver.String())
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	over := make(chan struct{})
	var ending sync.WaitGroup
	ending.Go(func() {
		select {
		case <-over:
		case <-ctx.Done():
			last := time.AfterFunc(unbindTimeout+lastWords, kill)
			defer last.Stop()
			c.unbind(life, bound{s})
		}
	})
	err = s.Run(life)
	close(over)
	ending.Wait()
	if err != nil {
		log.Info("carrier session after outbind ended", "error", err.Error())
	}
}

var errStranger = errors.New("the peer is none of the carrier's hosts")

// bindBack binds over a connection that began with outbind.
func (c *Carrier) bindBack(ctx context.Context, conn net.Conn) (*smpp.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, outbindTimeout)
	defer cancel()
	if !c.isHost(ctx, conn.RemoteAddr()) {
		return nil, errStranger
	}
	if _, err := smpp.AwaitOutbind(ctx, conn); err != nil {
		return nil, err
	}
	config, err := c.dialConfig("", smpp.Receiver)
	if err != nil {
		return nil, err
	}
	return smpp.Connect(ctx, conn, config)
}

// isHost reports whether an address is one of those to which we connect.
func (c *Carrier) isHost(ctx context.Context, remote net.Addr) bool {
	peer, err := netip.ParseAddrPort(remote.String())
	if err != nil {
		return false
	}
	for _, host := range c.cfg.Address.hosts() {
		name, _, _ := net.SplitHostPort(host) // a host of an address has a port
		known, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		if err != nil {
			continue
		}
		for _, ip := range known {
			if ip.Unmap() == peer.Addr().Unmap() {
				return true
			}
		}
	}
	return false
}
