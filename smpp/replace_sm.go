package smpp

// ReplaceSM changes a message that was not delivered yet. SMPP 3.4 §4.10.1.
type ReplaceSM struct {
	MessageID            string
	SourceAddrTON        uint8
	SourceAddrNPI        uint8
	SourceAddr           string
	ScheduleDeliveryTime string
	ValidityPeriod       string
	RegisteredDelivery   uint8
	SMDefaultMsgID       uint8
	// ShortMessage is at most 254 octets; sm_length is its length.
	ShortMessage []byte
	TLVs         TLVs
}

// CommandID implements PDU.
func (p *ReplaceSM) CommandID() CommandID { return CommandReplaceSM }

// AppendBody implements PDU.
func (p *ReplaceSM) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandReplaceSM}
	e.cstring(&fieldMessageID, p.MessageID)
	e.b = append(e.b, p.SourceAddrTON, p.SourceAddrNPI)
	e.cstring(&fieldSourceAddr, p.SourceAddr)
	e.time(&fieldSchedule, p.ScheduleDeliveryTime)
	e.time(&fieldValidity, p.ValidityPeriod)
	e.b = append(e.b, p.RegisteredDelivery, p.SMDefaultMsgID)
	e.shortMessage(p.ShortMessage)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *ReplaceSM) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.MessageID = d.cstring(&fieldMessageID)
	p.SourceAddrTON = d.uint8(&fieldSourceAddrTON)
	p.SourceAddrNPI = d.uint8(&fieldSourceAddrNPI)
	p.SourceAddr = d.cstring(&fieldSourceAddr)
	p.ScheduleDeliveryTime = d.cstring(&fieldSchedule)
	p.ValidityPeriod = d.cstring(&fieldValidity)
	p.RegisteredDelivery = d.uint8(&fieldRegistered)
	p.SMDefaultMsgID = d.uint8(&fieldSMDefaultMsgID)
	p.ShortMessage = d.shortMessage()
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}

// ReplaceSMResp answers replace_sm. SMPP 3.4 §4.10.2.
type ReplaceSMResp struct {
	TLVs TLVs
}

// CommandID implements PDU.
func (p *ReplaceSMResp) CommandID() CommandID { return CommandReplaceSMResp }

// AppendBody implements PDU.
func (p *ReplaceSMResp) AppendBody(dst []byte) ([]byte, error) {
	return appendTLVs(dst, CommandReplaceSMResp, p.TLVs)
}

// DecodeBody implements PDU.
func (p *ReplaceSMResp) DecodeBody(h Header, body []byte) (err error) {
	p.TLVs, err = decodeTLVs(h, body, p.TLVs)
	return err
}
