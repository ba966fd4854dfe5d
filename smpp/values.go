package smpp

import "strconv"

// Type of number. SMPP 3.4 §5.2.5.
const (
	TONUnknown          uint8 = 0
	TONInternational    uint8 = 1
	TONNational         uint8 = 2
	TONNetworkSpecific  uint8 = 3
	TONSubscriberNumber uint8 = 4
	TONAlphanumeric     uint8 = 5
	TONAbbreviated      uint8 = 6
)

// Numbering plan indicator. SMPP 3.4 §5.2.6.
const (
	NPIUnknown    uint8 = 0
	NPIISDN       uint8 = 1
	NPIData       uint8 = 3
	NPITelex      uint8 = 4
	NPILandMobile uint8 = 6
	NPINational   uint8 = 8
	NPIPrivate    uint8 = 9
	NPIERMES      uint8 = 10
	NPIInternet   uint8 = 14
	NPIWAP        uint8 = 18
)

// Bits of esm_class. SMPP 3.4 §5.2.12.
const (
	// ESMClassTypeMask selects the message type of a deliver_sm or data_sm.
	ESMClassTypeMask uint8 = 0x3C
	// ESMClassReceipt marks a delivery receipt.
	ESMClassReceipt uint8 = 0x04
	// ESMClassDeliveryAck marks an acknowledgement by the receiving SME.
	ESMClassDeliveryAck uint8 = 0x08
	// ESMClassManualAck marks an acknowledgement by the receiving user.
	ESMClassManualAck uint8 = 0x10
	// ESMClassIntermediate marks an intermediate delivery notification.
	ESMClassIntermediate uint8 = 0x20
	// ESMClassUDHI says that the message begins with a user data header.
	ESMClassUDHI uint8 = 0x40
	// ESMClassReplyPath sets the reply path.
	ESMClassReplyPath uint8 = 0x80
)

// Values of registered_delivery. SMPP 3.4 §5.2.17.
const (
	RegisteredDeliveryNone         uint8 = 0x00
	RegisteredDeliveryFinal        uint8 = 0x01
	RegisteredDeliveryFailure      uint8 = 0x02
	RegisteredDeliveryIntermediate uint8 = 0x10
)

// Values of data_coding. SMPP 3.4 §5.2.19.
const (
	DataCodingDefault uint8 = 0x00
	DataCodingIA5     uint8 = 0x01
	DataCodingBinary  uint8 = 0x04
	DataCodingLatin1  uint8 = 0x03
	DataCodingUCS2    uint8 = 0x08
)

// InterfaceVersion is the interface_version of this package. SMPP 3.4 §5.2.4.
const InterfaceVersion uint8 = 0x34

// MessageState is the value of message_state. SMPP 3.4 §5.2.28.
type MessageState uint8

// The message states. Zero says that the peer named none that is known.
const (
	StateUnset         MessageState = 0
	StateEnroute       MessageState = 1
	StateDelivered     MessageState = 2
	StateExpired       MessageState = 3
	StateDeleted       MessageState = 4
	StateUndeliverable MessageState = 5
	StateAccepted      MessageState = 6
	StateUnknown       MessageState = 7
	StateRejected      MessageState = 8
)

// Final reports whether no other state will follow. SMPP 3.4 §5.2.28.
func (s MessageState) Final() bool {
	switch s {
	case StateDelivered, StateExpired, StateDeleted, StateUndeliverable, StateRejected:
		return true
	}
	return false
}

// String returns the name in the specification.
func (s MessageState) String() string {
	switch s {
	case StateUnset:
		return "UNSET"
	case StateEnroute:
		return "ENROUTE"
	case StateDelivered:
		return "DELIVERED"
	case StateExpired:
		return "EXPIRED"
	case StateDeleted:
		return "DELETED"
	case StateUndeliverable:
		return "UNDELIVERABLE"
	case StateAccepted:
		return "ACCEPTED"
	case StateUnknown:
		return "UNKNOWN"
	case StateRejected:
		return "REJECTED"
	}
	return "MessageState(" + strconv.Itoa(int(s)) + ")"
}
