package sms

import "strings"

// Receipts is which receipts the submitter of a message by SMPP asked for: registered_delivery, SMPP 3.4 §5.2.17.
type Receipts uint8

// The receipts. None is the zero value.
const (
	ReceiptDelivered Receipts = 1 << iota // that it was delivered
	ReceiptFailed                         // that it finally was not
	ReceiptInterim                        // states that are not final
)

// Want reports whether a receipt of a state is asked for.
func (r Receipts) Want(s State) bool {
	switch {
	case s == Delivered:
		return r&ReceiptDelivered != 0
	case s.Final() || s == Unknown:
		return r&ReceiptFailed != 0
	}
	return r&ReceiptInterim != 0
}

// Submission is what a message that came by SMPP keeps of its submit_sm, so that receipts can name the addresses as
// they were given. The zero value is that of every other message.
type Submission struct {
	Receipts             Receipts
	SourceTON, SourceNPI uint8
	DestTON, DestNPI     uint8
	SourcePlus           bool         // the sender was given with its "+"
	DestPrefix           NumberPrefix // what stood before the digits of the destination
	Alphabet             uint8        // of data_coding, without message class: 0 to 15, SMPP 3.4 §5.2.19
}

// NumberPrefix is what stands before the digits of an international number. The numbers are stored.
type NumberPrefix uint8

// The prefixes.
const (
	PrefixNone NumberPrefix = iota
	PrefixPlus
	PrefixZeros // 00
)

// GivenSource is the source address of the submit_sm, with its type and plan.
func (m *Message) GivenSource() (ton, npi uint8, addr string) {
	addr = string(m.Sender)
	if !m.Submission.SourcePlus {
		if digits, numeric := m.Sender.Numeric(); numeric {
			addr = digits
		}
	}
	return m.Submission.SourceTON, m.Submission.SourceNPI, addr
}

// GivenDestination is the destination address of the submit_sm, with its type and plan; separators are gone.
func (m *Message) GivenDestination() (ton, npi uint8, addr string) {
	addr = m.Destination.Digits()
	switch m.Submission.DestPrefix {
	case PrefixPlus:
		addr = "+" + addr
	case PrefixZeros:
		addr = "00" + addr
	}
	return m.Submission.DestTON, m.Submission.DestNPI, addr
}

// Submitted is the message_id that the submitter of a message by SMPP was given: the public id, or that of a submit_multi
// to several, which is kept as the campaign.
func (p *PublicIDs) Submitted(m *Message) string {
	if m.Campaign != "" {
		return m.Campaign
	}
	return p.Format(m.ID)
}

// PrefixOf is the prefix of a number that ParseNumber reads.
func PrefixOf(number string) NumberPrefix {
	number = strings.TrimLeft(number, " .-()")
	switch {
	case strings.HasPrefix(number, "+"):
		return PrefixPlus
	case strings.HasPrefix(number, "00"):
		return PrefixZeros
	}
	return PrefixNone
}
