package smpp

import (
	"errors"
	"sync"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
)

var (
	errTooLong = errors.New("the text does not fit what the carrier takes")
	errSentSo  = errors.New("a part was sent already, in another way than the carrier's address says now")
)

// cut makes the pieces of a message, one for each submit_sm. They are its parts as they were accepted and paid for,
// unless the dialect wants it otherwise: joint is true then, and all pieces stand for all parts together.
func (d *Dialect) cut(m *sms.Message) (pieces []gsm.Segment, joint bool, err error) {
	if d.Long == LongPayload && m.Parts > 1 && len(m.UDH) == 0 && allWait(m) {
		return []gsm.Segment{d.whole(m.Text)}, true, nil
	}
	pieces, err = split(m)
	if err != nil || d.septets() || pieces[0].Encoding != gsm.GSM7 || shifted(m.UDH) {
		return pieces, false, err
	}
	if d.recode(m, pieces) {
		return pieces, false, nil
	}
	if m.Raw {
		return nil, false, errTooLong
	}
	if pieces, err = cutUCS2(m); err != nil || len(pieces) == max(m.Parts, 1) {
		return pieces, false, err
	}
	if !allWait(m) {
		err = errSentSo
	}
	return pieces, true, err
}

// whole is a text for message_payload.
func (d *Dialect) whole(text string) gsm.Segment {
	if octets, ok := d.encode(text); ok {
		return gsm.Segment{Encoding: gsm.GSM7, Payload: octets}
	}
	return gsm.Segment{Encoding: gsm.UCS2, Payload: gsm.EncodeUCS2(nil, text)}
}

// recode changes parts from the GSM alphabet to that of the carrier; false when it lacks a character. The seams stay
// where they were paid for.
func (d *Dialect) recode(m *sms.Message, parts []gsm.Segment) bool {
	for i := range parts {
		text := m.Text
		if len(parts) > 1 || m.Raw {
			text = gsm.DecodeGSM(parts[i].Payload)
		}
		octets, ok := d.encode(text)
		if !ok {
			return false
		}
		parts[i].Payload = octets
	}
	return true
}

// cutUCS2 cuts a text of the GSM alphabet as UCS-2. All its characters are one unit, so any seam is good.
func cutUCS2(m *sms.Message) ([]gsm.Segment, error) {
	octets := gsm.EncodeUCS2(nil, m.Text)
	if len(m.UDH) > 0 || len(octets) <= 2*gsm.MaxUnits {
		if len(octets) > gsm.Capacity(gsm.UCS2, len(m.UDH)) {
			return nil, errTooLong
		}
		return []gsm.Segment{{Encoding: gsm.UCS2, UDH: m.UDH, Payload: octets}}, nil
	}
	const room = 2 * gsm.MaxPartUnits
	total := (len(octets) + room - 1) / room
	if total > gsm.MaxParts {
		return nil, errTooLong
	}
	pieces := make([]gsm.Segment, total)
	for i := range pieces {
		pieces[i] = gsm.Segment{Encoding: gsm.UCS2, UDH: []byte{concatLength - 1, 0, 3, m.Reference, byte(total), byte(i + 1)},
			Payload: octets[i*room : min((i+1)*room, len(octets))]}
	}
	return pieces, nil
}

// shifted reports whether a header of the caller's own names national languages: the text is septets of theirs then.
func shifted(udh []byte) bool {
	if len(udh) == 0 {
		return false
	}
	header, _, err := gsm.ParseUDH(udh)
	locking, single := header.Languages()
	return err == nil && (locking != gsm.Default || single != gsm.Default)
}

func allWait(m *sms.Message) bool {
	for part := range max(m.Parts, 1) {
		if !waits(m, part) {
			return false
		}
	}
	return true
}

// jointly collects the answers of all pieces and gives the worst of them to every part. The first part gets the id of
// the last piece, of which the receipt is asked, and it speaks for all.
func jointly(m *sms.Message, pieces int, done func(part int, a dispatch.Answer)) func(piece int, a dispatch.Answer) {
	var mu sync.Mutex
	answers := make([]dispatch.Answer, 0, pieces)
	last := dispatch.Answer{}
	return func(piece int, a dispatch.Answer) {
		mu.Lock()
		answers = append(answers, a)
		if piece == pieces-1 {
			last = a
		}
		over := len(answers) == pieces
		mu.Unlock()
		if !over {
			return
		}
		one := worst(answers)
		if one.Verdict == dispatch.Accepted {
			one.Ref, one.Whole = last.Ref, true
		}
		for part := range max(m.Parts, 1) {
			done(part, one)
			one.Ref = ""
		}
	}
}

// severity is the order in which one answer stands for several: what is final, then what nobody knows, because a
// message of which a piece may have left must not be sent again without counting, then what comes again.
var severity = map[dispatch.Verdict]int{dispatch.Accepted: 1, dispatch.NotSent: 2, dispatch.Temporary: 3, dispatch.Throttled: 4,
	dispatch.CarrierWide: 5, dispatch.Uncertain: 6, dispatch.Permanent: 7}

func worst(answers []dispatch.Answer) dispatch.Answer {
	one, left := answers[0], false
	for _, a := range answers {
		if severity[a.Verdict] > severity[one.Verdict] {
			one = a
		}
		left = left || a.Verdict != dispatch.NotSent
	}
	if one.Verdict == dispatch.NotSent && left { // a piece was taken, so it is not untouched
		one = dispatch.Answer{Verdict: dispatch.Temporary, Reason: "the session to the carrier ended before all of the message was sent"}
	}
	return one
}
