package smpp

// EnquireLink asks whether the peer is there. SMPP 3.4 §4.11.1.
type EnquireLink struct {
	TLVs TLVs
}

// CommandID implements PDU.
func (p *EnquireLink) CommandID() CommandID { return CommandEnquireLink }

// AppendBody implements PDU.
func (p *EnquireLink) AppendBody(dst []byte) ([]byte, error) {
	return appendTLVs(dst, CommandEnquireLink, p.TLVs)
}

// DecodeBody implements PDU.
func (p *EnquireLink) DecodeBody(h Header, body []byte) (err error) {
	p.TLVs, err = decodeTLVs(h, body, p.TLVs)
	return err
}

// EnquireLinkResp answers enquire_link. SMPP 3.4 §4.11.2.
type EnquireLinkResp struct {
	TLVs TLVs
}

// CommandID implements PDU.
func (p *EnquireLinkResp) CommandID() CommandID { return CommandEnquireLinkResp }

// AppendBody implements PDU.
func (p *EnquireLinkResp) AppendBody(dst []byte) ([]byte, error) {
	return appendTLVs(dst, CommandEnquireLinkResp, p.TLVs)
}

// DecodeBody implements PDU.
func (p *EnquireLinkResp) DecodeBody(h Header, body []byte) (err error) {
	p.TLVs, err = decodeTLVs(h, body, p.TLVs)
	return err
}
