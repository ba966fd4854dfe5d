package smpp

import (
	"context"
	"time"
)

// peerUnbindGrace is how long requests that came before the peer's unbind may
// still be replied to.
const peerUnbindGrace = 5 * time.Second

// controlLoop keeps the timers of the session until it is over.
func (s *Session) controlLoop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			s.fail(ErrClosed)
			return
		case <-s.dead:
			return
		case <-timer.C:
		case <-s.kick:
		}
		timer.Reset(s.tick())
	}
}

func (s *Session) timeout(id CommandID) time.Duration {
	if id == CommandEnquireLink {
		return s.cfg.EnquireTimeout
	}
	return s.cfg.ResponseTimeout
}

// tick does what is due and returns how long nothing else will be. A request
// that begins later cannot be due before the shortest timeout has passed, so
// Begin need not wake the loop.
func (s *Session) tick() time.Duration {
	now := s.now()
	next := now + int64(min(s.cfg.ResponseTimeout, s.cfg.EnquireTimeout))
	next = s.expire(now, next)
	next = s.enquire(now, next)
	next = s.checkActivity(now, next)
	next = s.answerUnbind(now, next)
	return time.Duration(max(next-now, 1))
}

func (s *Session) expire(now, next int64) int64 {
	s.mu.Lock()
	expired, next := s.pending.expire(s.expired[:0], now, next)
	s.stats.Timeouts += uint64(len(expired))
	s.mu.Unlock()
	for i := range expired {
		s.release(&expired[i])
		expired[i].done(Response{Err: &RequestError{Sent: true, Err: ErrTimeout}})
	}
	clear(expired)
	s.expired = expired
	return next
}

// enquire asks a peer that has been silent whether it is there.
func (s *Session) enquire(now, next int64) int64 {
	if s.cfg.EnquireInterval < 0 {
		return next
	}
	due := s.lastRead.Load() + int64(s.cfg.EnquireInterval)
	if due > now {
		return min(next, due)
	}
	s.mu.Lock()
	busy := s.enquiring
	s.enquiring = true
	s.mu.Unlock()
	if busy {
		return next // its own deadline decides
	}
	if s.begin(&EnquireLink{}, false, s.enquired) != nil {
		return next // the session is ending
	}
	return min(next, now+int64(s.cfg.EnquireTimeout))
}

// enquired takes any answer as a sign of life, also a refusal.
func (s *Session) enquired(r Response) {
	s.mu.Lock()
	s.enquiring = false
	s.mu.Unlock()
	if r.Err != nil {
		s.fail(ErrPeerGone)
	}
}

func (s *Session) checkActivity(now, next int64) int64 {
	if s.cfg.InactivityTimeout <= 0 {
		return next
	}
	due := s.lastActivity.Load() + int64(s.cfg.InactivityTimeout)
	if due > now {
		return min(next, due)
	}
	s.log.Info("smpp: session inactive, unbinding")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retireLocked(ErrInactive)
	if s.state != StateClosed && !s.flushOnly {
		s.lastWordsLocked(appendBare(s.out, CommandUnbind, ESME_ROK, s.pending.reserve().seq))
	}
	return next
}
