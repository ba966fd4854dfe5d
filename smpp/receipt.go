package smpp

import (
	"encoding/binary"
	"strconv"
	"time"
	"unicode/utf16"
	"unsafe"
)

// Receipt is what a delivery receipt or an intermediate notification says. SMPP
// 3.4 §2.11, §2.12 and appendix B. What it does not say is zero.
type Receipt struct {
	// ID is the SMSC's message_id, in the notation in which it came.
	ID string
	// State is StateUnset where none is given, StateUnknown where the peer
	// uses a word of its own.
	State MessageState
	// ErrorCode is as sent, such as "000"; or, from network_error_code, the
	// network type, a colon and the code in four or more decimal digits:
	// "3:0021" is code 21 of a GSM network.
	ErrorCode string
	// Submitted and Done are in UTC; a time without a zone counts as UTC.
	Submitted, Done time.Time
	// Text is the beginning of the message, as sent.
	Text string
	// Sub and Dlvrd are how many short messages were submitted and delivered.
	Sub, Dlvrd int
}

// ParseReceipt reports whether d is a delivery receipt or an intermediate
// notification, and reads it. esm_class decides; where its message type is 0,
// receipted_message_id makes a receipt, but a text never does, as anybody could
// write it. Optional parameters win over the text. A receipt of which nothing
// can be read is still one, with an empty ID. Strings may alias the frame.
func ParseReceipt(d *DeliverSM) (Receipt, bool) {
	return parseReceipt(d.ESMClass, d.DataCoding, d.Message(), d.TLVs)
}

// ParseDataReceipt is ParseReceipt for a receipt that comes in data_sm.
func ParseDataReceipt(d *DataSM) (Receipt, bool) {
	return parseReceipt(d.ESMClass, d.DataCoding, d.Message(), d.TLVs)
}

func parseReceipt(esmClass, dataCoding uint8, message []byte, t TLVs) (r Receipt, ok bool) {
	id, tlv := t.String(TagReceiptedMessageID)
	switch esmClass & ESMClassTypeMask {
	case ESMClassReceipt, ESMClassIntermediate:
	case 0:
		if !tlv || id == "" {
			return Receipt{}, false
		}
	default:
		return Receipt{}, false
	}
	r.parseText(receiptText(esmClass, dataCoding, message))
	if id != "" {
		r.ID = id
	}
	if v, ok := t.Uint8(TagMessageState); ok {
		r.State = stateOfTLV(v)
	}
	if v, ok := t.Get(TagNetworkErrorCode); ok && len(v) == 3 {
		r.ErrorCode = formatNetworkError(v[0], binary.BigEndian.Uint16(v[1:]))
	}
	return r, true
}

// receiptText returns the text without a header, in one octet per character if
// it came as UCS-2.
func receiptText(esmClass, dataCoding uint8, b []byte) string {
	if esmClass&ESMClassUDHI != 0 && len(b) > 0 && int(b[0]) < len(b) {
		b = b[1+int(b[0]):]
	}
	if dataCoding == DataCodingUCS2 && len(b)%2 == 0 && len(b) > 0 && b[0] == 0 {
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(b[2*i:])
		}
		return string(utf16.Decode(units))
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// stateOfTLV also knows the two states that SMPP 5.0 added.
func stateOfTLV(v uint8) MessageState {
	switch {
	case v == 0: // SCHEDULED
		return StateEnroute
	case v == 9: // SKIPPED
		return StateRejected
	case v > uint8(StateRejected):
		return StateUnknown
	}
	return MessageState(v)
}

func formatNetworkError(network uint8, code uint16) string {
	digits := strconv.Itoa(int(code))
	for len(digits) < 4 {
		digits = "0" + digits
	}
	return strconv.Itoa(int(network)) + ":" + digits
}
