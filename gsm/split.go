package gsm

import (
	"errors"
	"fmt"
)

// Segment is the user data of one short message. UDH is the header with its length octet, nil when there is none.
// Payload is unpacked septets for GSM7, UTF-16BE for UCS2, octets for Binary. The slices may share one allocation
// with other segments of the same text: append to a copy only.
type Segment struct {
	Encoding Encoding
	UDH      []byte
	Payload  []byte
}

// UserData returns header and payload together. Without a header that is Payload itself, not a copy.
func (s Segment) UserData() []byte {
	if len(s.UDH) == 0 {
		return s.Payload
	}
	return s.AppendUserData(make([]byte, 0, len(s.UDH)+len(s.Payload)))
}

// AppendUserData appends header and payload.
func (s Segment) AppendUserData(dst []byte) []byte {
	return append(append(dst, s.UDH...), s.Payload...)
}

// AppendPacked appends header and payload as the radio path has them: septets packed behind the fill bits that the
// header asks for (TS 23.040 §9.2.3.24). Other encodings are appended as they are.
func (s Segment) AppendPacked(dst []byte) []byte {
	if s.Encoding != GSM7 {
		return s.AppendUserData(dst)
	}
	return Pack(append(dst, s.UDH...), s.Payload, FillBits(len(s.UDH)))
}

// Split encodes text and cuts it into segments for the wire, in order. With more than one, each begins with the six
// octets of the concatenation header for an 8-bit reference, 05 00 03 ref total index (TS 23.040 §9.2.3.24.1). An
// escape pair or a surrogate pair is never cut. An empty text is one empty segment.
//
// The header cannot number more than [MaxParts] parts: for a longer text Split returns nil. [Count] says so before.
func Split(text string, ref byte) []Segment {
	if segments := splitOne(text); segments != nil {
		return segments
	}
	encoding, units, parts := Count(text)
	if parts > MaxParts {
		return nil
	}
	form := forms[encoding]
	buffer := make([]byte, 0, parts*concatLength+units*form.octets)
	segments := make([]Segment, 0, parts)
	for len(text) > 0 {
		start := len(buffer)
		buffer = append(buffer, concatLength-1, concat8, 3, ref, byte(parts), byte(len(segments)+1))
		taken, payload := 0, start+concatLength
		buffer, taken = form.encode(buffer, text, form.limit)
		text = text[taken:]
		segments = append(segments, Segment{encoding, buffer[start:payload:payload], buffer[payload:len(buffer):len(buffer)]})
	}
	return segments
}

// concatLength is the octets of a concatenation header with an 8-bit reference, length octet included.
const concatLength = 6

// form is how an encoding fills one of several parts: limit units of some octets each.
type form struct {
	limit, octets int
	encode        func(dst []byte, text string, limit int) ([]byte, int)
}

var forms = [...]form{
	GSM7: {MaxPartSeptets, 1, appendGSM},
	UCS2: {MaxPartUnits, 2, appendUCS2},
}

// splitOne encodes a text that fits one part, in one pass and one allocation; nil when it does not fit.
func splitOne(text string) []Segment {
	if len(text) > maxOneOctets {
		return nil
	}
	one := new(struct {
		segments [1]Segment
		buffer   [MaxSeptets]byte
	})
	encoding := GSM7
	payload, taken := appendGSM(one.buffer[:0], text, MaxSeptets)
	if taken < len(text) {
		// A text of seventy units is at most 140 septets: only a foreign character can have stopped the first try.
		encoding = UCS2
		if payload, taken = appendUCS2(one.buffer[:0], text, MaxUnits); taken < len(text) {
			return nil
		}
	}
	one.segments[0] = Segment{Encoding: encoding, Payload: payload}
	return one.segments[:]
}

// maxOneOctets is the longest UTF-8 text of one part: 160 letters of two octets. Seventy of UCS-2 take at most 210.
const maxOneOctets = 2 * MaxSeptets

// Errors of SplitWithUDH and WithUDH.
var (
	ErrHeader  = errors.New("gsm: malformed user data header")
	ErrTooLong = errors.New("gsm: header and text exceed one message")
)

// SplitWithUDH encodes text behind a header of the caller's own, its length octet first; text is not split. Header
// and text must fit one message of 140 octets, else [ErrTooLong]; a header that is not whole gives [ErrHeader]. When
// the header names national languages, the text is tried in those tables before UCS-2 is chosen. The segment shares
// udh's memory.
func SplitWithUDH(text string, udh []byte) (Segment, error) {
	header, err := wholeHeader(udh)
	if err != nil {
		return Segment{}, err
	}
	locking, single := header.Languages()
	segment := Segment{Encoding: GSM7, UDH: udh}
	payload, ok := EncodeNational(nil, text, locking, single)
	if !ok {
		segment.Encoding = UCS2
		payload = EncodeUCS2(nil, text)
	}
	segment.Payload = payload
	return segment.checked()
}

// WithUDH puts raw octets behind a header, as 8-bit data; udh may be empty. Limits and errors are those of
// [SplitWithUDH]. The segment shares the memory of both.
func WithUDH(payload, udh []byte) (Segment, error) {
	segment := Segment{Encoding: Binary, Payload: payload}
	if len(udh) > 0 {
		if _, err := wholeHeader(udh); err != nil {
			return Segment{}, err
		}
		segment.UDH = udh
	}
	return segment.checked()
}

// wholeHeader parses udh, which must be a header and nothing else.
func wholeHeader(udh []byte) (UDH, error) {
	header, rest, err := ParseUDH(udh)
	if err != nil {
		return UDH{}, err
	}
	if len(rest) > 0 {
		return UDH{}, fmt.Errorf("%w: %d octets after its end", ErrHeader, len(rest))
	}
	return header, nil
}

// checked returns the segment if it fits one message.
func (s Segment) checked() (Segment, error) {
	if capacity := Capacity(s.Encoding, len(s.UDH)); len(s.Payload) > capacity {
		return Segment{}, fmt.Errorf("%w: %d octets of %s, room for %d", ErrTooLong, len(s.Payload), s.Encoding, capacity)
	}
	return s, nil
}

// Capacity returns the octets that Segment.Payload may have behind a header of the given octets, length octet
// included: septets for GSM7, whole units for UCS2. It is never negative.
func Capacity(encoding Encoding, header int) int {
	octets := max(MaxOctets-max(header, 0), 0)
	switch encoding {
	case GSM7:
		return octets * 8 / 7
	case UCS2:
		return octets &^ 1
	}
	return octets
}
