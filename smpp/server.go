package smpp

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"
)

// BindRequest is what a client binds with.
type BindRequest struct {
	Type             BindType
	SystemID         string
	Password         string
	SystemType       string
	InterfaceVersion uint8
	AddrTON          uint8
	AddrNPI          uint8
	AddressRange     string
	RemoteAddr       net.Addr
}

// LogValue leaves the password out.
func (b BindRequest) LogValue() slog.Value {
	return slog.GroupValue(slog.String("system_id", b.SystemID), slog.String("bind", b.Type.String()),
		slog.String("remote", addrString(b.RemoteAddr)))
}

// String leaves the password out.
func (b BindRequest) String() string {
	return "bind_" + b.Type.String() + " of " + strconv.Quote(b.SystemID) + " from " + addrString(b.RemoteAddr)
}

// Server is the SMSC side: it accepts connections, authenticates binds and runs
// the sessions. Its fields must not change once Serve was called.
type Server struct {
	Config
	// SystemID stands in the answer to a bind.
	SystemID string
	// Authenticate decides about a bind. With ESME_ROK the Handler serves the
	// session; with any other status the bind is refused with it and the
	// connection closed. It is called on the connection's own goroutine and may
	// take its time up to BindTimeout, at which ctx ends.
	Authenticate func(ctx context.Context, b BindRequest) (Handler, CommandStatus)
	// Bound, if set, is told of every session before its first request, with
	// the Handler that Authenticate returned. It must not block. When the
	// session is over its Done is closed.
	Bound func(s *Session, h Handler)
	// Ended, if set, is told once of every Handler that Authenticate returned
	// with ESME_ROK, when its session is over or could not begin.
	Ended func(h Handler)
	// BindTimeout is how long a connection may stay without a bind, TLS
	// handshake included; default 10 s.
	BindTimeout time.Duration
	// UnbindTimeout is how long the sessions may take to unbind when Serve's
	// ctx ends; default 5 s.
	UnbindTimeout time.Duration
	// MaxConns is how many connections are served at a time; further ones are
	// closed at once. Default 10,000.
	MaxConns int
}

// Serve accepts connections until ctx ends; then it closes ln, unbinds all
// sessions and returns nil when the last has ended. It returns the error of ln
// when that fails, after ending the sessions in the same way. For TLS pass a
// tls listener.
func (v *Server) Serve(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() }) // unblocks Accept
	defer stop()
	var conns sync.WaitGroup
	places := make(chan struct{}, positive(v.MaxConns, 10_000))
	err := v.acceptLoop(ctx, ln, places, &conns)
	_ = ln.Close() // a second time after ctx has ended
	cancel()
	conns.Wait()
	return err
}

func (v *Server) acceptLoop(ctx context.Context, ln net.Listener, places chan struct{}, conns *sync.WaitGroup) error {
	for wait := time.Duration(0); ; {
		conn, err := ln.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = conn.Close() // accepted too late
			}
			return nil
		case err != nil && temporary(err):
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			v.logger().Warn("smpp: accept failed, trying again", "error", err, "in", wait)
			pause(ctx, wait)
			continue
		case err != nil:
			return err
		}
		wait = 0
		select {
		case places <- struct{}{}:
		default:
			v.logger().Warn("smpp: too many connections", "remote", addrString(conn.RemoteAddr()))
			_ = conn.Close() // refused
			continue
		}
		conns.Go(func() {
			defer func() { <-places }()
			v.ServeConn(ctx, conn)
		})
	}
}

// temporary reports whether Accept failed for want of something that comes back,
// such as file descriptors.
func temporary(err error) bool {
	t, ok := err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// ServeConn serves one connection, which it owns, and returns when that is
// closed. When ctx ends the session is unbound.
func (v *Server) ServeConn(ctx context.Context, conn net.Conn) {
	s, h := v.acceptBind(ctx, conn)
	if h != nil && v.Ended != nil {
		defer v.Ended(h)
	}
	if s == nil {
		_ = conn.Close() // refused or never bound
		return
	}
	if v.Bound != nil {
		v.Bound(s, h)
	}
	ended := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-ended:
		case <-ctx.Done():
			v.unbind(ctx, s)
		}
	})
	err := s.Run(context.WithoutCancel(ctx))
	close(ended)
	wg.Wait()
	if err != nil && err != ErrPeerUnbound {
		s.log.Info("smpp: session ended", "error", err)
	}
}

func (v *Server) unbind(ctx context.Context, s *Session) {
	ctx = context.WithoutCancel(ctx)
	limited, cancel := context.WithTimeout(ctx, positive(v.UnbindTimeout, 5*time.Second))
	defer cancel()
	if err := s.Unbind(limited); err != nil {
		s.log.Info("smpp: session did not unbind in order", "error", err)
	}
	last := time.NewTimer(time.Second) // for octets that are still on their way
	defer last.Stop()
	select {
	case <-s.dead:
	case <-last.C:
		_ = s.Close() // over in any case
	}
}
