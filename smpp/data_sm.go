package smpp

// DataSM carries a message either way, its text in message_payload. SMPP 3.4
// §4.7.1.
type DataSM struct {
	ServiceType        string
	SourceAddrTON      uint8
	SourceAddrNPI      uint8
	SourceAddr         string
	DestAddrTON        uint8
	DestAddrNPI        uint8
	DestinationAddr    string
	ESMClass           uint8
	RegisteredDelivery uint8
	DataCoding         uint8
	TLVs               TLVs
}

// CommandID implements PDU.
func (p *DataSM) CommandID() CommandID { return CommandDataSM }

// AppendBody implements PDU.
func (p *DataSM) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandDataSM}
	e.cstring(&fieldServiceType, p.ServiceType)
	e.b = append(e.b, p.SourceAddrTON, p.SourceAddrNPI)
	e.cstring(&fieldSourceAddrLong, p.SourceAddr)
	e.b = append(e.b, p.DestAddrTON, p.DestAddrNPI)
	e.cstring(&fieldDestAddrLong, p.DestinationAddr)
	e.b = append(e.b, p.ESMClass, p.RegisteredDelivery, p.DataCoding)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *DataSM) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.ServiceType = d.cstring(&fieldServiceType)
	p.SourceAddrTON = d.uint8(&fieldSourceAddrTON)
	p.SourceAddrNPI = d.uint8(&fieldSourceAddrNPI)
	p.SourceAddr = d.cstring(&fieldSourceAddrLong)
	p.DestAddrTON = d.uint8(&fieldDestAddrTON)
	p.DestAddrNPI = d.uint8(&fieldDestAddrNPI)
	p.DestinationAddr = d.cstring(&fieldDestAddrLong)
	p.ESMClass = d.uint8(&fieldESMClass)
	p.RegisteredDelivery = d.uint8(&fieldRegistered)
	p.DataCoding = d.uint8(&fieldDataCoding)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}

// Message returns message_payload.
func (p *DataSM) Message() []byte {
	v, _ := p.TLVs.Get(TagMessagePayload)
	return v
}

// DataSMResp answers data_sm. SMPP 3.4 §4.7.2. An ESME has no id to give; a missing
// body is taken.
type DataSMResp struct {
	MessageID string
	TLVs      TLVs
}

// CommandID implements PDU.
func (p *DataSMResp) CommandID() CommandID { return CommandDataSMResp }

// AppendBody implements PDU.
func (p *DataSMResp) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandDataSMResp}
	e.cstring(&fieldMessageID, p.MessageID)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *DataSMResp) DecodeBody(h Header, body []byte) error {
	if len(body) == 0 {
		*p = DataSMResp{TLVs: p.TLVs[:0]}
		return nil
	}
	d := newDecoder(h, body)
	p.MessageID = d.cstring(&fieldMessageID)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}
