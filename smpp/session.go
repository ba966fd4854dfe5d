package smpp

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// maxReplies is how many octets of answers wait for a peer that does not read.
const maxReplies = 1 << 20

// Session is one bound connection, of either side. It is usable from the bind
// until Done is closed, and never again after that. All methods may be called
// from any goroutine. Requests may begin before Run; they leave once it runs.
type Session struct {
	conn    net.Conn
	cfg     Config
	log     *slog.Logger
	server  bool
	info    BindInfo
	handler Handler
	frames  *frameReader
	epoch   time.Time

	places  chan struct{} // one element for each request in the window
	inbound chan *Request
	wake    chan struct{} // there is something to write
	kick    chan struct{} // the control loop should look again
	idle    chan struct{} // no request of the peer is open, while unbinding
	done    chan struct{} // not usable any more
	dead    chan struct{} // the connection is to be closed

	lastRead     atomic.Int64 // nanoseconds after epoch
	lastActivity atomic.Int64
	bytesRead    atomic.Uint64

	mu         sync.Mutex
	state      State
	running    bool
	err        error // why done is closed
	pending    pendingRing
	out        []byte
	queued     uint64 // stream position behind out
	handedOver uint64 // stream position up to which octets may have left
	replies    int    // octets of answers in out
	flushOnly  bool   // close once out is written
	open       int    // requests of the peer without a reply
	unbindSeq  uint32 // the peer's unbind waits for open requests
	unbindBy   int64  // until then, nanoseconds after epoch; 0: none waits
	enquiring  bool
	warned     uint32
	stats      Stats
	expired    []slot

	waiters   sync.Pool          // of *waiter
	responses slab[SubmitSMResp] // the reader's own
	requests  slab[inboundMessage]
}

// BindInfo says who is bound, and how.
type BindInfo struct {
	Type BindType
	// SystemID is the ESME's.
	SystemID string
	// PeerSystemID is what the SMSC called itself in its answer.
	PeerSystemID string
	// InterfaceVersion is what the peer speaks; 0 if it did not say.
	InterfaceVersion uint8
	RemoteAddr       net.Addr
}

func newSession(conn net.Conn, frames *frameReader, cfg Config, info BindInfo, server bool, h Handler) *Session {
	s := &Session{
		conn: conn, cfg: cfg, server: server, info: info, handler: h, frames: frames,
		epoch:   time.Now(),
		places:  make(chan struct{}, cfg.Window),
		inbound: make(chan *Request, cfg.InboundLimit),
		wake:    make(chan struct{}, 1),
		kick:    make(chan struct{}, 1),
		idle:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		dead:    make(chan struct{}),
		state:   boundState(info.Type),
		pending: newPendingRing(cfg.Window),
		waiters: sync.Pool{New: newWaiter},
	}
	s.log = cfg.Logger.With("system_id", info.SystemID, "bind", info.Type.String(), "remote", addrString(info.RemoteAddr))
	if !server {
		s.pending.last = 1 // the bind
	}
	frames.onRead = func(n int) {
		s.lastRead.Store(s.now())
		s.bytesRead.Add(uint64(n))
	}
	return s
}

func addrString(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

func (s *Session) now() int64 { return int64(time.Since(s.epoch)) }

// Info says who is bound, and how.
func (s *Session) Info() BindInfo { return s.info }

// Done is closed as soon as no request can begin any more: unbind has begun on
// either side, or the connection is lost.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err returns nil while the session is usable, and then why it is not.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// State returns the present state.
func (s *Session) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Run serves the session and blocks until it is over and every goroutine of it
// has ended. It must be called exactly once, or Close instead. When ctx ends the
// connection is closed at once; for an orderly end call Unbind first. When Run
// returns, done has been called for every request. The error is nil when this
// side ended the session, and otherwise says why it ended.
func (s *Session) Run(ctx context.Context) error {
	s.mu.Lock()
	if s.running {
		s.mu.Unlock()
		return ErrRunTwice
	}
	s.running = true
	s.mu.Unlock()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	now := s.now()
	s.lastRead.Store(now)
	s.lastActivity.Store(now)
	var wg sync.WaitGroup
	wg.Go(s.readLoop)
	wg.Go(s.writeLoop)
	wg.Go(func() { s.handleLoop(ctx) })
	s.controlLoop(ctx)
	cancel()
	_ = s.conn.Close() // the session is over; nothing is left that this could lose
	wg.Wait()
	return s.finish()
}

// finish tells every request that is left, and says how the session ended.
func (s *Session) finish() error {
	s.mu.Lock()
	left, sent, cause := s.pending.drain(), s.handedOver, s.err
	s.stats.Lost += uint64(len(left))
	s.mu.Unlock()
	for i := range left {
		s.release(&left[i])
		left[i].done(Response{Err: &RequestError{Sent: left[i].start < sent, Err: cause}})
	}
	if cause == ErrClosed || cause == ErrUnbound {
		return nil
	}
	return cause
}

// Close ends the session without unbind. Requests without an answer end with an
// error, from Run if it is running.
func (s *Session) Close() error {
	s.fail(ErrClosed)
	err := s.conn.Close()
	s.mu.Lock()
	own := !s.running
	s.running = true
	s.mu.Unlock()
	if own {
		_ = s.finish() // nil: this side ended it
	}
	return err
}

// fail ends the session; the first cause counts.
func (s *Session) fail(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failLocked(cause)
}

func (s *Session) failLocked(cause error) {
	s.retireLocked(cause)
	if s.state != StateClosed {
		s.state = StateClosed
		close(s.dead)
	}
}

// retireLocked makes the session unusable for new requests.
func (s *Session) retireLocked(cause error) {
	if s.err == nil {
		s.err = cause
		s.state = StateUnbinding
		close(s.done)
	}
}
