package smpp

// AlertNotification says that a subscriber is reachable again. It has no
// response. SMPP 3.4 §4.12.1.
type AlertNotification struct {
	SourceAddrTON uint8
	SourceAddrNPI uint8
	SourceAddr    string
	ESMEAddrTON   uint8
	ESMEAddrNPI   uint8
	ESMEAddr      string
	// TLVs may hold ms_availability_status.
	TLVs TLVs
}

// CommandID implements PDU.
func (p *AlertNotification) CommandID() CommandID { return CommandAlertNotification }

// AppendBody implements PDU.
func (p *AlertNotification) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandAlertNotification}
	e.b = append(e.b, p.SourceAddrTON, p.SourceAddrNPI)
	e.cstring(&fieldSourceAddrLong, p.SourceAddr)
	e.b = append(e.b, p.ESMEAddrTON, p.ESMEAddrNPI)
	e.cstring(&fieldESMEAddr, p.ESMEAddr)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *AlertNotification) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.SourceAddrTON = d.uint8(&fieldSourceAddrTON)
	p.SourceAddrNPI = d.uint8(&fieldSourceAddrNPI)
	p.SourceAddr = d.cstring(&fieldSourceAddrLong)
	p.ESMEAddrTON = d.uint8(&fieldESMEAddrTON)
	p.ESMEAddrNPI = d.uint8(&fieldESMEAddrNPI)
	p.ESMEAddr = d.cstring(&fieldESMEAddr)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}
