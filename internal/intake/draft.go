package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

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
	details  []string // reasons in words
}

func (d *draft) refuse(reason string) { d.reasons = append(d.reasons, reason) }

// encode chooses the encoding and counts the parts.
func (d *draft) encode(text string, transliterate bool, wrong *problems) {
	m := &d.message
	if transliterate {
		near, replaced := gsm.Transliterate(text)
		if !replaced && shapeless(text) {
			wrong.add("body", "has only characters without a shape: nothing is left when it is transliterated")
			return
		}
		text = near
	}
	m.Text = text
	if m.UDH != nil {
		segment, err := gsm.SplitWithUDH(text, m.UDH)
		if err != nil {
			wrong.add("udhData", "%s", strings.TrimPrefix(err.Error(), "gsm: "))
		}
		m.Encoding, m.Parts = sms.Encoding(segment.Encoding), 1
		return
	}
	encoding, _, parts := gsm.Count(text)
	m.Encoding, m.Parts = sms.Encoding(encoding), parts
}

func shapeless(text string) bool { return !gsm.Fits(text) && gsm.TransliterateLossy(text) == "" }

func (d *draft) answer(id string) Answer {
	m := &d.message
	a := Answer{MessageID: id, Accepted: len(d.reasons) == 0, Unicode: m.Encoding == sms.UCS2, Parts: m.Parts, Reasons: d.reasons, Details: d.details}
	if a.Reasons == nil {
		a.Reasons = []string{}
	}
	return a
}

// digest is the same for two requests that ask for the same message, however and whenever they wrote it: nothing of
// it depends on the clock or on how the account is set. Digests are stored.
func digest(m *sms.Message, text string, date time.Time, validity time.Duration, transliterate *bool) uint64 {
	due := int64(0)
	if !date.IsZero() {
		due = date.UnixMilli()
	}
	content, _ := json.Marshal([]any{m.Destination, m.Sender, text, m.Campaign, m.CallerID, m.UDH, m.Notify, due,
		validity / time.Second, m.Priority, m.Flash, transliterate})
	sum := sha256.Sum256(content)
	return binary.BigEndian.Uint64(sum[:8])
}

// references hands out the references of concatenated messages. Destinations share a few thousand counters, so that
// two messages to one destination differ unless 255 others of its counter lie between them. They begin anywhere:
// what was sent before a restart may still be on its way.
type references struct {
	begin byte
	last  [4096]atomic.Uint32
}

func (r *references) next(to sms.Number) byte {
	return r.begin + byte(r.last[uint64(to)%uint64(len(r.last))].Add(1))
}
