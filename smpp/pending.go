package smpp

import "time"

const maxSequence = 0x7FFFFFFF

// Response is the outcome of a request. Err is nil when the peer answered:
// Status is then its command_status, and PDU the body, nil if Status is not
// ESME_ROK or the answer was generic_nack. Otherwise Err is a *RequestError.
type Response struct {
	Status CommandStatus
	PDU    PDU
	Err    error
	// Took is the time from Begin, once the request stood in the window, to the
	// read that brought the answer; 0 without an answer.
	Took time.Duration
}

type slotState uint8

const (
	slotFree slotState = iota
	slotWaiting
	slotAnswered
	slotExpired
)

// slot is the place of one request under its sequence number. After its end it
// still tells a late or second answer from an unknown one.
type slot struct {
	seq      uint32
	cmd      CommandID
	state    slotState
	place    bool   // holds a place of the window
	start    uint64 // position of its first octet in the stream
	deadline int64
	done     func(Response)
}

// pendingRing holds the requests that wait for an answer, by sequence number.
// Sequence numbers whose slot is still taken are passed over; the ring is at
// least twice the window, so one is always free.
type pendingRing struct {
	slots []slot
	mask  uint32
	last  uint32
	count int // waiting
	held  int // of these, with a place of the window
}

func newPendingRing(window int) pendingRing {
	n := 16
	for n < 2*window+8 {
		n *= 2
	}
	return pendingRing{slots: make([]slot, n), mask: uint32(n - 1)}
}

// reserve returns the next free slot with its sequence number set; the caller
// puts it, or leaves it and nothing is taken.
func (r *pendingRing) reserve() *slot {
	for {
		r.last = r.last%maxSequence + 1
		s := &r.slots[r.last&r.mask]
		if s.state != slotWaiting {
			s.seq = r.last
			s.state = slotFree
			return s
		}
	}
}

type match uint8

const (
	matched match = iota
	matchUnknown
	matchLate
	matchTwice
	matchOther // the right number on the wrong response
)

// put makes a reserved slot wait for its answer.
func (r *pendingRing) put(s *slot) {
	s.state = slotWaiting
	r.count++
	if s.place {
		r.held++
	}
}

// end closes a waiting slot.
func (r *pendingRing) end(s *slot, how slotState) {
	s.state, s.done = how, nil
	r.count--
	if s.place {
		r.held--
	}
}

// take ends the request that a response belongs to and returns a copy of its
// slot. generic_nack belongs to any request.
func (r *pendingRing) take(h Header) (slot, match) {
	s := &r.slots[h.Sequence&r.mask]
	switch {
	case s.seq != h.Sequence || s.state == slotFree:
		return slot{}, matchUnknown
	case s.state == slotExpired:
		return slot{}, matchLate
	case s.state == slotAnswered:
		return slot{}, matchTwice
	case h.ID != s.cmd.Response() && h.ID != CommandGenericNack:
		return slot{}, matchOther
	}
	taken := *s
	r.end(s, slotAnswered)
	return taken, matched
}

// expire ends the requests whose deadline is not after now, appends them to dst
// and returns the earliest deadline that is left, or otherwise.
func (r *pendingRing) expire(dst []slot, now, otherwise int64) ([]slot, int64) {
	if r.count == 0 {
		return dst, otherwise
	}
	for i := range r.slots {
		s := &r.slots[i]
		switch {
		case s.state != slotWaiting:
		case s.deadline <= now:
			dst = append(dst, *s)
			r.end(s, slotExpired)
		case s.deadline < otherwise:
			otherwise = s.deadline
		}
	}
	return dst, otherwise
}

// drain ends all requests and returns them.
func (r *pendingRing) drain() []slot {
	left, _ := r.expire(nil, 1<<63-1, 0)
	return left
}
