package smpp

import "encoding/binary"

// Values of dest_flag. SMPP 3.4 §4.5.1.1.
const (
	DestFlagSMEAddress       uint8 = 1
	DestFlagDistributionList uint8 = 2
)

// DestAddress is one destination of submit_multi: an SME address, or with
// DestFlagDistributionList the name of a list. SMPP 3.4 §4.5.1.1.
type DestAddress struct {
	DestFlag        uint8
	DestAddrTON     uint8
	DestAddrNPI     uint8
	DestinationAddr string
	DLName          string
}

// SubmitMulti asks the SMSC to take a message for up to 254 destinations. SMPP
// 3.4 §4.5.1.
type SubmitMulti struct {
	ServiceType   string
	SourceAddrTON uint8
	SourceAddrNPI uint8
	SourceAddr    string
	// DestAddresses are dest_address(es); number_of_dests is their number.
	DestAddresses        []DestAddress
	ESMClass             uint8
	ProtocolID           uint8
	PriorityFlag         uint8
	ScheduleDeliveryTime string
	ValidityPeriod       string
	RegisteredDelivery   uint8
	ReplaceIfPresentFlag uint8
	DataCoding           uint8
	SMDefaultMsgID       uint8
	// ShortMessage is at most 254 octets; sm_length is its length.
	ShortMessage []byte
	TLVs         TLVs
}

// CommandID implements PDU.
func (p *SubmitMulti) CommandID() CommandID { return CommandSubmitMulti }

// AppendBody implements PDU.
func (p *SubmitMulti) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandSubmitMulti}
	e.cstring(&fieldServiceType, p.ServiceType)
	e.b = append(e.b, p.SourceAddrTON, p.SourceAddrNPI)
	e.cstring(&fieldSourceAddr, p.SourceAddr)
	e.destAddresses(p.DestAddresses)
	e.b = append(e.b, p.ESMClass, p.ProtocolID, p.PriorityFlag)
	e.time(&fieldSchedule, p.ScheduleDeliveryTime)
	e.time(&fieldValidity, p.ValidityPeriod)
	e.b = append(e.b, p.RegisteredDelivery, p.ReplaceIfPresentFlag, p.DataCoding, p.SMDefaultMsgID)
	e.shortMessage(p.ShortMessage)
	e.tlvs(p.TLVs)
	return e.finish()
}

func (e *encoder) destAddresses(list []DestAddress) {
	if len(list) == 0 || len(list) > fieldNumberOfDests.max {
		e.fail(&fieldNumberOfDests, "not between 1 and 254")
		return
	}
	e.b = append(e.b, byte(len(list)))
	for i := range list {
		a := &list[i]
		e.b = append(e.b, a.DestFlag)
		switch a.DestFlag {
		case DestFlagSMEAddress:
			e.b = append(e.b, a.DestAddrTON, a.DestAddrNPI)
			e.cstring(&fieldDestinationAddr, a.DestinationAddr)
		case DestFlagDistributionList:
			e.cstring(&fieldDLName, a.DLName)
		default:
			e.fail(&fieldDestFlag, "neither 1 nor 2")
		}
	}
}

// DecodeBody implements PDU.
func (p *SubmitMulti) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.ServiceType = d.cstring(&fieldServiceType)
	p.SourceAddrTON = d.uint8(&fieldSourceAddrTON)
	p.SourceAddrNPI = d.uint8(&fieldSourceAddrNPI)
	p.SourceAddr = d.cstring(&fieldSourceAddr)
	p.DestAddresses = d.destAddresses(p.DestAddresses)
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

func (d *decoder) destAddresses(dst []DestAddress) []DestAddress {
	dst = dst[:0]
	n := int(d.uint8(&fieldNumberOfDests))
	if d.ok() && (n == 0 || n > fieldNumberOfDests.max) {
		d.fail(&fieldNumberOfDests, "not between 1 and 254", ESME_RINVNUMDESTS)
	}
	for i := 0; i < n && d.ok(); i++ {
		a := DestAddress{DestFlag: d.uint8(&fieldDestFlag)}
		switch a.DestFlag {
		case DestFlagSMEAddress:
			a.DestAddrTON = d.uint8(&fieldDestAddrTON)
			a.DestAddrNPI = d.uint8(&fieldDestAddrNPI)
			a.DestinationAddr = d.cstring(&fieldDestinationAddr)
		case DestFlagDistributionList:
			a.DLName = d.cstring(&fieldDLName)
		default:
			d.fail(&fieldDestFlag, "neither 1 nor 2", ESME_RINVDESTFLAG)
		}
		dst = append(dst, a)
	}
	return dst
}

// UnsuccessSME is a destination that submit_multi could not reach. SMPP 3.4
// §4.5.2.1.
type UnsuccessSME struct {
	DestAddrTON     uint8
	DestAddrNPI     uint8
	DestinationAddr string
	ErrorStatusCode CommandStatus
}

// SubmitMultiResp answers submit_multi. SMPP 3.4 §4.5.2.
type SubmitMultiResp struct {
	MessageID string
	// UnsuccessSMEs are unsuccess_sme(s); no_unsuccess is their number.
	UnsuccessSMEs []UnsuccessSME
	TLVs          TLVs
}

// CommandID implements PDU.
func (p *SubmitMultiResp) CommandID() CommandID { return CommandSubmitMultiResp }

// AppendBody implements PDU.
func (p *SubmitMultiResp) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandSubmitMultiResp}
	e.cstring(&fieldMessageID, p.MessageID)
	if len(p.UnsuccessSMEs) > fieldNoUnsuccess.max {
		e.fail(&fieldNoUnsuccess, "more than 255")
		return e.finish()
	}
	e.b = append(e.b, byte(len(p.UnsuccessSMEs)))
	for i := range p.UnsuccessSMEs {
		u := &p.UnsuccessSMEs[i]
		e.b = append(e.b, u.DestAddrTON, u.DestAddrNPI)
		e.cstring(&fieldDestinationAddr, u.DestinationAddr)
		e.b = binary.BigEndian.AppendUint32(e.b, uint32(u.ErrorStatusCode))
	}
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *SubmitMultiResp) DecodeBody(h Header, body []byte) error {
	if len(body) == 0 && h.Status != ESME_ROK {
		*p = SubmitMultiResp{UnsuccessSMEs: p.UnsuccessSMEs[:0], TLVs: p.TLVs[:0]}
		return nil
	}
	d := newDecoder(h, body)
	p.MessageID = d.cstring(&fieldMessageID)
	p.UnsuccessSMEs = p.UnsuccessSMEs[:0]
	for n := int(d.uint8(&fieldNoUnsuccess)); n > 0 && d.ok(); n-- {
		p.UnsuccessSMEs = append(p.UnsuccessSMEs, UnsuccessSME{
			DestAddrTON:     d.uint8(&fieldDestAddrTON),
			DestAddrNPI:     d.uint8(&fieldDestAddrNPI),
			DestinationAddr: d.cstring(&fieldDestinationAddr),
			ErrorStatusCode: CommandStatus(d.uint32(&fieldErrorStatusCode)),
		})
	}
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}
