package smpp

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func requestError(t *testing.T, err error) *RequestError {
	t.Helper()
	e, ok := errors.AsType[*RequestError](err)
	if !ok {
		t.Fatalf("%v is no RequestError", err)
	}
	return e
}

func TestResponseTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{Window: 2, ResponseTimeout: 7 * time.Second, EnquireInterval: -1}, nil)
		defer b.end()
		o, start := newOutcomes(), time.Now()
		b.begin(t, o)
		b.peer.expect(CommandSubmitSM, ESME_ROK, 2)
		time.Sleep(3 * time.Second)
		b.begin(t, o)
		b.peer.expect(CommandSubmitSM, ESME_ROK, 3)

		if e := requestError(t, (<-o.c).Err); !e.Sent || !errors.Is(e, ErrTimeout) {
			t.Errorf("%+v", e)
		}
		at(t, start, 7*time.Second)
		if st := b.Stats(); st.InFlight != 1 || st.Timeouts != 1 {
			t.Errorf("%+v", st)
		}
		// A late answer is counted and gives no place back a second time.
		b.peer.send(ESME_ROK, 2, &SubmitSMResp{MessageID: "late"})
		synctest.Wait()
		if st := b.Stats(); st.InFlight != 1 || st.Late != 1 || st.Responses != 0 {
			t.Errorf("%+v", st)
		}
		<-o.c
		at(t, start, 10*time.Second)
		if list := o.all(); len(list) != 0 {
			t.Errorf("called again: %+v", list)
		}
	})
}

func TestAnswersOutOfOrderAndWrongOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{Window: 3}, nil)
		defer b.end()
		first, second := newOutcomes(), newOutcomes()
		b.begin(t, first)
		b.peer.read()
		b.begin(t, second)
		b.peer.read()
		b.peer.send(ESME_ROK, 9, &SubmitSMResp{})                           // nobody asked
		b.peer.send(ESME_ROK, 2, &DeliverSMResp{})                          // another kind of answer
		b.peer.send(ESME_ROK, 3, &SubmitSMResp{MessageID: "b"})             // out of order
		b.peer.send(ESME_ROK, 3, &SubmitSMResp{MessageID: "c"})             // again
		b.peer.bare(CommandGenericNack, ESME_ROK, 2)                        // a refusal without a reason
		b.peer.bare(CommandID(0x80000077), ESME_ROK, 2)                     // an unknown response is not answered
		b.peer.send(ESME_ROK, 1<<31|2, &SubmitSMResp{MessageID: "outside"}) // sequence number out of range
		if list := second.all(); len(list) != 1 || list[0].PDU.(*SubmitSMResp).MessageID != "b" {
			t.Errorf("%+v", list)
		}
		if list := first.all(); len(list) != 1 || list[0].Status != ESME_RUNKNOWNERR || list[0].Err != nil {
			t.Errorf("%+v", list)
		}
		st := b.Stats()
		if st.Unknown != 3 || st.Duplicate != 1 || st.Responses != 2 || st.InFlight != 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestBrokenResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{}, nil)
		defer b.end()
		o := newOutcomes()
		b.begin(t, o)
		b.peer.read()
		b.peer.bare(CommandSubmitSMResp, ESME_ROK, 2) // a success without a message_id
		b.begin(t, o)
		b.peer.read()
		b.peer.write(append(appendHeader(nil, Header{19, CommandSubmitSMResp, ESME_RINVDSTADR, 3}), "xyz"...))
		list := o.all()
		if len(list) != 2 {
			t.Fatalf("%+v", list)
		}
		if e := requestError(t, list[0].Err); !e.Sent || !hasStatus(e.Err, ESME_RINVCMDLEN) {
			t.Errorf("%+v", e)
		}
		if list[1].Err != nil || list[1].Status != ESME_RINVDSTADR {
			t.Errorf("%+v", list[1])
		}
	})
}

