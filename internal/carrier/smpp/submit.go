package smpp

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// session is a bound session as the dispatcher sees it.
type session struct {
	wire     *smpp.Session // takes submit_sm: a transceiver or a transmitter
	window   int
	validity string
	dialect  *Dialect
	classes  Classes
	ids      func(string) string // how the ids of the carrier's answers are noted
	done     <-chan struct{}     // closed when a session of the bind ended
	pdus     sync.Pool           // of *smpp.SubmitSM
}

func (s *session) Window() int           { return s.window }
func (s *session) Done() <-chan struct{} { return s.done }

// Submit implements dispatch.Session.
func (s *session) Submit(ctx context.Context, m *sms.Message, done func(part int, a dispatch.Answer)) {
	pieces, joint, err := s.dialect.cut(m)
	switch {
	case err != nil:
		answerAll(m, done, dispatch.Answer{Verdict: dispatch.Permanent, Reason: reasonOf(err)})
	case joint:
		s.send(ctx, m, pieces, jointly(m, len(pieces), done))
	default:
		s.send(ctx, m, pieces, done)
	}
}

// send writes the pieces that wait for an answer. Pieces that are not the parts all wait.
func (s *session) send(ctx context.Context, m *sms.Message, pieces []gsm.Segment, done func(piece int, a dispatch.Answer)) {
	p := s.pdu()
	defer s.pdus.Put(p)
	address(p, m)
	s.dialect.address(p)
	whole, last := m.Parts > 1 && s.dialect.Receipts == ReceiptsLast, len(pieces)-1
	for last > 0 && !waits(m, last) {
		last--
	}
	for i := range pieces {
		if !waits(m, i) {
			continue
		}
		s.dialect.fill(p, m, pieces[i])
		p.RegisteredDelivery = s.dialect.registered(i == last)
		p.ValidityPeriod = s.validityPeriod(m) // the wait for the window counts too
		answer := func(r smpp.Response) {
			a := s.classes.answered(r)
			a.Whole, a.Ref, a.Took = whole && a.Verdict == dispatch.Accepted, s.ids(a.Ref), r.Took
			done(i, a)
		}
		if err := s.begin(ctx, p, answer); err != nil {
			done(i, unanswered(err))
		}
	}
}

func (s *session) validityPeriod(m *sms.Message) string {
	switch s.validity {
	case ValidityRelative:
		return validityPeriod(time.Now(), m.Expires)
	case ValidityAbsolute:
		return absoluteTime(m.Expires)
	}
	return ""
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

// reasonOf tells a customer why a message has no pieces.
func reasonOf(err error) string {
	if errors.Is(err, errTooLong) || errors.Is(err, errSentSo) {
		return err.Error()
	}
	return "the text does not fit its parts"
}

// pdu returns a PDU of which only the fields that address, fill and the dialect set were ever used.
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
