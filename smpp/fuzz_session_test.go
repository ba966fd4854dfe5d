package smpp

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// octets is a connection that delivers some octets and then ends; what is
// written to it must be whole PDUs.
type octets struct {
	*bytes.Reader
	mu      sync.Mutex
	written bytes.Buffer
	closed  bool
}

func (o *octets) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, net.ErrClosed
	}
	return o.written.Write(b)
}

func (o *octets) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	return nil
}

func (o *octets) LocalAddr() net.Addr              { return nil }
func (o *octets) RemoteAddr() net.Addr             { return nil }
func (o *octets) SetDeadline(time.Time) error      { return nil }
func (o *octets) SetReadDeadline(time.Time) error  { return nil }
func (o *octets) SetWriteDeadline(time.Time) error { return nil }

// FuzzSession feeds octets to a bound session of either side that has requests
// in its window: it must end, tell the outcome of each, and write nothing but
// whole PDUs.
func FuzzSession(f *testing.F) {
	var all []byte
	for _, v := range vectors() {
		b := unhex(f, v.octet)
		f.Add(len(all)%2 == 0, b)
		all = append(all, b...)
	}
	f.Add(true, all)
	f.Add(false, all)
	f.Add(true, []byte("GET / HTTP/1.1\r\nHost: localhost:2775\r\n\r\n"))
	f.Fuzz(func(t *testing.T, server bool, in []byte) {
		conn := &octets{Reader: bytes.NewReader(in)}
		cfg := Config{Window: 2, InboundLimit: 2}.withDefaults()
		s := newSession(conn, newFrameReader(conn, cfg.MaxPDU), cfg, BindInfo{Type: Transceiver}, server,
			HandlerFunc(func(_ context.Context, r *Request) { _ = r.Reply(ESME_ROK, nil) }))
		called := 0
		for range 2 {
			var p PDU = &SubmitSM{}
			if server {
				p = &DeliverSM{}
			}
			if err := s.Begin(context.Background(), p, func(Response) { called++ }); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Run(context.Background()); err == nil {
			t.Error("the peer went away, but no error")
		}
		if called != 2 || s.Stats().InFlight != 0 {
			t.Errorf("%d outcomes of 2 requests, %+v", called, s.Stats())
		}
		for frames := newFrameReader(&conn.written, DefaultMaxPDU); ; {
			_, frame, err := frames.read()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := Decode(frame); err != nil && New(header(frame).ID) != nil && header(frame).Status == ESME_ROK {
				t.Fatalf("wrote %x: %v", frame, err)
			}
		}
	})
}

// FuzzOpening feeds octets to a server before any bind.
func FuzzOpening(f *testing.F) {
	for _, v := range sessionVectors() {
		f.Add(unhex(f, v.octet))
	}
	f.Add([]byte("GET / HTTP/1.1\r\nHost: localhost:2775\r\n\r\n"))
	v := &Server{Authenticate: func(_ context.Context, b BindRequest) (Handler, CommandStatus) {
		if b.SystemID == "" {
			return nil, ESME_RINVSYSID
		}
		return HandlerFunc(func(_ context.Context, r *Request) { _ = r.Reply(ESME_ROK, nil) }), ESME_ROK
	}}
	f.Fuzz(func(t *testing.T, in []byte) {
		v.ServeConn(t.Context(), &octets{Reader: bytes.NewReader(in)})
	})
}