// TestField_window_leak: however fast the answer, the request stood in the window
// before its octets left, and its place comes back.
func TestField_window_leak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{Window: 3}, nil)
		defer b.end()
		go func() {
			for {
				h, _, err := b.peer.frames.read()
				if err != nil {
					return
				}
				b.peer.send(ESME_ROK, h.Sequence, &SubmitSMResp{MessageID: "x"})
			}
		}()
		o := newOutcomes()
		for range 1000 {
			b.begin(t, o)
		}
		if n := len(o.all()); n != 1000 {
			t.Errorf("%d outcomes", n)
		}
		if st := b.Stats(); st.InFlight != 0 || st.Unknown != 0 || st.Responses != 1000 {
			t.Errorf("%+v", st)
		}
	})
}

func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{Window: 1}, nil)
		o := newOutcomes()
		b.begin(t, o)
		b.peer.read()
		if err := b.TryBegin(&SubmitSM{}, o.done); !errors.Is(err, ErrWindowFull) || requestError(t, err).Sent {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := b.Begin(ctx, &SubmitSM{}, o.done); !errors.Is(err, context.DeadlineExceeded) || requestError(t, err).Sent {
			t.Error(err)
		}
		waiting := make(chan error)
		go func() { waiting <- b.Begin(context.Background(), &SubmitSM{}, o.done) }()
		synctest.Wait()
		b.end()
		if err := <-waiting; !errors.Is(err, ErrClosed) || requestError(t, err).Sent {
			t.Error(err)
		}
		if list := o.all(); len(list) != 1 || !requestError(t, list[0].Err).Sent {
			t.Errorf("%+v", list)
		}
		if err := b.TryBegin(&SubmitSM{}, o.done); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

// lapsed is a context that has ended by the time it is asked, before any timer has run.
type lapsed struct{ context.Context }

func (lapsed) Err() error { return context.DeadlineExceeded }

// TestEndedWhileItWaited: a request whose context ended while it waited for its place is not sent when the place comes,
// and leaves it to the next one.
func TestEndedWhileItWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{Window: 1}, nil)
		o := newOutcomes()
		b.begin(t, o)
		b.peer.read()
		waiting := make(chan error, 1)
		go func() { waiting <- b.Begin(lapsed{context.Background()}, &SubmitSM{}, o.done) }()
		synctest.Wait()
		b.peer.send(ESME_ROK, 2, &SubmitSMResp{MessageID: "x"})
		if err := <-waiting; !errors.Is(err, context.DeadlineExceeded) || requestError(t, err).Sent {
			t.Error(err)
		}
		b.begin(t, o)
		b.peer.expect(CommandSubmitSM, ESME_ROK, 3)
		b.end()
	})
}

// TestSentSaysWhetherOctetsLeft: of five requests the peer takes two and a half
// before it is gone.
func TestSentSaysWhetherOctetsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		cfg := Config{}.withDefaults()
		s := newSession(near, newFrameReader(near, cfg.MaxPDU), cfg, BindInfo{Type: Transceiver}, false, nil)
		o := newOutcomes()
		frame, err := AppendPDU(nil, 0, 1, &SubmitSM{})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 { // before Run, so that one Write carries them all
			if err := s.Begin(context.Background(), &SubmitSM{}, o.done); err != nil {
				t.Fatal(err)
			}
		}
		ended := make(chan error, 1)
		go func() { ended <- s.Run(context.Background()) }()
		if n, err := far.Read(make([]byte, 2*len(frame)+len(frame)/2)); err != nil || n != 2*len(frame)+len(frame)/2 {
			t.Fatal(n, err)
		}
		_ = far.Close()
		if err := <-ended; err == nil {
			t.Error("no error")
		}
		var sent []bool
		for _, r := range o.all() {
			sent = append(sent, requestError(t, r.Err).Sent)
		}
		if len(sent) != 5 || !sent[0] || !sent[1] || !sent[2] || sent[3] || sent[4] {
			t.Errorf("sent: %v", sent)
		}
		if st := s.Stats(); st.Lost != 5 || st.InFlight != 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestCallerGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{Window: 1}, nil)
		defer b.end()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		go b.peer.read()
		_, err := b.Submit(ctx, &SubmitSM{})
		if e := requestError(t, err); !e.Sent || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%+v", e)
		}
		if n := b.Stats().InFlight; n != 1 {
			t.Errorf("%d in the window, want the one that may be answered yet", n)
		}
		b.peer.send(ESME_ROK, 2, &SubmitSMResp{})
		synctest.Wait()
		if n := b.Stats().InFlight; n != 0 {
			t.Errorf("%d in the window", n)
		}
	})
}

