package smpp

import (
	"cmp"
	"errors"
	"io"
	"time"
)

// readLoop cuts PDUs from the connection. It never waits for a consumer.
func (s *Session) readLoop() {
	for {
		h, frame, err := s.frames.read()
		if err != nil {
			s.readFailed(err)
			return
		}
		if s.receive(h, frame[HeaderLen:]); s.isDead() {
			return
		}
	}
}

func (s *Session) isDead() bool {
	select {
	case <-s.dead:
		return true
	default:
		return false
	}
}

// readFailed ends the session. Where the peer speaks SMPP but the frame cannot
// be cut, it is told before.
func (s *Session) readFailed(err error) {
	if e, ok := errors.AsType[*FrameError](err); ok {
		s.log.Warn("smpp: stream cannot be cut into PDUs, session closed", "error", err)
		s.mu.Lock()
		s.stats.Malformed++
		if New(e.Header.ID) != nil && s.state != StateClosed {
			s.retireLocked(err)
			s.lastWordsLocked(appendBare(s.out, CommandGenericNack, ESME_RINVCMDLEN, e.Header.Sequence))
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF // closed without unbind
	}
	s.fail(err)
}

// lastWordsLocked makes out the last octets that leave; the session ends once
// they are written.
func (s *Session) lastWordsLocked(out []byte) {
	s.queued += uint64(len(out) - len(s.out))
	s.out = out
	s.flushOnly = true
	s.signalWriter(0)
}

func (s *Session) receive(h Header, body []byte) {
	switch h.ID {
	case CommandSubmitSMResp, CommandDeliverSMResp, CommandEnquireLinkResp, CommandUnbindResp,
		CommandDataSMResp, CommandSubmitMultiResp, CommandQuerySMResp, CommandCancelSMResp,
		CommandReplaceSMResp, CommandGenericNack:
		s.response(h, body)
	case CommandEnquireLink:
		s.lastActivity.Store(s.lastRead.Load())
		_ = s.reply(h, ESME_ROK, nil) // a session that is over needs no answer
	case CommandUnbind:
		s.peerUnbinds(h)
	case CommandSubmitSM, CommandDeliverSM, CommandDataSM, CommandSubmitMulti, CommandQuerySM,
		CommandCancelSM, CommandReplaceSM, CommandAlertNotification, CommandOutbind:
		s.accept(h, body)
	case CommandBindReceiver, CommandBindTransmitter, CommandBindTransceiver:
		s.count(func(st *Stats) { st.Malformed++ })
		_ = s.reply(h, ESME_RALYBND, nil) // a session that is over needs no answer
	default:
		s.unknownCommand(h)
	}
}

func (s *Session) count(f func(*Stats)) {
	s.mu.Lock()
	f(&s.stats)
	s.mu.Unlock()
}

func (s *Session) unknownCommand(h Header) {
	s.count(func(st *Stats) { st.Malformed++ })
	s.warn(warnCommand, "unknown command_id", h, nil)
	if h.ID.IsResponse() {
		return // never answer an answer
	}
	_ = s.reply(Header{ID: CommandGenericNack, Sequence: h.Sequence}, ESME_RINVCMDID, nil)
}

// malformed answers a request whose body is not one; the frame was whole, so
// the session goes on.
func (s *Session) malformed(h Header, err error) {
	s.count(func(st *Stats) { st.Malformed++ })
	s.warn(warnMalformed, "malformed PDU", h, err)
	status := ESME_RSYSERR
	if e, ok := errors.AsType[*DecodeError](err); ok {
		status = e.Status
	}
	if hasResponse(h.ID) {
		_ = s.reply(h, status, nil) // a session that is over needs no answer
	}
}

// response ends the request that an answer belongs to.
func (s *Session) response(h Header, body []byte) {
	s.mu.Lock()
	taken, m := s.pending.take(h)
	switch m {
	case matched:
		s.stats.Responses++
	case matchLate:
		s.stats.Late++
	case matchTwice:
		s.stats.Duplicate++
	default:
		s.stats.Unknown++
	}
	s.mu.Unlock()
	if m != matched {
		s.unmatched(h, m)
		return
	}
	if taken.cmd != CommandEnquireLink {
		s.lastActivity.Store(s.lastRead.Load())
	}
	s.release(&taken)
	r := s.decodeResponse(h, body)
	r.Took = max(time.Duration(s.lastRead.Load()-taken.deadline)+s.timeout(taken.cmd), 1)
	taken.done(r)
}

func (s *Session) unmatched(h Header, m match) {
	switch m {
	case matchLate:
		s.warn(warnLate, "response after the response timer", h, nil)
	case matchTwice:
		s.warn(warnDuplicate, "second response to one request", h, nil)
	default:
		s.warn(warnUnknown, "response to no request", h, nil)
	}
}

// decodeResponse takes the status of a refusal whatever its body holds: present,
// absent or broken.
func (s *Session) decodeResponse(h Header, body []byte) Response {
	if h.ID == CommandGenericNack { // a refusal also without a reason
		return Response{Status: cmp.Or(h.Status, ESME_RUNKNOWNERR)}
	}
	if h.Status != ESME_ROK {
		return Response{Status: h.Status}
	}
	var p PDU
	if h.ID == CommandSubmitSMResp {
		p = s.responses.next()
	} else {
		p = New(h.ID)
	}
	if err := p.DecodeBody(h, body); err != nil {
		s.count(func(st *Stats) { st.Malformed++ })
		s.warn(warnResponse, "malformed response", h, err)
		return Response{Err: &RequestError{Sent: true, Err: err}}
	}
	return Response{Status: h.Status, PDU: p}
}
