package smpp

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestField_stuck_session: a cable that is pulled is noticed, and from then on
// the session is not usable.
func TestField_stuck_session(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{EnquireInterval: 20 * time.Second, EnquireTimeout: 5 * time.Second}, nil)
		defer b.end()
		start := time.Now()
		b.peer.expect(CommandEnquireLink, ESME_ROK, 2)
		at(t, start, 20*time.Second)
		b.peer.send(ESME_ROK, 2, &EnquireLinkResp{})
		b.peer.expect(CommandEnquireLink, ESME_ROK, 3)
		at(t, start, 40*time.Second)
		<-b.Done()
		at(t, start, 45*time.Second)
		if err := b.result(); err != ErrPeerGone || b.Err() != ErrPeerGone || b.State() != StateClosed {
			t.Error(err, b.Err(), b.State())
		}
		b.peer.expectEnd()
	})
}

func TestTrafficSavesTheEnquireLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{EnquireInterval: 20 * time.Second}, nil)
		defer b.end()
		start := time.Now()
		time.Sleep(15 * time.Second)
		b.peer.send(ESME_ROK, 1, &EnquireLink{})
		b.peer.expect(CommandEnquireLinkResp, ESME_ROK, 1)
		b.peer.expect(CommandEnquireLink, ESME_ROK, 2)
		at(t, start, 35*time.Second)
		b.peer.bare(CommandGenericNack, ESME_RINVCMDID, 2) // who refuses is there
		synctest.Wait()
		if b.Err() != nil {
			t.Error(b.Err())
		}
	})
}

func TestInactivity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindPipe(t, true, Transceiver, Config{InactivityTimeout: time.Minute, EnquireInterval: 20 * time.Second}, &keep{})
		defer b.end()
		start := time.Now()
		time.Sleep(10 * time.Second)
		b.peer.send(ESME_ROK, 1, &EnquireLink{}) // the customer's own counts as activity
		b.peer.expect(CommandEnquireLinkResp, ESME_ROK, 1)
		for {
			h, _ := b.peer.read()
			if h.ID == CommandUnbind {
				break
			}
			b.peer.send(ESME_ROK, h.Sequence, &EnquireLinkResp{}) // its answers do not
		}
		at(t, start, 70*time.Second)
		if err := b.result(); err != ErrInactive {
			t.Error(err)
		}
	})
}

// TestWriteTimeout: a peer that reads nothing ends the session, although it
// answers nothing either.
func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{WriteTimeout: 4 * time.Second}, nil)
		defer b.end()
		o, start := newOutcomes(), time.Now()
		b.begin(t, o)
		if err := b.result(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		at(t, start, 4*time.Second)
		if list := o.all(); len(list) != 1 || requestError(t, list[0].Err).Sent {
			t.Errorf("%+v", list)
		}
	})
}

// TestField_customer_reads_nothing: answers for a peer that only sends are kept
// up to a bound, then it is cut off.
func TestField_customer_reads_nothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindPipe(t, true, Transceiver, Config{WriteTimeout: time.Hour}, nil)
		defer b.end()
		frame := appendBare(nil, CommandEnquireLink, ESME_ROK, 1)
		for range 2 * maxReplies / HeaderLen {
			if _, err := b.peer.conn.Write(frame); err != nil {
				break
			}
		}
		if err := b.result(); err != ErrPeerReadsNothing {
			t.Error(err)
		}
	})
}

func TestUnbindWaitsForTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &keep{}
		b := bindClient(t, Config{Window: 4}, handler)
		o := newOutcomes()
		b.begin(t, o)
		b.peer.read()
		b.peer.send(ESME_ROK, 7, &DeliverSM{})
		open := handler.all()
		unbound := make(chan error, 1)
		go func() { unbound <- b.Unbind(context.Background()) }()
		<-b.Done()
		if err := b.TryBegin(&SubmitSM{}, nil); !errors.Is(err, ErrUnbound) {
			t.Error(err)
		}
		b.peer.send(ESME_ROK, 8, &DeliverSM{}) // too late, to be repeated
		b.peer.expect(CommandDeliverSMResp, ESME_RX_T_APPN, 8)
		b.peer.send(ESME_ROK, 2, &SubmitSMResp{MessageID: "x"})
		if list := o.all(); len(list) != 1 || list[0].Err != nil {
			t.Errorf("%+v", list)
		}
		if err := open[0].Reply(ESME_ROK, nil); err != nil {
			t.Error(err)
		}
		b.peer.expect(CommandDeliverSMResp, ESME_ROK, 7)
		b.peer.expect(CommandUnbind, ESME_ROK, 3)
		b.peer.send(ESME_ROK, 3, &UnbindResp{})
		b.peer.expectEnd()
		if err := <-unbound; err != nil {
			t.Error(err)
		}
		if err := b.result(); err != nil {
			t.Error(err)
		}
	})
}

func TestUnbindWhenTimeIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{}, nil)
		o := newOutcomes()
		b.begin(t, o)
		b.peer.read()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		unbound := make(chan error, 1)
		go func() { unbound <- b.Unbind(ctx) }()
		b.peer.expect(CommandUnbind, ESME_ROK, 3)
		b.peer.expectEnd()
		if err := <-unbound; !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := b.result(); err != nil {
			t.Error(err)
		}
		if list := o.all(); len(list) != 1 || !requestError(t, list[0].Err).Sent {
			t.Errorf("%+v", list)
		}
	})
}

func TestUnbindOfALostSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{}, nil)
		_ = b.peer.conn.Close()
		if err := b.result(); err == nil {
			t.Error("closed without unbind, but no error")
		}
		if err := b.Unbind(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestPeerUnbinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &keep{}
		b := bindPipe(t, true, Transceiver, Config{}, handler)
		b.peer.send(ESME_ROK, 1, &SubmitSM{})
		b.peer.send(ESME_ROK, 2, &Unbind{})
		open := handler.all()
		if b.Err() != ErrPeerUnbound {
			t.Error(b.Err())
		}
		if err := open[0].Reply(ESME_ROK, &SubmitSMResp{MessageID: "x"}); err != nil {
			t.Error(err)
		}
		b.peer.expect(CommandSubmitSMResp, ESME_ROK, 1)
		b.peer.expect(CommandUnbindResp, ESME_ROK, 2)
		b.peer.expectEnd()
		if err := b.result(); err != ErrPeerUnbound {
			t.Error(err)
		}
	})
}

func TestPeerUnbindsAndNobodyReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &keep{}
		b := bindPipe(t, true, Transceiver, Config{}, handler)
		start := time.Now()
		b.peer.send(ESME_ROK, 1, &SubmitSM{})
		b.peer.send(ESME_ROK, 2, &Unbind{})
		b.peer.expect(CommandUnbindResp, ESME_ROK, 2)
		at(t, start, peerUnbindGrace)
		b.peer.expectEnd()
		if err := b.result(); err != ErrPeerUnbound {
			t.Error(err)
		}
		if err := handler.all()[0].Reply(ESME_ROK, nil); err != ErrPeerUnbound {
			t.Error(err)
		}
	})
}

func TestBothUnbind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{}, nil)
		unbound := make(chan error, 1)
		go func() { unbound <- b.Unbind(context.Background()) }()
		b.peer.expect(CommandUnbind, ESME_ROK, 2)
		b.peer.send(ESME_ROK, 1, &Unbind{})
		b.peer.expect(CommandUnbindResp, ESME_ROK, 1)
		b.peer.send(ESME_ROK, 2, &UnbindResp{})
		if err := <-unbound; err != nil {
			t.Error(err)
		}
		if err := b.result(); err != nil {
			t.Error(err)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		cfg := Config{}.withDefaults()
		s := newSession(near, newFrameReader(near, cfg.MaxPDU), cfg, BindInfo{Type: Transceiver}, false, nil)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		synctest.Wait()
		if err := s.Run(ctx); err != ErrRunTwice {
			t.Error(err)
		}
		cancel()
		if err := <-ended; err != nil || s.Err() != ErrClosed {
			t.Error(err, s.Err())
		}
	})
}

func TestCloseWithoutRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{}, nil)
		defer b.end()
		s := newSession(b.peer.conn, b.peer.frames, Config{}.withDefaults(), BindInfo{Type: Transceiver}, false, nil)
		o := newOutcomes()
		if err := s.Begin(context.Background(), &SubmitSM{}, o.done); err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
		if list := o.all(); len(list) != 1 || requestError(t, list[0].Err).Sent {
			t.Errorf("%+v", list)
		}
	})
}
