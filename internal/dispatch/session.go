package dispatch

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Session is one bound session to a carrier, ready to take messages.
type Session interface {
	// Window is how many parts may be unanswered at once; at least 1.
	Window() int
	// Done is closed when the session can take nothing more.
	Done() <-chan struct{}
	// Submit writes, in order, the parts of m that have no answer yet (all when m.Progress is nil, else those in
	// state Queued), blocking while the window is full. done is called exactly once for each of these parts,
	// whatever happens, from any goroutine, and does not block. m must not be changed.
	Submit(ctx context.Context, m *sms.Message, done func(part int, a Answer))
}

// Answer is what became of one attempt to hand one part to a carrier.
type Answer struct {
	Verdict Verdict
	Ref     string        // Accepted: the carrier's message id
	Whole   bool          // Accepted: a receipt for this id speaks for all parts of the message that have this set
	Code    string        // the carrier's code as it was sent, such as "0x00000058"; empty: none
	Reason  string        // in words, for people
	Took    time.Duration // from the request to its answer; 0: there was none, or nobody measured
}

// Verdict is the class of an answer.
type Verdict uint8

// The classes.
const (
	Accepted    Verdict = iota + 1
	Temporary           // this part not now; later perhaps
	Throttled           // too much at once: this carrier wants it slower
	Permanent           // never
	CarrierWide         // not through this carrier; another might
	NotSent             // surely not a byte has left
	Uncertain           // bytes may have left, and no answer came
)
