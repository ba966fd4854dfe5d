package smpp

import (
	"context"
	"sync/atomic"
)

// Handler takes the requests of the peer: a client's handler deliver_sm, data_sm
// and alert_notification, a server's submit_sm, submit_multi, data_sm, query_sm,
// cancel_sm and replace_sm.
type Handler interface {
	// Handle is called for one request after the other, in order of arrival.
	// It should return soon, as the next request waits; it need not have
	// replied by then. ctx ends with the session.
	Handle(ctx context.Context, r *Request)
}

// HandlerFunc is a function as a Handler.
type HandlerFunc func(ctx context.Context, r *Request)

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, r *Request) { f(ctx, r) }

// Request is a request of the peer. Reply must be called exactly once for each,
// at any time, from any goroutine: until then it counts against
// Config.InboundLimit. An alert_notification needs no reply.
type Request struct {
	Header  Header
	PDU     PDU
	session *Session
	replied atomic.Bool
}

// inboundMessage is a Request together with its body, in one piece of memory.
type inboundMessage struct {
	Request
	message message
}

// Session returns the session that the request came by.
func (r *Request) Session() *Session { return r.session }

// Reply answers the request. A nil body stands for one without content;
// otherwise it is the response that belongs to the request, such as
// *SubmitSMResp, and may be used again after the call. The error is ErrReplied,
// an *EncodeError, ErrNoResponse for a body of another kind, or why the session
// is over: the answer then is not sent and the peer will repeat its request.
// After an *EncodeError or ErrNoResponse the request still waits for its reply.
func (r *Request) Reply(status CommandStatus, body PDU) error {
	if body != nil && body.CommandID() != r.Header.ID.Response() {
		return ErrNoResponse
	}
	if !r.replied.CompareAndSwap(false, true) {
		return ErrReplied
	}
	s := r.session
	s.mu.Lock()
	before := len(s.out)
	var err error
	if hasResponse(r.Header.ID) {
		err = s.replyLocked(r.Header, status, body)
	}
	if _, bad := err.(*EncodeError); bad {
		r.replied.Store(false)
	} else {
		s.open--
	}
	if s.open == 0 && s.state == StateUnbinding {
		s.kickControl()
		signal(s.idle)
	}
	s.mu.Unlock()
	s.signalWriter(before)
	return err
}

func (s *Session) kickControl() { signal(s.kick) }

// signal leaves one signal in a channel that holds one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// accept decodes a request for the handler, or answers why it does not.
func (s *Session) accept(h Header, body []byte) {
	s.lastActivity.Store(s.lastRead.Load())
	if status, ok := s.admit(h); !ok {
		s.refuse(h, status)
		return
	}
	r, err := s.decodeRequest(h, body)
	if err != nil {
		s.closeOpen()
		s.malformed(h, err)
		return
	}
	s.inbound <- r // never blocks: admit counts what is in it
}

// admit takes a place among the open requests.
func (s *Session) admit(h Header) (CommandStatus, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	busy := ESME_RX_T_APPN
	if s.server {
		busy = ESME_RMSGQFUL
	}
	switch {
	case s.err != nil:
		return busy, false
	case !s.state.permits(h.ID, s.server):
		s.stats.Malformed++
		return ESME_RINVBNDSTS, false
	case s.handler == nil, s.open >= s.cfg.InboundLimit:
		s.stats.Throttled++
		return busy, false
	}
	s.open++
	s.stats.Inbound++
	return 0, true
}

// closeOpen gives back a place that admit took.
func (s *Session) closeOpen() {
	s.mu.Lock()
	s.open--
	s.stats.Inbound--
	if s.open == 0 && s.state == StateUnbinding {
		s.kickControl()
		signal(s.idle)
	}
	s.mu.Unlock()
}

func (s *Session) refuse(h Header, status CommandStatus) {
	switch {
	case status == ESME_RINVBNDSTS:
		s.warn(warnState, "peer sent a request that its bind does not allow", h, nil)
	case s.handler == nil:
		s.warn(warnNoHandler, "no handler for the peer's requests", h, nil)
	default:
		s.warn(warnThrottled, "too many of the peer's requests are open", h, nil)
	}
	if hasResponse(h.ID) {
		_ = s.reply(h, status, nil) // a session that is over needs no answer
	}
}

func (s *Session) decodeRequest(h Header, body []byte) (*Request, error) {
	switch h.ID {
	case CommandSubmitSM, CommandDeliverSM:
		m := s.requests.next()
		m.Header, m.session = h, s
		if m.PDU = (*SubmitSM)(&m.message); h.ID == CommandDeliverSM {
			m.PDU = (*DeliverSM)(&m.message)
		}
		return &m.Request, m.PDU.DecodeBody(h, body)
	}
	r := &Request{Header: h, PDU: New(h.ID), session: s}
	return r, r.PDU.DecodeBody(h, body)
}

func (s *Session) handleLoop(ctx context.Context) {
	for {
		select {
		case <-s.dead:
			return
		case r := <-s.inbound:
			s.handler.Handle(ctx, r)
			if !hasResponse(r.Header.ID) {
				_ = r.Reply(ESME_ROK, nil) // only gives the place back
			}
		}
	}
}
