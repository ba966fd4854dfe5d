package smpptest

import (
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

// SMSC is an SMSC that follows a script. Without one it admits every bind,
// accepts every submit_sm under the ids "1", "2", …, and answers enquire_link and
// unbind.
type SMSC struct {
	t    testing.TB
	ln   net.Listener
	wg   sync.WaitGroup
	stop chan struct{}

	mu      sync.Mutex
	ended   bool
	conns   []*Conn
	scripts map[smpp.CommandID][]Behaviour
	frames  []Frame
	nextID  int
	changed chan struct{} // closed and renewed with every frame and connection
}

// NewSMSC starts an SMSC on a loopback port. It ends, and is waited for, with the
// test.
func NewSMSC(t testing.TB) *SMSC {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("smpptest: %v", err)
	}
	s := NewSMSCWithoutListener(t)
	s.ln = ln
	s.wg.Go(s.accept)
	return s
}

// NewSMSCWithoutListener makes an SMSC that serves only what is given to
// ServeConn, such as one end of a net.Pipe. In a synctest bubble call Close
// before the bubble ends.
func NewSMSCWithoutListener(t testing.TB) *SMSC {
	s := &SMSC{t: t, stop: make(chan struct{}), changed: make(chan struct{}), scripts: map[smpp.CommandID][]Behaviour{}}
	t.Cleanup(s.Close)
	return s
}

// Addr is host:port.
func (s *SMSC) Addr() string { return s.ln.Addr().String() }

// On scripts the requests of one command: the first is treated with the first
// behaviour, and so on; the last one stays. It replaces an earlier script.
func (s *SMSC) On(id smpp.CommandID, script ...Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts[id] = script
}

// Close ends all connections and waits for everything that the SMSC started.
func (s *SMSC) Close() {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		s.wg.Wait()
		return
	}
	s.ended = true
	close(s.stop)
	conns := slices.Clone(s.conns)
	s.mu.Unlock()
	if s.ln != nil {
		_ = s.ln.Close() // nothing is left to accept
	}
	for _, c := range conns {
		_ = c.Close() // perhaps closed before
	}
	s.wg.Wait()
}

func (s *SMSC) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.ServeConn(c)
	}
}

// ServeConn serves a connection in the background and owns it.
func (s *SMSC) ServeConn(nc net.Conn) *Conn {
	c := &Conn{Conn: nc}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		_ = nc.Close() // too late
		return c
	}
	s.conns = append(s.conns, c)
	s.notify()
	s.wg.Go(func() { s.serve(c) })
	return c
}

// notify tells the waiting; s.mu is held.
func (s *SMSC) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *SMSC) serve(c *Conn) {
	defer func() { _ = c.Close() }()
	for {
		f, err := c.ReadFrame()
		if err != nil {
			return
		}
		b := s.record(f)
		if b == nil {
			continue
		}
		b(s, c, f)
	}
}

// record keeps the frame and returns what to do with it.
func (s *SMSC) record(f Frame) Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames = append(s.frames, f)
	s.notify()
	if script := s.scripts[f.ID]; len(script) > 0 {
		if len(script) > 1 {
			s.scripts[f.ID] = script[1:]
		}
		return script[0]
	}
	if f.ID.IsResponse() {
		return nil
	}
	return Accept()
}

func (s *SMSC) messageID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	return itoa(s.nextID)
}

// later runs f after a time, unless the SMSC ends before.
func (s *SMSC) later(d time.Duration, f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.wg.Go(func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-s.stop:
		case <-t.C:
			f()
		}
	})
}
