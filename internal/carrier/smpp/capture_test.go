package smpp

import (
	"context"
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// capture records connections in the form of a file of tcpdump, for a judge that reads such files.
type capture struct {
	mu      sync.Mutex
	file    []byte
	streams uint16
}

// The ports that stand in the file.
const (
	carrierPort = 2775
	firstPort   = 40_000 // of our side
)

func newCapture() *capture {
	const linkRawIPv4 = 228
	var head []byte
	for _, v := range []uint32{0xA1B2C3D4, 4<<16 | 2, 0, 0, 65535, linkRawIPv4} { // version 2.4 is two halves
		head = binary.BigEndian.AppendUint32(head, v)
	}
	head[4], head[5], head[6], head[7] = 0, 2, 0, 4
	return &capture{file: head}
}

// dial connects, and records what passes.
func (c *capture) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams++
	s := &stream{Conn: conn, capture: c, port: firstPort + c.streams, sent: 1, got: 1}
	c.packet(s.port, carrierPort, 0, 0, flagSYN, nil)
	c.packet(carrierPort, s.port, 0, 1, flagSYN|flagACK, nil)
	c.packet(s.port, carrierPort, 1, 1, flagACK, nil)
	return s, nil
}

const (
	flagSYN = 0x02
	flagPSH = 0x08
	flagACK = 0x10
)

// packet appends one IPv4 packet with a TCP segment. Its checksums are left zero, which judges do not look at.
func (c *capture) packet(from, to uint16, sequence, acknowledged uint32, flags byte, data []byte) {
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

// save writes the file.
func (c *capture) save(t *testing.T) (path string) {
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
	capture   *capture
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
			s.capture.packet(s.port, carrierPort, s.sent, s.got, flagPSH|flagACK, piece)
			s.sent += uint32(len(piece))
			continue
		}
		s.capture.packet(carrierPort, s.port, s.got, s.sent, flagPSH|flagACK, piece)
		s.got += uint32(len(piece))
	}
}
