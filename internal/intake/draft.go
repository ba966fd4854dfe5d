package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"sync/atomic"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// draft is a message on its way to being accepted.
type draft struct {
	message  sms.Message
	key      string // Idempotency-Key
	maxParts int
	route    string
	reasons  []string
}

func (d *draft) refuse(reason string) { d.reasons = append(d.reasons, reason) }

// encode chooses the encoding and counts the parts.
func (d *draft) encode(text string, transliterate bool, wrong *problems) {
	m := &d.message
	if transliterate {
		text, _ = gsm.Transliterate(text)
	}
	m.Text = text
	if m.UDH != nil {
		segment, err := gsm.SplitWithUDH(text, m.UDH)
		if err != nil {
			wrong.add("udhData", "header and text must fit one part: %s", err)
		}
		m.Encoding, m.Parts = sms.Encoding(segment.Encoding), 1
		return
	}
	encoding, _, parts := gsm.Count(text)
	m.Encoding, m.Parts = sms.Encoding(encoding), parts
}

func (d *draft) answer(id string) Answer {
	m := &d.message
	a := Answer{MessageID: id, Accepted: len(d.reasons) == 0, Unicode: m.Encoding == sms.UCS2, Parts: m.Parts, Reasons: d.reasons}
	if a.Reasons == nil {
		a.Reasons = []string{}
	}
	return a
}

func (d *draft) preview() *Preview {
	m := &d.message
	p := &Preview{Encoding: gsm.Encoding(m.Encoding).String(), Characters: gsm.Characters(m.Text), ForcedBy: []string{},
		Price: m.Price(), Route: d.route}
	if m.Encoding == sms.UCS2 {
		for _, r := range gsm.Foreign(m.Text) {
			p.ForcedBy = append(p.ForcedBy, string(r))
		}
	}
	return p
}

// digest is the same for two requests that ask for the same message, however they wrote it.
func (d *draft) digest(r *Request) uint64 {
	m := &d.message
	due := r.ScheduledDate
	if !m.Due.IsZero() {
		due = m.Due.String()
	}
	var validity int64
	if r.ValidityPeriod != nil {
		validity = *r.ValidityPeriod
	}
	content, _ := json.Marshal([]any{m.Destination, m.Sender, m.Text, m.Campaign, m.CallerID, m.UDH, m.Notify, due, validity, m.Priority, m.Flash})
	sum := sha256.Sum256(content)
	return binary.BigEndian.Uint64(sum[:8])
}

// references hands out the references of concatenated messages, so that two of them to one destination differ unless
// 255 others lie between them.
type references struct{ last atomic.Uint32 }

func (r *references) next() byte { return byte(r.last.Add(1)) }
