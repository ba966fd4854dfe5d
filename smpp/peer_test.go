package smpp

import (
	"context"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// peer is the far end of a session: it reads and writes frames at will. In a
// synctest bubble nothing of it takes time.
type peer struct {
	t      *testing.T
	conn   net.Conn
	frames *frameReader
}

// bound is a session that runs, already bound, and its peer.
type bound struct {
	*Session
	peer  *peer
	ended chan error // the result of Run
}

// bindPipe makes a session of one side over a pipe.
func bindPipe(t *testing.T, server bool, as BindType, c Config, h Handler) *bound {
	near, far := net.Pipe()
	cfg := c.withDefaults()
	s := newSession(near, newFrameReader(near, cfg.MaxPDU), cfg, BindInfo{Type: as, SystemID: "esme"}, server, h)
	b := &bound{Session: s, ended: make(chan error, 1)}
	b.peer = &peer{t: t, conn: far, frames: newFrameReader(far, DefaultMaxPDU)}
	go func() { b.ended <- s.Run(context.Background()) }()
	return b
}

func bindClient(t *testing.T, c Config, h Handler) *bound {
	return bindPipe(t, false, Transceiver, c, h)
}

// end closes the session and waits for Run.
func (b *bound) end() {
	_ = b.Close()
	b.ended <- <-b.ended
}

// result returns what Run returned, when it has.
func (b *bound) result() error {
	err := <-b.ended
	b.ended <- err
	return err
}

func (p *peer) read() (Header, []byte) {
	p.t.Helper()
	h, frame, err := p.frames.read()
	if err != nil {
		p.t.Fatalf("peer reads: %v", err)
	}
	return h, frame[HeaderLen:]
}

// expect reads one frame and compares its header.
func (p *peer) expect(id CommandID, status CommandStatus, sequence uint32) []byte {
	p.t.Helper()
	h, body := p.read()
	if h.ID != id || h.Status != status || sequence != 0 && h.Sequence != sequence {
		p.t.Fatalf("got %v %v %d, want %v %v %d", h.ID, h.Status, h.Sequence, id, status, sequence)
	}
	return body
}

func (p *peer) expectEnd() {
	p.t.Helper()
	if h, _, err := p.frames.read(); err != io.EOF {
		p.t.Errorf("got %+v, %v, want the end", h, err)
	}
}

// send writes a PDU; a session that is over is no failure.
func (p *peer) send(status CommandStatus, sequence uint32, pdu PDU) {
	p.t.Helper()
	b, err := AppendPDU(nil, status, sequence, pdu)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(b)
}

func (p *peer) write(b []byte) {
	p.t.Helper()
	if _, err := p.conn.Write(b); err != nil {
		p.t.Errorf("peer writes: %v", err)
	}
}

func (p *peer) bare(id CommandID, status CommandStatus, sequence uint32) {
	p.t.Helper()
	p.write(appendBare(nil, id, status, sequence))
}

// outcomes collects what done was called with.
type outcomes struct{ c chan Response }

func newOutcomes() outcomes { return outcomes{make(chan Response, 10_000)} }

func (o outcomes) done(r Response) { o.c <- r }

// all returns what has come once everything in the bubble stands still.
func (o outcomes) all() []Response {
	synctest.Wait()
	var list []Response
	for len(o.c) > 0 {
		list = append(list, <-o.c)
	}
	return list
}

func (b *bound) begin(t *testing.T, o outcomes) {
	t.Helper()
	if err := b.Begin(context.Background(), &SubmitSM{DestinationAddr: "1"}, o.done); err != nil {
		t.Fatal(err)
	}
}

// keep collects requests without replying to them.
type keep struct{ requests []*Request }

func (k *keep) Handle(_ context.Context, r *Request) { k.requests = append(k.requests, r) }

func (k *keep) all() []*Request {
	synctest.Wait()
	return slices.Clone(k.requests)
}

// at fails the test unless so much time has passed since start.
func at(t *testing.T, start time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(start); got != want {
		t.Errorf("after %v, want %v", got, want)
	}
}
