package sink

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// faults is what is wrong with a carrier.
type faults struct {
	frozen    atomic.Bool
	submits   atomic.Int64 // that came, to know which to throttle
	throttled atomic.Int64

	mu    sync.Mutex
	lines map[*line]struct{} // that are open
}

func (f *faults) opened(l *line) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lines == nil {
		f.lines = map[*line]struct{}{}
	}
	f.lines[l] = struct{}{}
}

func (f *faults) closed(l *line) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.lines, l)
}

func (f *faults) open() (lines []*line) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range f.lines {
		lines = append(lines, l)
	}
	return lines
}

// Reset ends every connection with a TCP reset: what is on the way in either direction is lost.
func (s *Sink) Reset() error {
	var errs []error
	for _, l := range s.faults.open() {
		if tcp, ok := l.conn.(*net.TCPConn); ok {
			errs = append(errs, tcp.SetLinger(0))
		}
		if err := l.conn.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Freeze lets nothing out any more: connections are accepted and what comes is taken, but neither a bind nor a
// submit_sm nor an enquire_link is answered, and no receipt goes out, until Thaw. Then all that waited is written.
func (s *Sink) Freeze() { s.faults.frozen.Store(true) }

// Thaw ends a freeze.
func (s *Sink) Thaw() {
	s.faults.frozen.Store(false)
	for _, l := range s.faults.open() {
		_ = l.flush() // of a connection that is gone; its reader sees that
	}
}

// Throttled is how many submit_sm were answered ESME_RTHROTTLED.
func (s *Sink) Throttled() int64 { return s.faults.throttled.Load() }

// throttles decides about the next submit_sm.
func (s *Sink) throttles() bool {
	if s.options.Throttle == 0 || s.faults.submits.Add(1)%int64(s.options.Throttle) != 0 {
		return false
	}
	s.faults.throttled.Add(1)
	return true
}
