package smpp

import "strconv"

// CommandID names a PDU. SMPP 3.4 §5.1.2.1.
type CommandID uint32

// The PDUs of SMPP 3.4. A response is its request with bit 31 set.
const (
	CommandGenericNack         CommandID = 0x80000000
	CommandBindReceiver        CommandID = 0x00000001
	CommandBindReceiverResp    CommandID = 0x80000001
	CommandBindTransmitter     CommandID = 0x00000002
	CommandBindTransmitterResp CommandID = 0x80000002
	CommandQuerySM             CommandID = 0x00000003
	CommandQuerySMResp         CommandID = 0x80000003
	CommandSubmitSM            CommandID = 0x00000004
	CommandSubmitSMResp        CommandID = 0x80000004
	CommandDeliverSM           CommandID = 0x00000005
	CommandDeliverSMResp       CommandID = 0x80000005
	CommandUnbind              CommandID = 0x00000006
	CommandUnbindResp          CommandID = 0x80000006
	CommandReplaceSM           CommandID = 0x00000007
	CommandReplaceSMResp       CommandID = 0x80000007
	CommandCancelSM            CommandID = 0x00000008
	CommandCancelSMResp        CommandID = 0x80000008
	CommandBindTransceiver     CommandID = 0x00000009
	CommandBindTransceiverResp CommandID = 0x80000009
	CommandOutbind             CommandID = 0x0000000B
	CommandEnquireLink         CommandID = 0x00000015
	CommandEnquireLinkResp     CommandID = 0x80000015
	CommandSubmitMulti         CommandID = 0x00000021
	CommandSubmitMultiResp     CommandID = 0x80000021
	CommandAlertNotification   CommandID = 0x00000102
	CommandDataSM              CommandID = 0x00000103
	CommandDataSMResp          CommandID = 0x80000103
)

const responseBit CommandID = 0x80000000

// IsResponse reports whether bit 31 is set; generic_nack counts as a response.
func (c CommandID) IsResponse() bool { return c&responseBit != 0 }

// Response returns the id of the response to c.
func (c CommandID) Response() CommandID { return c | responseBit }

// IsBind reports whether c is one of the three bind requests.
func (c CommandID) IsBind() bool {
	return c == CommandBindReceiver || c == CommandBindTransmitter || c == CommandBindTransceiver
}

// String returns the name in the specification, or 0x and eight digits.
func (c CommandID) String() string {
	if c == CommandGenericNack {
		return "generic_nack"
	}
	name := requestName(c &^ responseBit)
	switch {
	case name == "":
		return "0x" + hex8(uint32(c))
	case c.IsResponse():
		return name + "_resp"
	}
	return name
}

func requestName(c CommandID) string {
	switch c {
	case CommandBindReceiver:
		return "bind_receiver"
	case CommandBindTransmitter:
		return "bind_transmitter"
	case CommandQuerySM:
		return "query_sm"
	case CommandSubmitSM:
		return "submit_sm"
	case CommandDeliverSM:
		return "deliver_sm"
	case CommandUnbind:
		return "unbind"
	case CommandReplaceSM:
		return "replace_sm"
	case CommandCancelSM:
		return "cancel_sm"
	case CommandBindTransceiver:
		return "bind_transceiver"
	case CommandOutbind:
		return "outbind"
	case CommandEnquireLink:
		return "enquire_link"
	case CommandSubmitMulti:
		return "submit_multi"
	case CommandAlertNotification:
		return "alert_notification"
	case CommandDataSM:
		return "data_sm"
	}
	return ""
}

func hex8(v uint32) string {
	s := strconv.FormatUint(uint64(v), 16)
	return "00000000"[len(s):] + s
}