func TestSequenceNumbersWrapAndSkipTheTaken(t *testing.T) {
	r := newPendingRing(4)
	r.last = maxSequence - 1
	if s := r.reserve(); s.seq != maxSequence {
		t.Error(s.seq)
	}
	s := r.reserve()
	if s.seq != 1 {
		t.Error(s.seq)
	}
	s.cmd = CommandSubmitSM
	r.put(s)
	r.last = uint32(len(r.slots)) // the next one falls on the slot of 1
	if s := r.reserve(); s.seq != uint32(len(r.slots))+2 {
		t.Errorf("%d, want the taken slot passed over", s.seq)
	}
	if _, m := r.take(hdr(CommandSubmitSMResp, 0, 1)); m != matched {
		t.Error(m)
	}
}

func TestPDUsThatAreNoRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{}, nil)
		defer b.end()
		for _, c := range []struct {
			p    PDU
			want error
		}{
			{&SubmitSMResp{}, ErrNoResponse},
			{&AlertNotification{}, ErrNoResponse},
			{&DeliverSM{}, ErrBindState},
			{&Bind{}, ErrBindState},
			{&Unbind{}, ErrBindState},
		} {
			if err := b.Begin(context.Background(), c.p, nil); !errors.Is(err, c.want) || requestError(t, err).Sent {
				t.Errorf("%v: %v", c.p.CommandID(), err)
			}
		}
		err := b.Begin(context.Background(), &SubmitSM{ValidityPeriod: "x"}, nil)
		if _, ok := errors.AsType[*EncodeError](err); !ok || requestError(t, err).Sent {
			t.Error(err)
		}
		if n := b.Stats().InFlight; n != 0 {
			t.Errorf("%d places are lost", n)
		}
	})
}

func TestBindStates(t *testing.T) {
	esme := []PDU{&SubmitSM{}, &SubmitMulti{}, &QuerySM{}, &CancelSM{}, &ReplaceSM{}, &DataSM{}}
	smsc := []PDU{&DeliverSM{}, &DataSM{}, &AlertNotification{}}
	for _, c := range []struct {
		state    State
		fromESME bool
		allowed  []PDU
		refused  []PDU
	}{
		{StateBoundTX, true, esme, smsc[:1]},
		{StateBoundRX, true, nil, esme},
		{StateBoundTRX, true, esme, smsc[:1]},
		{StateBoundTX, false, nil, smsc},
		{StateBoundRX, false, smsc, esme[:5]},
		{StateBoundTRX, false, smsc, esme[:5]},
		{StateUnbinding, true, []PDU{&EnquireLink{}, &Unbind{}}, esme},
		{StateClosed, false, nil, smsc},
	} {
		for _, p := range c.allowed {
			if !c.state.permits(p.CommandID(), c.fromESME) {
				t.Errorf("%v refuses %v", c.state, p.CommandID())
			}
		}
		for _, p := range c.refused {
			if c.state.permits(p.CommandID(), c.fromESME) {
				t.Errorf("%v allows %v, from the ESME: %v", c.state, p.CommandID(), c.fromESME)
			}
		}
	}
}
