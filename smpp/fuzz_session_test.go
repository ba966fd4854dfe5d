package smpp

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// octets is a connection that delivers some octets and then ends; what is
// written to it must be whole PDUs.
type octets struct {
	*bytes.Reader
	step    int // the most that one Read brings; 0: all
	mu      sync.Mutex
	written bytes.Buffer
	closed  bool
}

func (o *octets) Read(b []byte) (int, error) {
	if o.step > 0 && len(b) > o.step {
		b = b[:o.step]
	}
	return o.Reader.Read(b)
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

// captures is what one side said in conversations with programs that others
// wrote, recorded by the tests TestPeer_… of internal/carrier/smpp; side is "esme"
// or "smsc".
func captures(f *testing.F, side string) (streams [][]byte) {
	files, err := filepath.Glob(filepath.Join("testdata", "captures", "*."+side+".hex"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no captures of the %s: %v", side, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		streams = append(streams, unhex(f, strings.ReplaceAll(string(text), "\n", "")))
	}
	return streams
}

// wholePDUs fails the test unless what was written is PDUs of ours.
func (o *octets) wholePDUs(t *testing.T) {
	for frames := newFrameReader(&o.written, DefaultMaxPDU); ; {
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
}

func answerAll(_ context.Context, r *Request) { _ = r.Reply(ESME_ROK, New(r.Header.ID.Response())) }

// FuzzSession feeds octets to a bound session of either side that has requests
// in its window: it must end, tell the outcome of each, and write nothing but
// whole PDUs.
func FuzzSession(f *testing.F) {
	var all []byte
	for _, v := range vectors() {
		b := unhex(f, v.octet)
		f.Add(len(all)%2 == 0, uint8(0), b)
		all = append(all, b...)
	}
	f.Add(true, uint8(1), all)
	f.Add(false, uint8(0), all)
	f.Add(true, uint8(0), []byte("GET / HTTP/1.1\r\nHost: localhost:2775\r\n\r\n"))
	for _, stream := range captures(f, "esme") {
		f.Add(true, uint8(7), stream)
	}
	for _, stream := range captures(f, "smsc") {
		f.Add(false, uint8(7), stream)
	}
	f.Fuzz(func(t *testing.T, server bool, step uint8, in []byte) {
		conn := &octets{Reader: bytes.NewReader(in), step: int(step)}
		cfg := Config{Window: 2, InboundLimit: 2}.withDefaults()
		s := newSession(conn, newFrameReader(conn, cfg.MaxPDU), cfg, BindInfo{Type: Transceiver}, server,
			HandlerFunc(answerAll))
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
		conn.wholePDUs(t)
	})
}

// FuzzOpening feeds octets to a server before any bind, and what follows to the
// session, if one came of it.
func FuzzOpening(f *testing.F) {
	for _, v := range sessionVectors() {
		f.Add(uint8(0), unhex(f, v.octet))
	}
	f.Add(uint8(0), []byte("GET / HTTP/1.1\r\nHost: localhost:2775\r\n\r\n"))
	for _, stream := range captures(f, "esme") {
		f.Add(uint8(7), stream)
	}
	v := &Server{Authenticate: func(_ context.Context, b BindRequest) (Handler, CommandStatus) {
		if b.SystemID == "" {
			return nil, ESME_RINVSYSID
		}
		return HandlerFunc(answerAll), ESME_ROK
	}}
	f.Fuzz(func(t *testing.T, step uint8, in []byte) {
		conn := &octets{Reader: bytes.NewReader(in), step: int(step)}
		v.ServeConn(t.Context(), conn)
		conn.wholePDUs(t)
	})
}

// FuzzBinding feeds octets to a client that binds, and what follows to its
// session, if one came of it.
func FuzzBinding(f *testing.F) {
	for _, v := range sessionVectors() {
		f.Add(uint8(0), unhex(f, v.octet))
	}
	f.Add(uint8(0), []byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	for _, stream := range captures(f, "smsc") {
		f.Add(uint8(7), stream)
	}
	f.Fuzz(func(t *testing.T, step uint8, in []byte) {
		conn := &octets{Reader: bytes.NewReader(in), step: int(step)}
		s, err := Connect(t.Context(), conn, DialConfig{Handler: HandlerFunc(answerAll)})
		if err == nil {
			err = s.Run(t.Context())
		}
		if err == nil {
			t.Error("the peer went away, but no error")
		}
		conn.wholePDUs(t)
	})
}
