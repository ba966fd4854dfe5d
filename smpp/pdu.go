package smpp

import (
	"encoding/binary"
	"errors"
	"strconv"
)

// HeaderLen is the length of a PDU's header in octets. SMPP 3.4 §3.2.
const HeaderLen = 16

// DefaultMaxPDU is the longest PDU that a session takes, in octets.
const DefaultMaxPDU = 64 << 10

// Header stands before every PDU. SMPP 3.4 §5.1.
type Header struct {
	// Length is command_length: the whole PDU in octets, header included.
	Length uint32
	ID     CommandID
	Status CommandStatus
	// Sequence is sequence_number, 1 to 0x7FFFFFFF for requests.
	Sequence uint32
}

// PDU is the body of a PDU; the types of this package, as pointers, implement it.
type PDU interface {
	// CommandID names the PDU.
	CommandID() CommandID
	// AppendBody appends the body, without a header, and returns an
	// *EncodeError for a value without a form on the wire.
	AppendBody(dst []byte) ([]byte, error)
	// DecodeBody sets all fields from a body and returns a *DecodeError for
	// anything that is not one. Strings and slices alias body, which must not
	// change afterwards; the capacity of TLVs is used again. After an error
	// the fields mean nothing.
	DecodeBody(h Header, body []byte) error
}

// AppendPDU appends the whole PDU, header first. On an error dst is returned
// as it was.
func AppendPDU(dst []byte, status CommandStatus, sequence uint32, p PDU) ([]byte, error) {
	start := len(dst)
	b := appendHeader(dst, Header{ID: p.CommandID(), Status: status, Sequence: sequence})
	b, err := p.AppendBody(b)
	if err != nil {
		return dst, err
	}
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start))
	return b, nil
}

func appendHeader(dst []byte, h Header) []byte {
	dst = binary.BigEndian.AppendUint32(dst, h.Length)
	dst = binary.BigEndian.AppendUint32(dst, uint32(h.ID))
	dst = binary.BigEndian.AppendUint32(dst, uint32(h.Status))
	return binary.BigEndian.AppendUint32(dst, h.Sequence)
}

// appendBare appends a PDU without a body.
func appendBare(dst []byte, id CommandID, status CommandStatus, sequence uint32) []byte {
	return appendHeader(dst, Header{Length: HeaderLen, ID: id, Status: status, Sequence: sequence})
}

// ErrShortHeader is returned for fewer octets than a header has.
var ErrShortHeader = errors.New("smpp: fewer octets than a header")

// DecodeHeader reads the header at the start of b. It judges nothing but the
// presence of 16 octets.
func DecodeHeader(b []byte) (Header, error) {
	if len(b) < HeaderLen {
		return Header{}, ErrShortHeader
	}
	return header(b), nil
}

func header(b []byte) Header {
	_ = b[HeaderLen-1]
	return Header{
		Length:   binary.BigEndian.Uint32(b),
		ID:       CommandID(binary.BigEndian.Uint32(b[4:])),
		Status:   CommandStatus(binary.BigEndian.Uint32(b[8:])),
		Sequence: binary.BigEndian.Uint32(b[12:]),
	}
}

// Decode reads one whole PDU into a new value of its type. The error is
// [ErrShortHeader] or a *DecodeError; the header is valid with the latter. The
// value aliases frame, which must not change afterwards.
func Decode(frame []byte) (Header, PDU, error) {
	h, err := DecodeHeader(frame)
	if err != nil {
		return h, nil, err
	}
	if uint64(h.Length) != uint64(len(frame)) {
		return h, nil, &DecodeError{Command: h.ID, Field: "command_length", Status: ESME_RINVCMDLEN,
			Reason: "says " + strconv.FormatUint(uint64(h.Length), 10) + ", " + strconv.Itoa(len(frame)) + " octets are there"}
	}
	p := New(h.ID)
	if p == nil {
		return h, nil, &DecodeError{Command: h.ID, Field: "command_id", Reason: "unknown", Status: ESME_RINVCMDID}
	}
	if err := p.DecodeBody(h, frame[HeaderLen:]); err != nil {
		return h, nil, err
	}
	return h, p, nil
}

// New returns an empty PDU for the command, nil if SMPP 3.4 has none.
func New(id CommandID) PDU {
	switch id {
	case CommandSubmitSM:
		return new(SubmitSM)
	case CommandSubmitSMResp:
		return new(SubmitSMResp)
	case CommandDeliverSM:
		return new(DeliverSM)
	case CommandDeliverSMResp:
		return new(DeliverSMResp)
	case CommandEnquireLink:
		return new(EnquireLink)
	case CommandEnquireLinkResp:
		return new(EnquireLinkResp)
	case CommandBindReceiver, CommandBindTransmitter, CommandBindTransceiver:
		return &Bind{Type: BindType(id)}
	case CommandBindReceiverResp, CommandBindTransmitterResp, CommandBindTransceiverResp:
		return &BindResp{Type: BindType(id &^ responseBit)}
	case CommandUnbind:
		return new(Unbind)
	case CommandUnbindResp:
		return new(UnbindResp)
	case CommandGenericNack:
		return new(GenericNack)
	}
	return newRare(id)
}

func newRare(id CommandID) PDU {
	switch id {
	case CommandDataSM:
		return new(DataSM)
	case CommandDataSMResp:
		return new(DataSMResp)
	case CommandSubmitMulti:
		return new(SubmitMulti)
	case CommandSubmitMultiResp:
		return new(SubmitMultiResp)
	case CommandQuerySM:
		return new(QuerySM)
	case CommandQuerySMResp:
		return new(QuerySMResp)
	case CommandCancelSM:
		return new(CancelSM)
	case CommandCancelSMResp:
		return new(CancelSMResp)
	case CommandReplaceSM:
		return new(ReplaceSM)
	case CommandReplaceSMResp:
		return new(ReplaceSMResp)
	case CommandOutbind:
		return new(Outbind)
	case CommandAlertNotification:
		return new(AlertNotification)
	}
	return nil
}
