package smpp

import "context"

// Begin sends a request and returns once it stands in the window and in the
// queue of the writer; p may then be used again. It waits for a place in the
// window until ctx ends.
//
// done is called exactly once if Begin returns nil, and never otherwise: from a
// goroutine of the session, with the answer, after the response timer, or when
// the session ends. It must not block, so it may call TryBegin but not Begin.
// The error is a *RequestError with Sent false.
func (s *Session) Begin(ctx context.Context, p PDU, done func(Response)) error {
	select {
	case s.places <- struct{}{}:
	default:
		select {
		case s.places <- struct{}{}:
		case <-s.done:
			return notSent(s.Err())
		case <-ctx.Done():
			return notSent(context.Cause(ctx))
		}
		if ctx.Err() != nil { // it ended while this waited
			<-s.places
			return notSent(context.Cause(ctx))
		}
	}
	if err := s.begin(p, true, done); err != nil {
		<-s.places
		return err
	}
	return nil
}

// TryBegin is Begin that returns ErrWindowFull, in a *RequestError, instead of
// waiting.
func (s *Session) TryBegin(p PDU, done func(Response)) error {
	select {
	case s.places <- struct{}{}:
	default:
		if err := s.Err(); err != nil {
			return notSent(err)
		}
		return notSent(ErrWindowFull)
	}
	if err := s.begin(p, true, done); err != nil {
		<-s.places
		return err
	}
	return nil
}

func hasResponse(id CommandID) bool {
	return !id.IsResponse() && id != CommandOutbind && id != CommandAlertNotification
}

// begin registers a request under its sequence number and queues its octets in
// one step, so that no answer can come before the registration.
func (s *Session) begin(p PDU, place bool, done func(Response)) error {
	id := p.CommandID()
	if !hasResponse(id) {
		return notSent(ErrNoResponse)
	}
	s.mu.Lock()
	if s.err != nil && (id != CommandUnbind || s.state == StateClosed || s.flushOnly) {
		defer s.mu.Unlock()
		return notSent(s.err)
	}
	if !s.state.permits(id, !s.server) || id == CommandUnbind && place {
		s.mu.Unlock()
		return notSent(ErrBindState)
	}
	slot := s.pending.reserve()
	n := len(s.out)
	out, err := AppendPDU(s.out, ESME_ROK, slot.seq, p)
	if err != nil {
		s.mu.Unlock()
		return notSent(err)
	}
	slot.cmd, slot.place, slot.done = id, place, done
	slot.start, slot.deadline = s.queued, s.now()+int64(s.timeout(id))
	s.pending.put(slot)
	s.stats.Requests++
	s.out = out
	s.queued += uint64(len(out) - n)
	s.mu.Unlock()
	s.signalWriter(n)
	return nil
}

// signalWriter wakes the writer if the queue was empty before.
func (s *Session) signalWriter(before int) {
	if before == 0 {
		signal(s.wake)
	}
}

// release gives the place of an ended request back.
func (s *Session) release(t *slot) {
	if t.place {
		<-s.places
	}
}

// Do sends a request and waits for its answer. It returns the body with
// ESME_ROK; a CommandStatus when the peer refused; and a *RequestError when
// there is no answer. When ctx ends first, the request keeps its place in the
// window until its answer or the response timer.
func (s *Session) Do(ctx context.Context, p PDU) (PDU, error) {
	w := s.waiters.Get().(*waiter)
	if err := s.Begin(ctx, p, w.done); err != nil {
		s.waiters.Put(w)
		return nil, err
	}
	select {
	case r := <-w.ch:
		s.waiters.Put(w)
		return r.result()
	case <-ctx.Done(): // w is left to the answer
		return nil, &RequestError{Sent: true, Err: context.Cause(ctx)}
	}
}

func (r Response) result() (PDU, error) {
	switch {
	case r.Err != nil:
		return nil, r.Err
	case r.Status != ESME_ROK:
		return nil, r.Status
	}
	return r.PDU, nil
}

// waiter has an empty channel whenever it is in Session.waiters. The free list
// belongs to the session: a channel made in one synctest bubble is of no use in
// another.
type waiter struct {
	ch   chan Response
	done func(Response)
}

func newWaiter() any {
	w := &waiter{ch: make(chan Response, 1)}
	w.done = func(r Response) { w.ch <- r }
	return w
}

func do[T PDU](s *Session, ctx context.Context, p PDU) (resp T, err error) {
	r, err := s.Do(ctx, p)
	if err != nil {
		return resp, err
	}
	resp, ok := r.(T)
	if !ok {
		return resp, &RequestError{Sent: true, Err: ErrNoResponse}
	}
	return resp, nil
}

// Submit sends submit_sm and waits for the answer; errors as with Do.
func (s *Session) Submit(ctx context.Context, p *SubmitSM) (*SubmitSMResp, error) {
	return do[*SubmitSMResp](s, ctx, p)
}

// SubmitMulti sends submit_multi and waits for the answer; errors as with Do.
func (s *Session) SubmitMulti(ctx context.Context, p *SubmitMulti) (*SubmitMultiResp, error) {
	return do[*SubmitMultiResp](s, ctx, p)
}

// Deliver sends deliver_sm, as a server, and waits for the answer; errors as
// with Do.
func (s *Session) Deliver(ctx context.Context, p *DeliverSM) (*DeliverSMResp, error) {
	return do[*DeliverSMResp](s, ctx, p)
}

// Data sends data_sm and waits for the answer; errors as with Do.
func (s *Session) Data(ctx context.Context, p *DataSM) (*DataSMResp, error) {
	return do[*DataSMResp](s, ctx, p)
}

// Query sends query_sm and waits for the answer; errors as with Do.
func (s *Session) Query(ctx context.Context, p *QuerySM) (*QuerySMResp, error) {
	return do[*QuerySMResp](s, ctx, p)
}

// Cancel sends cancel_sm and waits for the answer; errors as with Do.
func (s *Session) Cancel(ctx context.Context, p *CancelSM) error {
	_, err := do[*CancelSMResp](s, ctx, p)
	return err
}

// Replace sends replace_sm and waits for the answer; errors as with Do.
func (s *Session) Replace(ctx context.Context, p *ReplaceSM) error {
	_, err := do[*ReplaceSMResp](s, ctx, p)
	return err
}

// EnquireLink sends enquire_link, which takes a place in the window, and waits
// for the answer; errors as with Do. The session sends its own by itself.
func (s *Session) EnquireLink(ctx context.Context) error {
	_, err := do[*EnquireLinkResp](s, ctx, &EnquireLink{})
	return err
}

// Notify sends a PDU that has no response: alert_notification. It takes no place
// in the window. The error is a *RequestError with Sent false; nil says that the
// PDU is queued.
func (s *Session) Notify(p PDU) error {
	s.mu.Lock()
	before := len(s.out)
	err := s.notifyLocked(p)
	s.mu.Unlock()
	s.signalWriter(before)
	return err
}

func (s *Session) notifyLocked(p PDU) error {
	id := p.CommandID()
	switch {
	case s.err != nil:
		return notSent(s.err)
	case id != CommandAlertNotification || !s.state.permits(id, !s.server):
		return notSent(ErrBindState)
	}
	before := len(s.out)
	out, err := AppendPDU(s.out, ESME_ROK, s.pending.reserve().seq, p)
	if err != nil {
		return notSent(err)
	}
	s.out = out
	s.queued += uint64(len(out) - before)
	if s.replies += len(out) - before; s.replies > maxReplies {
		s.failLocked(ErrPeerReadsNothing)
	}
	return nil
}
