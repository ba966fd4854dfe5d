package intake

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// simulate answers what Accept would, and leaves no trace.
func (in *Intake) simulate(ctx context.Context, d *draft, now time.Time) (Answer, error) {
	m := &d.message
	unwanted, err := in.store.Unwanted(ctx, []*sms.Message{m})
	if err != nil {
		return Answer{}, err
	}
	if unwanted[0] {
		d.refuse(Blocked)
	}
	if len(d.reasons) == 0 {
		balance, err := in.store.Balance(ctx, m.Account)
		if err != nil {
			return Answer{}, err
		}
		if balance.Available() < m.Price() {
			d.refuse(NoCredit)
		}
	}
	id := m.CallerID
	if id == "" {
		id = nobody(now)
	}
	answer := d.answer(id)
	answer.Simulation = true
	answer.Preview = d.preview()
	return answer, nil
}

// nobody is an id in the form of the others (UUIDv7, RFC 9562 §5.7) that no message has, now or later: it carries
// chance where theirs carry a check.
func nobody(now time.Time) string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails, by its contract
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint64(raw[:8], ms<<16|0x7000|uint64(binary.BigEndian.Uint16(raw[6:8])&0xfff))
	raw[8] = raw[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:])
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
