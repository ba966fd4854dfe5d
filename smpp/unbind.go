package smpp

// Unbind ends a session. SMPP 3.4 §4.2.1.
type Unbind struct {
	TLVs TLVs
}

// CommandID implements PDU.
func (p *Unbind) CommandID() CommandID { return CommandUnbind }

// AppendBody implements PDU.
func (p *Unbind) AppendBody(dst []byte) ([]byte, error) {
	return appendTLVs(dst, CommandUnbind, p.TLVs)
}

// DecodeBody implements PDU.
func (p *Unbind) DecodeBody(h Header, body []byte) (err error) {
	p.TLVs, err = decodeTLVs(h, body, p.TLVs)
	return err
}

// UnbindResp answers unbind. SMPP 3.4 §4.2.2.
type UnbindResp struct {
	TLVs TLVs
}

// CommandID implements PDU.
func (p *UnbindResp) CommandID() CommandID { return CommandUnbindResp }

// AppendBody implements PDU.
func (p *UnbindResp) AppendBody(dst []byte) ([]byte, error) {
	return appendTLVs(dst, CommandUnbindResp, p.TLVs)
}

// DecodeBody implements PDU.
func (p *UnbindResp) DecodeBody(h Header, body []byte) (err error) {
	p.TLVs, err = decodeTLVs(h, body, p.TLVs)
	return err
}
