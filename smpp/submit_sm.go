package smpp

// SubmitSM asks the SMSC to take a message. SMPP 3.4 §4.4.1. Times are empty or 16
// octets (§7.1.1).
type SubmitSM struct {
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
func (p *SubmitSM) CommandID() CommandID { return CommandSubmitSM }

// AppendBody implements PDU.
func (p *SubmitSM) AppendBody(dst []byte) ([]byte, error) {
	return (*message)(p).append(dst, CommandSubmitSM)
}

// DecodeBody implements PDU.
func (p *SubmitSM) DecodeBody(h Header, body []byte) error { return (*message)(p).decode(h, body) }

// Message returns the user data with its header, if it has one: short_message,
// or message_payload when that is empty.
func (p *SubmitSM) Message() []byte { return (*message)(p).text() }

// SubmitSMResp answers submit_sm. SMPP 3.4 §4.4.2. With an error the body may be
// absent; MessageID is then empty.
type SubmitSMResp struct {
	MessageID string
	TLVs      TLVs
}

// CommandID implements PDU.
func (p *SubmitSMResp) CommandID() CommandID { return CommandSubmitSMResp }

// AppendBody implements PDU.
func (p *SubmitSMResp) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandSubmitSMResp}
	e.cstring(&fieldMessageID, p.MessageID)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *SubmitSMResp) DecodeBody(h Header, body []byte) error {
	if len(body) == 0 && h.Status != ESME_ROK {
		*p = SubmitSMResp{TLVs: p.TLVs[:0]}
		return nil
	}
	d := newDecoder(h, body)
	p.MessageID = d.cstring(&fieldMessageID)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}
