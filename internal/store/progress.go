package store

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// progressVersion is the first octet of message.progress. Then, for each part: state, bits, doubts (an octet each),
// milliseconds since 1970 (varint; 0: none), and ref and code, each with its length (uvarint) before it.
const progressVersion = 1

const (
	bitSeen   = 1
	bitWhole  = 2
	bitLapsed = 4
	bitWaived = 8
)

func packProgress(parts []sms.Part) []byte {
	if len(parts) == 0 {
		return nil
	}
	packed := make([]byte, 1, 1+24*len(parts))
	packed[0] = progressVersion
	for _, p := range parts {
		var bits byte
		if p.Seen {
			bits |= bitSeen
		}
		if p.Whole {
			bits |= bitWhole
		}
		if p.Lapsed {
			bits |= bitLapsed
		}
		if p.Waived {
			bits |= bitWaived
		}
		packed = append(packed, byte(p.State), bits, p.Doubts)
		var at int64
		if !p.At.IsZero() {
			at = p.At.UnixMilli()
		}
		packed = binary.AppendVarint(packed, at)
		packed = appendText(appendText(packed, p.Ref), p.Code)
	}
	return packed
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

var errProgress = errors.New("message.progress is damaged")

func unpackProgress(packed []byte) ([]sms.Part, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	if packed[0] != progressVersion {
		return nil, errProgress
	}
	parts := make([]sms.Part, 0, 1)
	for rest := packed[1:]; len(rest) > 0; {
		if len(rest) < 4 {
			return nil, errProgress
		}
		p := sms.Part{State: sms.State(rest[0]), Seen: rest[1]&bitSeen != 0, Whole: rest[1]&bitWhole != 0,
			Lapsed: rest[1]&bitLapsed != 0, Waived: rest[1]&bitWaived != 0, Doubts: rest[2]}
		at, n := binary.Varint(rest[3:])
		if n <= 0 {
			return nil, errProgress
		}
		if at != 0 {
			p.At = time.UnixMilli(at).UTC()
		}
		rest = rest[3+n:]
		for _, text := range []*string{&p.Ref, &p.Code} {
			length, n := binary.Uvarint(rest)
			if n <= 0 || length > uint64(len(rest)-n) {
				return nil, errProgress
			}
			*text = string(rest[n : n+int(length)])
			rest = rest[n+int(length):]
		}
		parts = append(parts, p)
	}
	return parts, nil
}
