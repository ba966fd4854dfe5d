package smpp

import "context"

// Unbind ends the session in order: nothing new begins, the window empties and
// the peer's open requests are replied to, unbind is sent and answered, the
// connection closes. When ctx ends before that, unbind is still sent, without
// waiting for an answer, and the error is that of ctx. Run must be running.
func (s *Session) Unbind(ctx context.Context) error {
	s.mu.Lock()
	first := s.err == nil
	s.retireLocked(ErrUnbound)
	s.mu.Unlock()
	if !first {
		return s.awaitDead(ctx)
	}
	if err := s.drain(ctx); err != nil {
		s.unbindNow()
		return err
	}
	answered := make(chan struct{})
	if s.begin(&Unbind{}, false, func(Response) { close(answered) }) != nil {
		return nil // the connection is lost, which is an end too
	}
	select {
	case <-answered:
		s.fail(ErrUnbound)
		return nil
	case <-s.dead:
		return nil
	case <-ctx.Done():
		s.fail(ErrUnbound)
		return context.Cause(ctx)
	}
}

func (s *Session) awaitDead(ctx context.Context) error {
	select {
	case <-s.dead:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// drain takes every place of the window, so that no request holds one, and
// waits for the replies to the peer's requests.
func (s *Session) drain(ctx context.Context) error {
	for range s.cfg.Window {
		select {
		case s.places <- struct{}{}:
		case <-s.dead:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for s.Stats().InboundOpen > 0 {
		select {
		case <-s.idle:
		case <-s.dead:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// unbindNow lets unbind be the last that leaves.
func (s *Session) unbindNow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != StateClosed && !s.flushOnly {
		s.lastWordsLocked(appendBare(s.out, CommandUnbind, ESME_ROK, s.pending.reserve().seq))
	}
}

// peerUnbinds answers unbind once what came before it is replied to.
func (s *Session) peerUnbinds(h Header) {
	s.mu.Lock()
	own := s.err != nil
	s.retireLocked(ErrPeerUnbound)
	if !own {
		s.unbindSeq = h.Sequence
		s.unbindBy = s.now() + int64(peerUnbindGrace)
	}
	s.mu.Unlock()
	if own { // both sides at once
		_ = s.reply(h, ESME_ROK, nil) // a session that is over needs no answer
		return
	}
	s.kickControl()
}

// answerUnbind ends the session after the peer's unbind.
func (s *Session) answerUnbind(now, next int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.unbindBy == 0 || s.state == StateClosed || s.flushOnly:
		return next
	case s.open > 0 && now < s.unbindBy:
		return min(next, s.unbindBy)
	}
	s.lastWordsLocked(appendBare(s.out, CommandUnbindResp, ESME_ROK, s.unbindSeq))
	return next
}
