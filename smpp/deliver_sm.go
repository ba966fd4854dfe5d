package smpp

// DeliverSM brings a message or a receipt to the ESME. SMPP 3.4 §4.6.1. The fields that
// the specification leaves unused here are kept as they came.
type DeliverSM struct {
	ServiceType          string
	SourceAddrTON        uint8
	SourceAddrNPI        uint8
	SourceAddr           string
	DestAddrTON          uint8
	DestAddrNPI          uint8
	DestinationAddr      string
	ESMClass             uint8
	ProtocolID           uint8
	PriorityFlag         uint8
	ScheduleDeliveryTime string
	ValidityPeriod       string
	RegisteredDelivery   uint8
	ReplaceIfPresentFlag uint8
	DataCoding           uint8
	SMDefaultMsgID       uint8
	// ShortMessage is at most 254 octets; sm_length is its length.
	ShortMessage []byte
	TLVs         TLVs
}

// CommandID implements PDU.
func (p *DeliverSM) CommandID() CommandID { return CommandDeliverSM }

// AppendBody implements PDU.
func (p *DeliverSM) AppendBody(dst []byte) ([]byte, error) {
	return (*message)(p).append(dst, CommandDeliverSM)
}

// DecodeBody implements PDU.
func (p *DeliverSM) DecodeBody(h Header, body []byte) error { return (*message)(p).decode(h, body) }

// Message returns the user data with its header, if it has one: short_message,
// or message_payload when that is empty.
func (p *DeliverSM) Message() []byte { return (*message)(p).text() }

// DeliverSMResp answers deliver_sm. SMPP 3.4 §4.6.2. MessageID is unused; some peers
// leave the whole body away, which is taken.
type DeliverSMResp struct {
	MessageID string
	TLVs      TLVs
}

// CommandID implements PDU.
func (p *DeliverSMResp) CommandID() CommandID { return CommandDeliverSMResp }

// AppendBody implements PDU.
func (p *DeliverSMResp) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandDeliverSMResp}
	e.cstring(&fieldMessageID, p.MessageID)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *DeliverSMResp) DecodeBody(h Header, body []byte) error {
	if len(body) == 0 {
		*p = DeliverSMResp{TLVs: p.TLVs[:0]}
		return nil
	}
	d := newDecoder(h, body)
	p.MessageID = d.cstring(&fieldMessageID)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}
