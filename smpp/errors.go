package smpp

import (
	"errors"
	"strconv"
)

// Why a session is over, or why a request was not begun.
var (
	// ErrClosed: this side closed the session, or its context ended.
	ErrClosed = errors.New("smpp: session closed")
	// ErrUnbound: this side unbound.
	ErrUnbound = errors.New("smpp: session unbound")
	// ErrPeerUnbound: the peer unbound.
	ErrPeerUnbound = errors.New("smpp: peer unbound")
	// ErrPeerGone: the peer left an enquire_link without an answer.
	ErrPeerGone = errors.New("smpp: enquire_link not answered")
	// ErrPeerReadsNothing: more answers wait for the peer than are kept.
	ErrPeerReadsNothing = errors.New("smpp: peer sends and does not read")
	// ErrInactive: the inactivity timer ended the session.
	ErrInactive = errors.New("smpp: session inactive")
	// ErrTimeout: no response within the response timer.
	ErrTimeout = errors.New("smpp: no response in time")
	// ErrWindowFull: TryBegin found no place.
	ErrWindowFull = errors.New("smpp: window full")
	// ErrBindState: the PDU is not allowed in the session's state.
	ErrBindState = errors.New("smpp: not allowed in this bind state")
	// ErrNoOutbind: a connection did not begin with outbind.
	ErrNoOutbind = errors.New("smpp: not an outbind")
	// ErrNoResponse: the PDU is not a request that has a response.
	ErrNoResponse = errors.New("smpp: not a request with a response")
	// ErrReplied: the request was replied to before.
	ErrReplied = errors.New("smpp: replied twice")
	// ErrRunTwice: Run may be called once.
	ErrRunTwice = errors.New("smpp: session was run before")
)

// RequestError says that a request has no answer, and whether it may have
// reached the peer. An answer that refuses is no RequestError but a
// CommandStatus.
type RequestError struct {
	// Sent is false when surely not one octet was written; true when the
	// request may have been sent.
	Sent bool
	Err  error
}

func (e *RequestError) Error() string {
	if e.Sent {
		return e.Err.Error() + " (may have been sent)"
	}
	return e.Err.Error() + " (not sent)"
}

// Unwrap returns the cause.
func (e *RequestError) Unwrap() error { return e.Err }

func notSent(err error) error { return &RequestError{Err: err} }

// BindError says that the peer refused a bind.
type BindError struct {
	Type   BindType
	Status CommandStatus
}

func (e *BindError) Error() string {
	return "smpp: bind as " + e.Type.String() + " refused: " + e.Status.String()
}

// Unwrap returns the status.
func (e *BindError) Unwrap() error { return e.Status }

// FrameError says that the octets of the connection cannot be cut into PDUs, so
// that nothing after them can be read.
type FrameError struct {
	// Header is what stands where a header should.
	Header Header
	// Max is the limit in force.
	Max int
}

func (e *FrameError) Error() string {
	n := strconv.FormatUint(uint64(e.Header.Length), 10)
	if e.Header.Length < HeaderLen {
		return "smpp: command_length " + n + " is shorter than a header"
	}
	return "smpp: command_length " + n + " is over the limit of " + strconv.Itoa(e.Max)
}
