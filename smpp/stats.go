package smpp

// Stats are counters of a session since its bind, and its present load.
type Stats struct {
	// Window is the size of the window, InFlight how many requests
	// in it wait for an answer.
	Window, InFlight int
	// InboundOpen is how many requests of the peer wait for Reply.
	InboundOpen int

	Requests  uint64 // begun by this side, enquire_link included
	Responses uint64 // that ended a request
	Timeouts  uint64 // requests without a response in time
	Lost      uint64 // requests that the end of the session left without one
	Late      uint64 // responses after the timeout
	Duplicate uint64 // second responses to one request
	Unknown   uint64 // responses that belong to no request
	Inbound   uint64 // requests of the peer given to the handler
	Throttled uint64 // requests of the peer refused because too many are open
	Malformed uint64 // PDUs of the peer that are not understood or not allowed

	BytesRead    uint64
	BytesWritten uint64 // given to the connection
	Writes       uint64 // calls of Write; one carries many PDUs under load
}

// Stats returns the counters.
func (s *Session) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Window = s.cfg.Window
	st.InFlight = s.pending.held
	st.InboundOpen = s.open
	st.BytesRead = s.bytesRead.Load()
	st.BytesWritten = s.handedOver
	return st
}

// warning is a kind of trouble, logged once per session.
type warning uint8

const (
	warnMalformed warning = iota
	warnCommand
	warnState
	warnLate
	warnDuplicate
	warnUnknown
	warnResponse
	warnThrottled
	warnNoHandler
)

// warn logs the first trouble of each kind; what follows is only counted.
func (s *Session) warn(kind warning, message string, h Header, err error) {
	s.mu.Lock()
	first := s.warned&(1<<kind) == 0
	s.warned |= 1 << kind
	s.mu.Unlock()
	if !first {
		return
	}
	args := []any{"command_id", h.ID.String(), "command_status", h.Status.String(), "sequence_number", h.Sequence}
	if err != nil {
		args = append(args, "error", err)
	}
	s.log.Warn("smpp: "+message+"; further ones are only counted", args...)
}
