package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"time"
)

// ID is the primary key of a message: milliseconds since 2025-01-01 UTC · 2²² | node (10 bits) · 2¹² | sequence
// (12 bits). IDs of one node ascend in order of acceptance. The zero value is no message.
type ID int64

var idEpoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// MaxNode is the largest node number that an ID can carry.
const MaxNode = 1<<10 - 1

// MakeID puts an ID together; at is cut to milliseconds.
func MakeID(at time.Time, node, sequence int) ID {
	return ID((at.UnixMilli()-idEpoch)<<22 | int64(node&MaxNode)<<12 | int64(sequence&0xfff))
}

// Time is the moment of acceptance that the ID carries, to the millisecond, UTC.
func (id ID) Time() time.Time { return time.UnixMilli(int64(id)>>22 + idEpoch).UTC() }

// Node is the number of the node that accepted the message.
func (id ID) Node() int { return int(id>>12) & MaxNode }

// IDSource hands out ascending IDs for one node. It starts past the highest stored one and runs ahead of the clock
// when the sequence numbers of a millisecond are used up or the clock goes back. Not safe for concurrent use.
type IDSource struct {
	node int
	last ID
}

// NewIDSource starts a source after the highest stored ID, whichever node made it.
func NewIDSource(node int, highest ID) *IDSource { return &IDSource{node: node, last: highest} }

// Next returns an ID greater than any before.
func (s *IDSource) Next(now time.Time) ID {
	id := MakeID(now, s.node, 0)
	if id <= s.last {
		id = s.last + 1
		if last := s.last.Time(); id>>12 != MakeID(last, s.node, 0)>>12 {
			id = MakeID(last.Add(time.Millisecond), s.node, 0)
		}
	}
	s.last = id
	return id
}

// As is a source that goes on as another node, past every ID of this one and past the highest stored one.
func (s *IDSource) As(node int, highest ID) *IDSource { return NewIDSource(node, max(s.last, highest)) }

// PublicIDs translates between IDs and the ids that customers see: UUIDv7 (RFC 9562 §5.7) carrying the same time,
// node and sequence and 52 bits of an HMAC-SHA256 under the server's secret, so that looking one up is looking up
// a primary key, and nobody can guess one. Safe for concurrent use.
type PublicIDs struct{ macs sync.Pool }

// NewPublicIDs keys the translation with the server's secret.
func NewPublicIDs(secret []byte) *PublicIDs {
	key := append([]byte("public id\x00"), secret...)
	return &PublicIDs{macs: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// Format writes the public id: 36 characters.
func (p *PublicIDs) Format(id ID) string {
	var raw [16]byte
	p.put(&raw, id)
	var digits [32]byte
	hex.Encode(digits[:], raw[:])
	text := make([]byte, 0, 36)
	text = append(append(text, digits[:8]...), '-')
	text = append(append(text, digits[8:12]...), '-')
	text = append(append(text, digits[12:16]...), '-')
	text = append(append(text, digits[16:20]...), '-')
	text = append(text, digits[20:]...)
	return string(text)
}

// Parse reads a public id in either letter case; false for any text that this server did not make.
func (p *PublicIDs) Parse(text string) (ID, bool) {
	raw, ok := parseUUID(text)
	if !ok {
		return 0, false
	}
	ms := int64(binary.BigEndian.Uint64(raw[0:8]) >> 16)
	sequence := int(binary.BigEndian.Uint16(raw[6:8]) & 0xfff)
	node := int(binary.BigEndian.Uint16(raw[8:10])>>4) & MaxNode
	if ms <= idEpoch {
		return 0, false
	}
	id := MakeID(time.UnixMilli(ms), node, sequence)
	var want [16]byte
	if p.put(&want, id); !hmac.Equal(raw[:], want[:]) {
		return 0, false
	}
	return id, true
}

func (p *PublicIDs) put(raw *[16]byte, id ID) {
	binary.BigEndian.PutUint64(raw[0:8], uint64(int64(id)>>22+idEpoch)<<16|0x7000|uint64(id&0xfff))
	mac := p.macs.Get().(interface {
		Write([]byte) (int, error)
		Sum([]byte) []byte
		Reset()
	})
	defer p.macs.Put(mac)
	mac.Reset()
	var plain [8]byte
	binary.BigEndian.PutUint64(plain[:], uint64(id))
	_, _ = mac.Write(plain[:])
	var sum [sha256.Size]byte
	check := binary.BigEndian.Uint64(mac.Sum(sum[:0])) >> 12
	binary.BigEndian.PutUint64(raw[8:16], 0b10<<62|uint64(id.Node())<<52|check)
}

func parseUUID(text string) (raw [16]byte, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return raw, false
	}
	digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	_, err := hex.Decode(raw[:], []byte(digits))
	return raw, err == nil
}
