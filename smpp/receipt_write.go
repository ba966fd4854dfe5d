package smpp

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	receiptTextOctets = 20
	receiptDate       = "0601021504"
)

// AppendReceipt appends the text of SMPP 3.4 appendix B:
//
//	id:ID sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000 text:...
//
// Times are in UTC, zero ones are left empty; of Text the first 20 octets are
// written, of a network error code its number. ID and ErrorCode must not hold
// spaces.
func AppendReceipt(dst []byte, r *Receipt) []byte {
	dst = append(append(dst, "id:"...), r.ID...)
	dst = appendCount(append(dst, " sub:"...), r.Sub)
	dst = appendCount(append(dst, " dlvrd:"...), r.Dlvrd)
	dst = appendDate(append(dst, " submit date:"...), r.Submitted)
	dst = appendDate(append(dst, " done date:"...), r.Done)
	dst = append(append(dst, " stat:"...), r.State.receiptWord()...)
	dst = append(append(dst, " err:"...), textErrorCode(r.ErrorCode)...)
	return append(append(dst, " text:"...), truncate(r.Text)...)
}

// SetReceipt makes d a receipt, or with a state that is not final an
// intermediate notification: esm_class, short_message, receipted_message_id,
// message_state and, if ErrorCode has that form, network_error_code. Addresses
// are left alone; other optional parameters stay. The error is an *EncodeError
// for a receipt that does not fit.
func (d *DeliverSM) SetReceipt(r *Receipt) error {
	if len(r.ID) >= fieldMessageID.max {
		return &EncodeError{CommandDeliverSM, TagReceiptedMessageID.String(), "longer than 64 octets", ESME_RINVMSGID}
	}
	d.ESMClass = d.ESMClass&^ESMClassTypeMask | ESMClassReceipt
	if !r.State.Final() && r.State != StateUnknown && r.State != StateAccepted {
		d.ESMClass = d.ESMClass&^ESMClassTypeMask | ESMClassIntermediate
	}
	d.DataCoding = DataCodingDefault
	d.ShortMessage = AppendReceipt(nil, r)
	d.TLVs.AddString(TagReceiptedMessageID, r.ID)
	d.TLVs.AddUint8(TagMessageState, uint8(r.State))
	if network, code, ok := networkError(r.ErrorCode); ok {
		d.TLVs.Add(TagNetworkErrorCode, []byte{network, byte(code >> 8), byte(code)})
	}
	return nil
}

func appendCount(dst []byte, n int) []byte {
	s := strconv.Itoa(max(n, 0))
	return append(append(dst, "000"[:max(3-len(s), 0)]...), s...)
}

func appendDate(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return dst
	}
	return t.UTC().AppendFormat(dst, receiptDate)
}

func networkError(s string) (network uint8, code uint16, ok bool) {
	kind, digits, found := strings.Cut(s, ":")
	n, err := strconv.ParseUint(kind, 10, 8)
	c, err2 := strconv.ParseUint(digits, 10, 16)
	return uint8(n), uint16(c), found && err == nil && err2 == nil
}

func textErrorCode(s string) string {
	if s == "" {
		return "000"
	}
	if _, code, ok := networkError(s); ok {
		return string(appendCount(nil, int(code)))
	}
	return s
}

// truncate cuts to 20 octets, not inside a character of UTF-8.
func truncate(s string) string {
	if len(s) <= receiptTextOctets {
		return s
	}
	n := receiptTextOctets
	for n > receiptTextOctets-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// receiptWord is the word of SMPP 3.4 appendix B, table B-2.
func (s MessageState) receiptWord() string {
	switch s {
	case StateEnroute:
		return "ENROUTE"
	case StateDelivered:
		return "DELIVRD"
	case StateExpired:
		return "EXPIRED"
	case StateDeleted:
		return "DELETED"
	case StateUndeliverable:
		return "UNDELIV"
	case StateAccepted:
		return "ACCEPTD"
	case StateRejected:
		return "REJECTD"
	}
	return "UNKNOWN"
}
