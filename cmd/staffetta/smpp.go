package main

import (
	"context"
	"crypto/tls"
	"net"
)

// startSMPP starts the door for customers who speak SMPP, when there is a port for it.
func (s *server) startSMPP(l *life, d *doors, c certificates) {
	var listeners []net.Listener
	if d.smpp != nil {
		listeners = append(listeners, d.smpp)
		s.log.Info("serving SMPP", "listen", d.smpp.Addr().String())
	}
	if d.smpps != nil {
		listeners = append(listeners, tls.NewListener(d.smpps, c.smpp.config()))
		s.log.Info("serving SMPP over TLS", "listen", d.smpps.Addr().String())
	}
	if len(listeners) == 0 {
		return
	}
	if s.config.SMPP.InTheClear() {
		s.log.Warn("SMPP without TLS on an address that others can reach: passwords cross the network in the clear; "+
			"--smpps-listen speaks TLS, allow-lists say who may bind", "listen", s.config.SMPP.Listen)
	}
	l.run("smpp", func(ctx context.Context) error { return s.smpp.Run(ctx, listeners...) })
}
