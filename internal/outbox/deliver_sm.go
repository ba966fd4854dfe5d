package outbox

import (
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// receipt writes an event as deliver_sm: a delivery receipt, or an intermediate notification, in the form of SMPP 3.4
// appendix B and as TLVs. It goes from the recipient to the sender of the message, as its customer wrote them. The
// customer submitted one message, so it counts one, into however many parts it was cut.
func (o *Outbox) receipt(e *sms.Event) (*smpp.DeliverSM, error) {
	m := e.Message
	p := &smpp.DeliverSM{}
	p.SourceAddrTON, p.SourceAddrNPI, p.SourceAddr = m.GivenDestination()
	p.DestAddrTON, p.DestAddrNPI, p.DestinationAddr = m.GivenSource()
	if m.Destination == 0 { // blanked by redact-after
		p.SourceAddr = ""
	}
	r := smpp.Receipt{ID: o.ids.Submitted(m), State: messageState(e.State), ErrorCode: errorCode(e), Submitted: m.ID.Time(),
		Done: e.At, Text: beginning(m), Sub: 1}
	if e.State == sms.Delivered {
		r.Dlvrd = 1
	}
	return p, p.SetReceipt(&r)
}

// messageState is a state in the terms of SMPP 3.4 §5.2.28.
func messageState(s sms.State) smpp.MessageState {
	switch s {
	case sms.Delivered:
		return smpp.StateDelivered
	case sms.Failed:
		return smpp.StateUndeliverable
	case sms.Expired:
		return smpp.StateExpired
	case sms.Cancelled:
		return smpp.StateDeleted
	case sms.Unknown:
		return smpp.StateUnknown
	}
	return smpp.StateEnroute
}

// longestCode is how many octets of a carrier's error code are passed on: what the text has room for.
const longestCode = 20

// errorCode is the carrier's code of an event that tells of a failure; empty, which is written 000, for any other and for
// a code that would end the field of the text.
func errorCode(e *sms.Event) string {
	ended := e.State.Final() && e.State != sms.Delivered
	if !ended || len(e.Code) > longestCode || strings.ContainsFunc(e.Code, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return e.Code
}

// beginning is the text of a receipt: data_coding 0 leaves open which alphabet that is, so it holds ASCII only.
func beginning(m *sms.Message) string {
	if m.Encoding == sms.Octets || m.Raw {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, m.Text)
}
