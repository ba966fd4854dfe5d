package smpp

// QuerySM asks for the state of a message. SMPP 3.4 §4.8.1.
type QuerySM struct {
	MessageID     string
	SourceAddrTON uint8
	SourceAddrNPI uint8
	SourceAddr    string
	TLVs          TLVs
}

// CommandID implements PDU.
func (p *QuerySM) CommandID() CommandID { return CommandQuerySM }

// AppendBody implements PDU.
func (p *QuerySM) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandQuerySM}
	e.cstring(&fieldMessageID, p.MessageID)
	e.b = append(e.b, p.SourceAddrTON, p.SourceAddrNPI)
	e.cstring(&fieldSourceAddr, p.SourceAddr)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *QuerySM) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.MessageID = d.cstring(&fieldMessageID)
	p.SourceAddrTON = d.uint8(&fieldSourceAddrTON)
	p.SourceAddrNPI = d.uint8(&fieldSourceAddrNPI)
	p.SourceAddr = d.cstring(&fieldSourceAddr)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}

// QuerySMResp answers query_sm. SMPP 3.4 §4.8.2.
type QuerySMResp struct {
	MessageID string
	// FinalDate is empty while the state is not final.
	FinalDate    string
	MessageState MessageState
	ErrorCode    uint8
	TLVs         TLVs
}

// CommandID implements PDU.
func (p *QuerySMResp) CommandID() CommandID { return CommandQuerySMResp }

// AppendBody implements PDU.
func (p *QuerySMResp) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandQuerySMResp}
	e.cstring(&fieldMessageID, p.MessageID)
	e.time(&fieldFinalDate, p.FinalDate)
	e.b = append(e.b, byte(p.MessageState), p.ErrorCode)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *QuerySMResp) DecodeBody(h Header, body []byte) error {
	if len(body) == 0 && h.Status != ESME_ROK {
		*p = QuerySMResp{TLVs: p.TLVs[:0]}
		return nil
	}
	d := newDecoder(h, body)
	p.MessageID = d.cstring(&fieldMessageID)
	p.FinalDate = d.cstring(&fieldFinalDate)
	p.MessageState = MessageState(d.uint8(&fieldMessageState))
	p.ErrorCode = d.uint8(&fieldErrorCode)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}
