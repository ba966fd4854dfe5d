package intake

import (
	"bytes"
	"encoding/hex"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// keep takes user data that a door has in the form of the wire. It travels as it is, so it has to fit one message. It is
// kept as text when that gives the same octets again, so that people can read it.
func (d *draft) keep(r *Request, wrong *problems) {
	m := &d.message
	if m.UDH != nil {
		if _, err := gsm.WithUDH(nil, m.UDH); err != nil {
			wrong.add("udhData", "is no whole user data header that leaves room for a text")
			return
		}
	}
	if room := gsm.Capacity(gsm.Encoding(r.Encoding), len(m.UDH)); len(r.Octets) > room {
		wrong.add("body", "is %d octets of %s, and there is room for %d", len(r.Octets), gsm.Encoding(r.Encoding), room)
		return
	}
	m.Encoding, m.Parts = r.Encoding, 1
	var ok bool
	switch r.Encoding {
	case sms.GSM7:
		m.Text, ok = septets(r.Octets, m.UDH)
	case sms.UCS2:
		m.Text, ok = gsm.DecodeUCS2(r.Octets), gsm.ValidUCS2(r.Octets)
	}
	if !ok || !clean(m.Text) {
		m.Raw = r.Encoding != sms.Octets
		m.Text = hex.EncodeToString(r.Octets)
	}
}

// septets is the text of septets, and whether those can be made of it again.
func septets(octets, udh []byte) (string, bool) {
	header, _, _ := gsm.ParseUDH(udh) // the caller has looked at it; none names no language
	locking, single := header.Languages()
	text := gsm.Decode(octets, locking, single)
	again, ok := gsm.EncodeNational(make([]byte, 0, len(octets)), text, locking, single)
	return text, ok && bytes.Equal(again, octets)
}
