package smpp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestInboundIsBoundedAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &keep{}
		b := bindClient(t, Config{InboundLimit: 3}, handler)
		defer b.end()
		for n := range uint32(3) {
			b.peer.send(ESME_ROK, 10+n, &DeliverSM{})
		}
		b.peer.send(ESME_ROK, 13, &DeliverSM{})
		b.peer.expect(CommandDeliverSMResp, ESME_RX_T_APPN, 13)
		open := handler.all()
		if err := open[1].Reply(ESME_ROK, nil); err != nil {
			t.Error(err)
		}
		if body := b.peer.expect(CommandDeliverSMResp, ESME_ROK, 11); !bytes.Equal(body, []byte{0}) {
			t.Errorf("%x", body)
		}
		b.peer.send(ESME_ROK, 14, &DeliverSM{})
		open = handler.all()
		var sequence []uint32
		for _, r := range open {
			sequence = append(sequence, r.Header.Sequence)
		}
		if len(sequence) != 4 || sequence[0] != 10 || sequence[1] != 11 || sequence[2] != 12 || sequence[3] != 14 {
			t.Errorf("handled %v", sequence)
		}
		if st := b.Stats(); st.InboundOpen != 3 || st.Throttled != 1 || st.Inbound != 4 {
			t.Errorf("%+v", st)
		}
	})
}

func TestReplyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &keep{}
		b := bindPipe(t, true, Transmitter, Config{}, handler)
		defer b.end()
		b.peer.send(ESME_ROK, 1, &SubmitSM{})
		r := handler.all()[0]
		if err := r.Reply(ESME_ROK, &DeliverSMResp{}); !errors.Is(err, ErrNoResponse) {
			t.Error(err)
		}
		if _, ok := errors.AsType[*EncodeError](r.Reply(ESME_ROK, &SubmitSMResp{MessageID: strings.Repeat("x", 65)})); !ok {
			t.Error("a message_id of 65 octets was taken")
		}
		if err := r.Reply(ESME_RTHROTTLED, nil); err != nil {
			t.Error(err)
		}
		if body := b.peer.expect(CommandSubmitSMResp, ESME_RTHROTTLED, 1); len(body) != 0 {
			t.Errorf("a refusal with the body %x", body)
		}
		if err := r.Reply(ESME_ROK, nil); !errors.Is(err, ErrReplied) {
			t.Error(err)
		}
		if n := b.Stats().InboundOpen; n != 0 {
			t.Errorf("%d open", n)
		}
	})
}

// TestTheReaderNeverWaits: while the handler hangs, answers and enquire_link are
// served.
func TestTheReaderNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{InboundLimit: 2}, HandlerFunc(func(ctx context.Context, _ *Request) { <-ctx.Done() }))
		defer b.end()
		o := newOutcomes()
		b.begin(t, o)
		b.peer.read()
		for n := range uint32(3) {
			b.peer.send(ESME_ROK, n+1, &DeliverSM{})
		}
		b.peer.expect(CommandDeliverSMResp, ESME_RX_T_APPN, 3)
		b.peer.send(ESME_ROK, 4, &EnquireLink{})
		b.peer.expect(CommandEnquireLinkResp, ESME_ROK, 4)
		b.peer.send(ESME_ROK, 2, &SubmitSMResp{MessageID: "x"})
		if list := o.all(); len(list) != 1 || list[0].Err != nil {
			t.Errorf("%+v", list)
		}
	})
}

func TestInboundInTheWrongState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindPipe(t, true, Receiver, Config{}, &keep{})
		defer b.end()
		b.peer.send(ESME_ROK, 1, &SubmitSM{})
		b.peer.expect(CommandSubmitSMResp, ESME_RINVBNDSTS, 1)
		b.peer.send(ESME_ROK, 2, &DeliverSM{})
		b.peer.expect(CommandDeliverSMResp, ESME_RINVBNDSTS, 2)
		b.peer.send(ESME_ROK, 3, &Bind{})
		b.peer.expect(CommandBindTransceiverResp, ESME_RALYBND, 3)
	})
}

func TestClientWithoutAHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindClient(t, Config{}, nil)
		defer b.end()
		b.peer.send(ESME_ROK, 1, &DeliverSM{})
		b.peer.expect(CommandDeliverSMResp, ESME_RX_T_APPN, 1)
	})
}

