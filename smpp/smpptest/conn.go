// Package smpptest has scripted SMPP peers for tests: an SMSC that answers,
// delays, drops, answers twice, lies about sequence numbers, throttles, resets
// and sends receipts; and an ESME that sends whatever octets a test wants.
//
// In goes a script, out come frames on a connection. The peers work on raw
// frames and keep no rule of the protocol by themselves, so that they can break
// each of them. They are for tests only.
package smpptest

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

// Patience is how long a peer waits for something that must come.
const Patience = 10 * time.Second

// Frame is one PDU as it came.
type Frame struct {
	smpp.Header
	// PDU is nil for one that the codec refuses; Err then says why.
	PDU smpp.PDU
	Err error
	// Raw is the whole frame.
	Raw []byte
}

// Conn is one end of a connection on which frames are written at will. Its
// methods may be called from any goroutine, ReadFrame from one at a time.
type Conn struct {
	net.Conn
	mu   sync.Mutex
	last uint32
}

// Send writes a PDU with a given status and sequence number.
func (c *Conn) Send(status smpp.CommandStatus, sequence uint32, p smpp.PDU) error {
	b, err := smpp.AppendPDU(nil, status, sequence, p)
	if err != nil {
		return err
	}
	return c.WriteRaw(b)
}

// SendBare writes a PDU that is a header only.
func (c *Conn) SendBare(id smpp.CommandID, status smpp.CommandStatus, sequence uint32) error {
	return c.WriteRaw(Raw(id, status, sequence, nil))
}

// Request writes a request under the next sequence number, which it returns.
func (c *Conn) Request(p smpp.PDU) (uint32, error) {
	c.mu.Lock()
	c.last++
	seq := c.last
	c.mu.Unlock()
	return seq, c.Send(smpp.ESME_ROK, seq, p)
}

// WriteRaw writes octets as they are.
func (c *Conn) WriteRaw(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.Conn.Write(b)
	return err
}

// ReadFrame returns the next frame.
func (c *Conn) ReadFrame() (Frame, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.Conn, head[:]); err != nil {
		return Frame{}, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < smpp.HeaderLen || n > 1<<20 {
		return Frame{}, &smpp.FrameError{Header: smpp.Header{Length: n}, Max: 1 << 20}
	}
	raw := make([]byte, n)
	copy(raw, head[:])
	if _, err := io.ReadFull(c.Conn, raw[4:]); err != nil {
		return Frame{}, err
	}
	f := Frame{Raw: raw}
	f.Header, f.PDU, f.Err = smpp.Decode(raw)
	return f, nil
}

// Expect returns the next frame that has the command_id; enquire_link is
// answered and everything else is passed over. It fails the test when none comes
// within Patience.
func (c *Conn) Expect(t testing.TB, id smpp.CommandID) Frame {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(Patience)) // a dead connection fails in Read
	defer func() { _ = c.SetReadDeadline(time.Time{}) }()
	for {
		f, err := c.ReadFrame()
		if err != nil {
			t.Fatalf("smpptest: waiting for %v: %v", id, err)
		}
		if f.ID == id {
			return f
		}
		if f.ID == smpp.CommandEnquireLink {
			_ = c.SendBare(smpp.CommandEnquireLinkResp, smpp.ESME_ROK, f.Sequence)
		}
	}
}

// Reset ends the connection the rude way: the peer sees "connection reset"
// where it is TCP.
func (c *Conn) Reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // then Close is all the same
	}
	_ = c.Close() // gone is gone
}

// Raw builds a frame of any command and body.
func Raw(id smpp.CommandID, status smpp.CommandStatus, sequence uint32, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(smpp.HeaderLen+len(body)))
	b = binary.BigEndian.AppendUint32(b, uint32(id))
	b = binary.BigEndian.AppendUint32(b, uint32(status))
	b = binary.BigEndian.AppendUint32(b, sequence)
	return append(b, body...)
}
