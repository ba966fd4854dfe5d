package smpp

// GenericNack refuses a PDU that cannot be understood. SMPP 3.4 §4.3.1.
type GenericNack struct {
	TLVs TLVs
}

// CommandID implements PDU.
func (p *GenericNack) CommandID() CommandID { return CommandGenericNack }

// AppendBody implements PDU.
func (p *GenericNack) AppendBody(dst []byte) ([]byte, error) {
	return appendTLVs(dst, CommandGenericNack, p.TLVs)
}

// DecodeBody implements PDU.
func (p *GenericNack) DecodeBody(h Header, body []byte) (err error) {
	p.TLVs, err = decodeTLVs(h, body, p.TLVs)
	return err
}
