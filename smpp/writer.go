package smpp

import (
	"runtime"
	"time"
)

// A buffer that one burst made larger than this is not kept.
const maxKept = 256 << 10

// writeLoop hands everything that is queued to the connection with one Write.
func (s *Session) writeLoop() {
	var spare []byte
	for {
		select {
		case <-s.wake:
		case <-s.dead:
			return
		}
		// Others that are about to queue get the chance to share the Write.
		runtime.Gosched()
		var ok bool
		if spare, ok = s.flush(spare); !ok {
			return
		}
	}
}

// flush writes until nothing is queued and returns the buffer to use next.
func (s *Session) flush(spare []byte) ([]byte, bool) {
	for {
		s.mu.Lock()
		if s.state == StateClosed {
			s.mu.Unlock()
			return nil, false
		}
		buf, base := s.out, s.handedOver
		if len(buf) == 0 {
			if s.flushOnly {
				s.failLocked(s.err)
			}
			s.mu.Unlock()
			return spare, true
		}
		s.out, s.replies = spare[:0], 0
		s.handedOver = s.queued
		s.stats.Writes++
		s.mu.Unlock()
		if !s.write(buf, base) {
			return nil, false
		}
		if spare = buf; cap(buf) > maxKept {
			spare = nil
		}
	}
}

func (s *Session) write(buf []byte, base uint64) bool {
	err := s.conn.SetWriteDeadline(time.Now().Add(s.cfg.WriteTimeout))
	n := 0
	if err == nil {
		n, err = s.conn.Write(buf)
	}
	if err == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// What the connection did not take surely did not leave.
	s.handedOver = base + uint64(n)
	s.failLocked(err)
	return false
}

// reply queues a response. A peer that sends and does not read is cut off.
func (s *Session) reply(h Header, status CommandStatus, body PDU) error {
	s.mu.Lock()
	before := len(s.out)
	err := s.replyLocked(h, status, body)
	s.mu.Unlock()
	s.signalWriter(before)
	return err
}

func (s *Session) replyLocked(h Header, status CommandStatus, body PDU) error {
	if s.state == StateClosed || s.flushOnly {
		return s.err
	}
	before := len(s.out)
	if body != nil {
		out, err := AppendPDU(s.out, status, h.Sequence, body)
		if err != nil {
			return err
		}
		s.out = out
	} else {
		s.out = appendEmptyReply(s.out, h, status)
	}
	n := len(s.out) - before
	s.queued += uint64(n)
	if s.replies += n; s.replies > maxReplies {
		s.failLocked(ErrPeerReadsNothing)
	}
	return nil
}

// appendEmptyReply appends the response to h without content. SMPP 3.4 §4.4.2:
// with an error, submit_sm_resp has no body; elsewhere an empty message_id
// stands for "none".
func appendEmptyReply(dst []byte, h Header, status CommandStatus) []byte {
	id := h.ID.Response()
	switch {
	case id == CommandDeliverSMResp, id == CommandDataSMResp,
		id == CommandSubmitSMResp && status == ESME_ROK:
		start := len(dst)
		dst = append(appendBare(dst, id, status, h.Sequence), 0)
		dst[start+3]++
		return dst
	}
	return appendBare(dst, id, status, h.Sequence)
}
