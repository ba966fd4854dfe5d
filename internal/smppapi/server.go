package smppapi

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// door is the name of this door in what is kept of a message.
const door = "smpp"

const (
	systemID        = "Staffetta" // what the server calls itself in bind_resp
	idleLimit       = 5 * time.Minute
	enquireInterval = 30 * time.Second
	unbindTimeout   = 1500 * time.Millisecond // less than a door may take to stop
	endTimeout      = 500 * time.Millisecond  // of a session that may no longer be
)

// Authenticator says who binds, and whether he still may.
type Authenticator interface {
	AuthenticateSMPP(ctx context.Context, systemID, password string, addr netip.Addr) (auth.Caller, error)
	Still(c auth.Caller) (auth.Caller, error)
}

// Intake accepts messages; done is called once and must not block.
type Intake interface {
	Begin(caller auth.Caller, door string, r *intake.Request, done func(intake.Answer, error))
}

// Messages finds an account's message by its id; nil when there is none.
type Messages interface {
	Of(ctx context.Context, account sms.AccountID, id string) (*sms.Record, error)
}

// Accounts says when accounts, users or lists have changed: the channel is closed at the next change.
type Accounts interface {
	Changed() <-chan struct{}
}

// Parts is what the door needs.
type Parts struct {
	Authenticator Authenticator
	Intake        Intake
	Messages      Messages
	Accounts      Accounts
	Changer       Changer
	Log           *slog.Logger
}

// Server is the door. Run serves it.
type Server struct {
	parts    Parts
	wire     smpp.Server
	sessions sessions
	work     sync.WaitGroup // what sessions have started and Run waits for
	Counters Counters
}

// New makes the door.
func New(parts Parts) *Server {
	s := &Server{parts: parts, sessions: newSessions()}
	s.wire = smpp.Server{
		Config: smpp.Config{
			Window:            sms.MaxWindow, // Session.Deliver keeps to the account's own
			EnquireInterval:   enquireInterval,
			InactivityTimeout: idleLimit,
			InboundLimit:      sms.MaxWindow + 64, // the account's own limit answers first
			Logger:            parts.Log,
		},
		SystemID:      systemID,
		Authenticate:  s.authenticate,
		Bound:         s.bound,
		Ended:         s.ended,
		UnbindTimeout: unbindTimeout,
	}
	return s
}

// Run serves the listeners until ctx ends: then it takes no more connections, answers what was begun, unbinds the
// sessions and returns nil. It returns the error of a listener that fails, after ending everything in the same way. For
// TLS pass a tls listener.
func (s *Server) Run(ctx context.Context, listeners ...net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(listeners))
	for _, ln := range listeners {
		go func() { results <- s.wire.Serve(ctx, ln) }()
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.watch(ctx)
	}()
	var first error
	for range listeners {
		if err := <-results; err != nil && first == nil {
			first = err
		}
		cancel()
	}
	<-watched
	s.work.Wait()
	return first
}

// authenticate decides about a bind.
func (s *Server) authenticate(ctx context.Context, b smpp.BindRequest) (smpp.Handler, smpp.CommandStatus) {
	caller, err := s.parts.Authenticator.AuthenticateSMPP(ctx, b.SystemID, b.Password, address(b.RemoteAddr))
	if err != nil {
		status := bindStatus(err)
		s.Counters.bind(status)
		if status == smpp.ESME_RSYSERR {
			s.parts.Log.Error("smpp: a bind could not be checked", "bind", b, "error", err)
		}
		return nil, status
	}
	h := &Session{server: s, kind: b.Type, address: caller.Address, since: time.Now()}
	h.caller.Store(&caller)
	if !s.sessions.join(h) {
		s.Counters.bind(smpp.ESME_RALYBND)
		return nil, smpp.ESME_RALYBND
	}
	s.Counters.bind(smpp.ESME_ROK)
	return h, smpp.ESME_ROK
}

func address(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{} // not on an allow-list
}

// bound gives a session its wire. What changed while it bound counts too.
func (s *Server) bound(wire *smpp.Session, handler smpp.Handler) {
	h := handler.(*Session)
	h.wire.Store(wire)
	s.recheck(h)
	s.sessions.announce(h)
	s.parts.Log.Info("smpp: bound", "session", h)
}

func (s *Server) ended(handler smpp.Handler) {
	h := handler.(*Session)
	s.sessions.leave(h)
	if h.wire.Load() != nil {
		s.parts.Log.Info("smpp: session over", "session", h, "submitted", h.accepted.Load())
	}
}

// watch ends sessions that would not be let in any more. The directory says within a second what changed.
func (s *Server) watch(ctx context.Context) {
	for {
		changed := s.parts.Accounts.Changed()
		for _, h := range s.sessions.all() {
			s.recheck(h)
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// recheck renews what a session knows of its account, or ends it.
func (s *Server) recheck(h *Session) {
	caller, err := s.parts.Authenticator.Still(*h.caller.Load())
	if err == nil {
		h.caller.Store(&caller)
		return
	}
	wire := h.wire.Load()
	if wire == nil || !h.ending.CompareAndSwap(false, true) { // bound looks again
		return
	}
	s.parts.Log.Warn("smpp: session ended: it would not be let in any more", "session", h, "reason", err)
	s.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
		defer cancel()
		_ = wire.Unbind(ctx) // over in any case
		_ = wire.Close()
	})
}
