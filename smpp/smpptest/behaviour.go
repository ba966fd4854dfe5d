package smpptest

import (
	"strconv"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

// Behaviour is what an SMSC does with one request. It runs on the goroutine that
// reads the connection. Errors of writing are of no interest to it: the
// connection is then gone, and the reader sees that.
type Behaviour func(s *SMSC, c *Conn, f Frame)

func itoa(n int) string { return strconv.Itoa(n) }

// Accept answers ESME_ROK, a submit_sm under the next id, and an unknown command
// with generic_nack.
func Accept() Behaviour {
	return func(s *SMSC, c *Conn, f Frame) {
		if f.ID == smpp.CommandSubmitSM || f.ID == smpp.CommandDataSM || f.ID == smpp.CommandSubmitMulti {
			AcceptAs(s.messageID())(s, c, f)
			return
		}
		if smpp.New(f.ID) == nil {
			Nack(smpp.ESME_RINVCMDID)(s, c, f)
			return
		}
		AcceptAs("")(s, c, f)
	}
}

// AcceptAs answers ESME_ROK, a submit_sm under the given id.
func AcceptAs(id string) Behaviour {
	return func(_ *SMSC, c *Conn, f Frame) { _ = c.Send(smpp.ESME_ROK, f.Sequence, answer(f, id)) }
}

func answer(f Frame, id string) smpp.PDU {
	p := smpp.New(f.ID.Response())
	switch p := p.(type) {
	case *smpp.SubmitSMResp:
		p.MessageID = id
	case *smpp.SubmitMultiResp:
		p.MessageID = id
	case *smpp.DataSMResp:
		p.MessageID = id
	case *smpp.BindResp:
		p.SystemID = "smpptest"
	case *smpp.QuerySMResp:
		p.MessageState = smpp.StateEnroute
	case nil:
		return &smpp.GenericNack{}
	}
	return p
}

// Refuse answers with a status and no body.
func Refuse(status smpp.CommandStatus) Behaviour {
	return func(_ *SMSC, c *Conn, f Frame) { _ = c.SendBare(f.ID.Response(), status, f.Sequence) }
}

// RefuseWithBody answers with a status and the body of a success.
func RefuseWithBody(status smpp.CommandStatus) Behaviour {
	return func(_ *SMSC, c *Conn, f Frame) { _ = c.Send(status, f.Sequence, answer(f, "")) }
}

// Throttle answers ESME_RTHROTTLED.
func Throttle() Behaviour { return Refuse(smpp.ESME_RTHROTTLED) }

// Nack answers generic_nack.
func Nack(status smpp.CommandStatus) Behaviour {
	return func(_ *SMSC, c *Conn, f Frame) { _ = c.SendBare(smpp.CommandGenericNack, status, f.Sequence) }
}

// Drop answers nothing.
func Drop() Behaviour { return func(*SMSC, *Conn, Frame) {} }

// Delay does what b does, later; the connection is read meanwhile.
func Delay(d time.Duration, b Behaviour) Behaviour {
	return func(s *SMSC, c *Conn, f Frame) { s.later(d, func() { b(s, c, f) }) }
}

// Twice does what b does two times.
func Twice(b Behaviour) Behaviour { return Sequence(b, b) }

// Sequence does one behaviour after the other with the same request.
func Sequence(list ...Behaviour) Behaviour {
	return func(s *SMSC, c *Conn, f Frame) {
		for _, b := range list {
			b(s, c, f)
		}
	}
}

// WrongSequence does what b does with a sequence number that is off by n.
func WrongSequence(n uint32, b Behaviour) Behaviour {
	return func(s *SMSC, c *Conn, f Frame) {
		f.Sequence += n
		b(s, c, f)
	}
}

// WriteOctets writes octets, whatever they are.
func WriteOctets(b []byte) Behaviour { return func(_ *SMSC, c *Conn, _ Frame) { _ = c.WriteRaw(b) } }

// Reset ends the connection with a TCP reset.
func Reset() Behaviour { return func(_ *SMSC, c *Conn, _ Frame) { c.Reset() } }

// Hang stops reading the connection until the SMSC ends.
func Hang() Behaviour { return func(s *SMSC, _ *Conn, _ Frame) { <-s.stop } }

// AcceptWithReceipt accepts a submit_sm and then sends its receipt on the same
// connection.
func AcceptWithReceipt(state smpp.MessageState, errorCode string) Behaviour {
	return func(s *SMSC, c *Conn, f Frame) {
		id := s.messageID()
		Sequence(AcceptAs(id), SendReceipt(id, state, errorCode))(s, c, f)
	}
}

// ReceiptBeforeResponse sends the receipt first and accepts afterwards.
func ReceiptBeforeResponse(state smpp.MessageState, errorCode string) Behaviour {
	return func(s *SMSC, c *Conn, f Frame) {
		id := s.messageID()
		Sequence(SendReceipt(id, state, errorCode), AcceptAs(id))(s, c, f)
	}
}

// SendReceipt sends a receipt for the submit_sm under an id, and answers nothing.
func SendReceipt(id string, state smpp.MessageState, errorCode string) Behaviour {
	return func(s *SMSC, c *Conn, f Frame) {
		if m, ok := f.PDU.(*smpp.SubmitSM); ok {
			_, _ = c.Request(Receipt(m, id, state, errorCode))
		}
	}
}

// Receipt builds the receipt of a submit_sm.
func Receipt(m *smpp.SubmitSM, id string, state smpp.MessageState, errorCode string) *smpp.DeliverSM {
	d := &smpp.DeliverSM{
		SourceAddrTON: m.DestAddrTON, SourceAddrNPI: m.DestAddrNPI, SourceAddr: m.DestinationAddr,
		DestAddrTON: m.SourceAddrTON, DestAddrNPI: m.SourceAddrNPI, DestinationAddr: m.SourceAddr,
	}
	r := smpp.Receipt{ID: id, State: state, ErrorCode: errorCode, Sub: 1, Submitted: time.Now(), Done: time.Now()}
	if state == smpp.StateDelivered {
		r.Dlvrd = 1
	}
	if err := d.SetReceipt(&r); err != nil {
		panic("smpptest: " + err.Error())
	}
	return d
}
