package smpp

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// session is a bound session as the dispatcher sees it.
type session struct {
	wire     *smpp.Session // takes submit_sm: a transceiver or a transmitter
	window   int
	validity bool
	classes  Classes
	done     <-chan struct{} // closed when a session of the bind ended
	pdus     sync.Pool       // of *smpp.SubmitSM
}

func (s *session) Window() int           { return s.window }
func (s *session) Done() <-chan struct{} { return s.done }

// Submit implements dispatch.Session.
func (s *session) Submit(ctx context.Context, m *sms.Message, done func(part int, a dispatch.Answer)) {
	segments, err := split(m)
	if err != nil {
		answerAll(m, done, dispatch.Answer{Verdict: dispatch.Permanent, Reason: "the text does not fit its parts"})
		return
	}
	p := s.pdu()
	defer s.pdus.Put(p)
	address(p, m)
	for part := range segments {
		if !waits(m, part) {
			continue
		}
		fill(p, segments[part], m.Flash)
		p.ValidityPeriod = ""
		if s.validity { // the wait for the window counts too
			p.ValidityPeriod = validityPeriod(time.Now(), m.Expires)
		}
		if err := s.begin(ctx, p, func(r smpp.Response) { done(part, s.classes.answered(r)) }); err != nil {
			done(part, unanswered(err))
		}
	}
}

var errDone = &smpp.RequestError{Err: errors.New("the bind is ending")}

// begin is Session.Begin, which would still send on the good half of a broken pair.
func (s *session) begin(ctx context.Context, p *smpp.SubmitSM, done func(smpp.Response)) error {
	select {
	case <-s.done:
		return errDone
	default:
		return s.wire.Begin(ctx, p, done)
	}
}

// pdu returns a PDU of which only the fields that address and fill set were ever used.
func (s *session) pdu() *smpp.SubmitSM {
	if p, ok := s.pdus.Get().(*smpp.SubmitSM); ok {
		return p
	}
	return new(smpp.SubmitSM)
}

// waits reports whether a part has no answer yet.
func waits(m *sms.Message, part int) bool {
	return part >= len(m.Progress) || m.Progress[part].State == sms.Queued
}

// answerAll gives the same answer to every part that waits for one.
func answerAll(m *sms.Message, done func(part int, a dispatch.Answer), a dispatch.Answer) {
	for part := range max(m.Parts, 1) {
		if waits(m, part) {
			done(part, a)
		}
	}
}