func TestAlertNotification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &keep{}
		b := bindClient(t, Config{InboundLimit: 1}, handler)
		defer b.end()
		b.peer.send(ESME_ROK, 1, &AlertNotification{ESMEAddr: "1"})
		b.peer.send(ESME_ROK, 2, &EnquireLink{})
		b.peer.expect(CommandEnquireLinkResp, ESME_ROK, 2) // nothing stood before it
		if len(handler.all()) != 1 || b.Stats().InboundOpen != 0 {
			t.Errorf("%+v", b.Stats())
		}

		server := bindPipe(t, true, Receiver, Config{}, handler)
		defer server.end()
		if err := server.Notify(&AlertNotification{}); err != nil {
			t.Error(err)
		}
		server.peer.expect(CommandAlertNotification, ESME_ROK, 0)
		if err := b.Notify(&AlertNotification{}); !errors.Is(err, ErrBindState) {
			t.Error(err)
		}
	})
}

// TestField_one_bad_length: sm_length 60 with 61 octets, and with 59, is answered
// with an error; the next PDU is served.
func TestField_one_bad_length(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := &keep{}
		b := bindPipe(t, true, Transceiver, Config{}, handler)
		defer b.end()
		for n, octets := range []int{61, 59} {
			frame, err := AppendPDU(nil, ESME_ROK, uint32(n+1), &SubmitSM{ShortMessage: make([]byte, octets)})
			if err != nil {
				t.Fatal(err)
			}
			frame[len(frame)-octets-1] = 60
			b.peer.write(frame)
			b.peer.expect(CommandSubmitSMResp, ESME_RINVMSGLEN, uint32(n+1))
		}
		b.peer.send(ESME_ROK, 3, &SubmitSM{})
		if list := handler.all(); len(list) != 1 || list[0].Header.Sequence != 3 {
			t.Errorf("%+v", list)
		}
		if st := b.Stats(); st.Malformed != 2 || st.InboundOpen != 1 || b.Err() != nil {
			t.Errorf("%+v, %v", st, b.Err())
		}
	})
}

// TestField_unknown_command: generic_nack, and the session goes on.
func TestField_unknown_command(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		b := bindPipe(t, true, Transceiver, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, nil)
		defer b.end()
		for n := range uint32(5) {
			b.peer.write(append(appendHeader(nil, Header{19, 0x10203, 0, n + 1}), "abc"...))
			b.peer.expect(CommandGenericNack, ESME_RINVCMDID, n+1)
		}
		b.peer.send(ESME_ROK, 9, &EnquireLink{})
		b.peer.expect(CommandEnquireLinkResp, ESME_ROK, 9)
		if n := strings.Count(log.String(), "\n"); n != 1 {
			t.Errorf("%d lines of log:\n%s", n, log.String())
		}
	})
}

// TestField_huge_length: a header that claims 1 GiB is refused before anything is
// allocated for it; so is one that claims less than itself.
func TestField_huge_length(t *testing.T) {
	for _, length := range []uint32{1 << 30, 0xFFFFFFFF, DefaultMaxPDU + 1, 15, 0} {
		synctest.Test(t, func(t *testing.T) {
			b := bindPipe(t, true, Transceiver, Config{}, nil)
			b.peer.write(appendHeader(nil, Header{length, CommandSubmitSM, 0, 77}))
			b.peer.expect(CommandGenericNack, ESME_RINVCMDLEN, 77)
			b.peer.expectEnd()
			if _, ok := errors.AsType[*FrameError](b.result()); !ok {
				t.Error(b.result())
			}
			if n := len(b.frames.chunk); n > chunkSize {
				t.Errorf("%d octets allocated", n)
			}
		})
	}
}

func TestHalfPDUAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bindPipe(t, true, Transceiver, Config{}, nil)
		b.peer.write(appendHeader(nil, Header{50, CommandSubmitSM, 0, 1})[:9])
		_ = b.peer.conn.Close()
		start := time.Now()
		if err := b.result(); err == nil {
			t.Error("no error")
		}
		at(t, start, 0)
	})
}
