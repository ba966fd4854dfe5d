package smpp

// CancelSM cancels one message, or with an empty MessageID all of ServiceType
// between the two addresses. SMPP 3.4 §4.9.1.
type CancelSM struct {
	ServiceType     string
	MessageID       string
	SourceAddrTON   uint8
	SourceAddrNPI   uint8
	SourceAddr      string
	DestAddrTON     uint8
	DestAddrNPI     uint8
	DestinationAddr string
	TLVs            TLVs
}

// CommandID implements PDU.
func (p *CancelSM) CommandID() CommandID { return CommandCancelSM }

// AppendBody implements PDU.
func (p *CancelSM) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandCancelSM}
	e.cstring(&fieldServiceType, p.ServiceType)
	e.cstring(&fieldMessageID, p.MessageID)
	e.b = append(e.b, p.SourceAddrTON, p.SourceAddrNPI)
	e.cstring(&fieldSourceAddr, p.SourceAddr)
	e.b = append(e.b, p.DestAddrTON, p.DestAddrNPI)
	e.cstring(&fieldDestinationAddr, p.DestinationAddr)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *CancelSM) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.ServiceType = d.cstring(&fieldServiceType)
	p.MessageID = d.cstring(&fieldMessageID)
	p.SourceAddrTON = d.uint8(&fieldSourceAddrTON)
	p.SourceAddrNPI = d.uint8(&fieldSourceAddrNPI)
	p.SourceAddr = d.cstring(&fieldSourceAddr)
	p.DestAddrTON = d.uint8(&fieldDestAddrTON)
	p.DestAddrNPI = d.uint8(&fieldDestAddrNPI)
	p.DestinationAddr = d.cstring(&fieldDestinationAddr)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}

// CancelSMResp answers cancel_sm. SMPP 3.4 §4.9.2.
type CancelSMResp struct {
	TLVs TLVs
}

// CommandID implements PDU.
func (p *CancelSMResp) CommandID() CommandID { return CommandCancelSMResp }

// AppendBody implements PDU.
func (p *CancelSMResp) AppendBody(dst []byte) ([]byte, error) {
	return appendTLVs(dst, CommandCancelSMResp, p.TLVs)
}

// DecodeBody implements PDU.
func (p *CancelSMResp) DecodeBody(h Header, body []byte) (err error) {
	p.TLVs, err = decodeTLVs(h, body, p.TLVs)
	return err
}
