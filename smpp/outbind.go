package smpp

// Outbind asks the ESME to bind as a receiver. It has no response. SMPP 3.4
// §4.1.7.1.
type Outbind struct {
	SystemID string
	Password string
	TLVs     TLVs
}

// CommandID implements PDU.
func (p *Outbind) CommandID() CommandID { return CommandOutbind }

// AppendBody implements PDU.
func (p *Outbind) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandOutbind}
	e.cstring(&fieldSystemID, p.SystemID)
	e.cstring(&fieldPassword, p.Password)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *Outbind) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.SystemID = d.cstring(&fieldSystemID)
	p.Password = d.cstring(&fieldPassword)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}
