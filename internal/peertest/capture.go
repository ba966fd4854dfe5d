package peertest

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Capture records connections in the form of a file of tcpdump, for a judge that reads such files.
type Capture struct {
	mu      sync.Mutex
	file    []byte
	streams uint16
}

// The ports that stand in the file: ListenPort is the side that listens; the n-th connection dials from DialPort+n.
const (
	ListenPort = 2775
	DialPort   = 40_000
)

// NewCapture begins a file.
func NewCapture() *Capture {
	const linkRawIPv4 = 228
	var head []byte
	for _, v := range []uint32{0xA1B2C3D4, 4<<16 | 2, 0, 0, 65535, linkRawIPv4} { // version 2.4 is two halves
		head = binary.BigEndian.AppendUint32(head, v)
	}
	head[4], head[5], head[6], head[7] = 0, 2, 0, 4
	return &Capture{file: head}
}

// Dial connects, and records what passes.
func (c *Capture) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c.record(conn), nil
}

// record is a connection of the side that dials, with a record of what passes.
func (c *Capture) record(conn net.Conn) *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams++
	s := &stream{Conn: conn, capture: c, port: DialPort + c.streams, sent: 1, got: 1}
	c.packet(s.port, ListenPort, 0, 0, flagSYN, nil)
	c.packet(ListenPort, s.port, 0, 1, flagSYN|flagACK, nil)
	c.packet(s.port, ListenPort, 1, 1, flagACK, nil)
	return s
}

// Before listens on a free port until the test ends, and passes every connection on to an address, recorded.
func (c *Capture) Before(t *testing.T, address string) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			passing.Go(func() { c.pass(ctx, near, address) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); cancel(); passing.Wait() })
	return listener.Addr().String()
}

// pass connects a connection with an address until either side ends it.
func (c *Capture) pass(ctx context.Context, near net.Conn, address string) {
	defer func() { _ = near.Close() }()
	far, err := c.Dial(ctx, "tcp", address)
	if err != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = far.Close() })
	defer stop()
	var back sync.WaitGroup
	back.Go(func() { _, _ = io.Copy(near, far); _ = near.Close() })
	_, _ = io.Copy(far, near)
	_ = far.Close()
	back.Wait()
}

const (
	flagSYN = 0x02
	flagPSH = 0x08
	flagACK = 0x10
)

// packet appends one IPv4 packet with a TCP segment. Its checksums are left zero, which judges do not look at.
func (c *Capture) packet(from, to uint16, sequence, acknowledged uint32, flags byte, data []byte) {
	length := uint32(20 + 20 + len(data))
	now := time.Now()
	for _, v := range []uint32{uint32(now.Unix()), uint32(now.Nanosecond() / 1000), length, length} {
		c.file = binary.BigEndian.AppendUint32(c.file, v)
	}
	c.file = append(c.file, 0x45, 0, byte(length>>8), byte(length), 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
	c.file = binary.BigEndian.AppendUint16(c.file, from)
	c.file = binary.BigEndian.AppendUint16(c.file, to)
	c.file = binary.BigEndian.AppendUint32(c.file, sequence)
	c.file = binary.BigEndian.AppendUint32(c.file, acknowledged)
	c.file = append(c.file, 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0)
	c.file = append(c.file, data...)
}

// Await waits until octets have passed, given in hex.
func (c *Capture) Await(t *testing.T, octets string) {
	t.Helper()
	want, err := hex.DecodeString(octets)
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); <-tick.C {
		c.mu.Lock()
		seen := bytes.Contains(c.file, want)
		c.mu.Unlock()
		if seen {
			return
		}
	}
	t.Fatalf("no %s has passed", octets)
}

// Save writes the file.
func (c *Capture) Save(t *testing.T) (path string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	path = filepath.Join(t.TempDir(), "smpp.pcap")
	if err := os.WriteFile(path, c.file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// stream is a connection that is recorded.
type stream struct {
	net.Conn
	capture   *Capture
	port      uint16
	sent, got uint32 // next sequence numbers of both sides
}

func (s *stream) Write(b []byte) (int, error) {
	s.record(b, true)
	return s.Conn.Write(b)
}

func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	s.record(b[:n], false)
	return n, err
}

func (s *stream) record(b []byte, ours bool) {
	s.capture.mu.Lock()
	defer s.capture.mu.Unlock()
	for len(b) > 0 {
		piece := b[:min(len(b), 1400)]
		b = b[len(piece):]
		if ours {
			s.capture.packet(s.port, ListenPort, s.sent, s.got, flagPSH|flagACK, piece)
			s.sent += uint32(len(piece))
			continue
		}
		s.capture.packet(ListenPort, s.port, s.got, s.sent, flagPSH|flagACK, piece)
		s.got += uint32(len(piece))
	}
}
