package auth

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// maxWaiting is how many may wait for their turn to hash.
const maxWaiting = 32

// hasher lets one hash run at a time, and 32 wait in the order in which they came.
type hasher struct {
	turn    chan struct{} // holds one token
	waiting atomic.Int32
}

func newHasher() *hasher { return &hasher{turn: make(chan struct{}, 1)} }

// enter waits for the turn; leave must follow when it returns nil. The error is Unavailable: too many wait, or the
// caller has gone.
func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.turn <- struct{}{}:
		return nil
	default:
	}
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > maxWaiting {
		return &sms.Error{Code: sms.Unavailable, Message: "too many passwords to check, try again", RetryAfter: time.Second}
	}
	select {
	case h.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &sms.Error{Code: sms.Unavailable, Message: "the request was given up", RetryAfter: time.Second, Cause: ctx.Err()}
	}
}

func (h *hasher) leave() { <-h.turn }

// verdict is what a hash came to.
type verdict uint8

const (
	unsettled verdict = iota // nothing was hashed
	right
	wrong
)

// flights joins those who ask about the same password at the same time: one of them hashes, for all. A client that
// opens fifty connections at once would otherwise be told that too many wait.
type flights struct {
	mu  sync.Mutex
	now map[proof]*flight
}

type flight struct {
	landed  chan struct{}
	verdict verdict // may be read once landed is closed
}

func newFlights() *flights { return &flights{now: make(map[proof]*flight)} }

// join answers the flight for that proof, and whether the caller has to lead it: hash, and call land.
func (f *flights) join(p proof) (_ *flight, lead bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if current := f.now[p]; current != nil {
		return current, false
	}
	current := &flight{landed: make(chan struct{})}
	f.now[p] = current
	return current, true
}

func (f *flights) land(p proof, current *flight) {
	f.mu.Lock()
	delete(f.now, p)
	f.mu.Unlock()
	close(current.landed)
}
