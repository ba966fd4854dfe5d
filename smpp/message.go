package smpp

// message is the common form of submit_sm and deliver_sm: 18 mandatory
// parameters that are the same octet for octet. SMPP 3.4 §4.4.1, §4.6.1.
type message struct {
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
	ShortMessage         []byte
	TLVs                 TLVs
}

func (p *message) append(dst []byte, cmd CommandID) ([]byte, error) {
	e := encoder{b: dst, cmd: cmd}
	e.cstring(&fieldServiceType, p.ServiceType)
	e.b = append(e.b, p.SourceAddrTON, p.SourceAddrNPI)
	e.cstring(&fieldSourceAddr, p.SourceAddr)
	e.b = append(e.b, p.DestAddrTON, p.DestAddrNPI)
	e.cstring(&fieldDestinationAddr, p.DestinationAddr)
	e.b = append(e.b, p.ESMClass, p.ProtocolID, p.PriorityFlag)
	e.time(&fieldSchedule, p.ScheduleDeliveryTime)
	e.time(&fieldValidity, p.ValidityPeriod)
	e.b = append(e.b, p.RegisteredDelivery, p.ReplaceIfPresentFlag, p.DataCoding, p.SMDefaultMsgID)
	e.shortMessage(p.ShortMessage)
	e.tlvs(p.TLVs)
	return e.finish()
}

func (p *message) decode(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.ServiceType = d.cstring(&fieldServiceType)
	p.SourceAddrTON = d.uint8(&fieldSourceAddrTON)
	p.SourceAddrNPI = d.uint8(&fieldSourceAddrNPI)
	p.SourceAddr = d.cstring(&fieldSourceAddr)
	p.DestAddrTON = d.uint8(&fieldDestAddrTON)
	p.DestAddrNPI = d.uint8(&fieldDestAddrNPI)
	p.DestinationAddr = d.cstring(&fieldDestinationAddr)
	p.ESMClass = d.uint8(&fieldESMClass)
	p.ProtocolID = d.uint8(&fieldProtocolID)
	p.PriorityFlag = d.uint8(&fieldPriorityFlag)
	p.ScheduleDeliveryTime = d.cstring(&fieldSchedule)
	p.ValidityPeriod = d.cstring(&fieldValidity)
	p.RegisteredDelivery = d.uint8(&fieldRegistered)
	p.ReplaceIfPresentFlag = d.uint8(&fieldReplaceIfPresent)
	p.DataCoding = d.uint8(&fieldDataCoding)
	p.SMDefaultMsgID = d.uint8(&fieldSMDefaultMsgID)
	p.ShortMessage = d.shortMessage()
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}

// text returns message_payload where short_message is empty. SMPP 3.4 §5.3.2.32.
func (p *message) text() []byte {
	if len(p.ShortMessage) > 0 || len(p.TLVs) == 0 {
		return p.ShortMessage
	}
	v, _ := p.TLVs.Get(TagMessagePayload)
	return v
}
