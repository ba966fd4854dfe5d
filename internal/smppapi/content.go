package smppapi

import (
	"bytes"
	"encoding/binary"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// displayUnit is the value of dest_addr_subunit that stands for a flash message. SMPP 3.4 §5.3.2.1.
const displayUnit = 1

// setContent reads the text and its header. What has a header of the customer's own travels as it is; a text without one
// is split by us.
func setContent(r *intake.Request, p *smpp.SubmitSM, charset string) smpp.CommandStatus {
	payload, both := p.TLVs.Get(smpp.TagMessagePayload)
	if both && len(payload) > 0 && len(p.ShortMessage) > 0 {
		return smpp.ESME_ROPTPARNOTALLWD
	}
	coding, ok := codingOf(p.DataCoding, charset)
	if !ok {
		return smpp.ESME_RSUBMITFAIL
	}
	unit, _ := p.TLVs.Uint8(smpp.TagDestAddrSubunit)
	r.Submission.Alphabet = coding.alphabet
	r.Flash = coding.flash || unit == displayUnit
	header, text, ok := userData(p)
	if !ok {
		return smpp.ESME_RSUBMITFAIL
	}
	header, status := withSAR(header, p.TLVs)
	if status != smpp.ESME_ROK {
		return status
	}
	return fill(r, withPorts(header, p.TLVs), text, coding)
}

// userData parts the header of the customer's own, if there is one, from the text.
func userData(p *smpp.SubmitSM) (header gsm.UDH, text []byte, ok bool) {
	data := p.Message()
	if p.ESMClass&smpp.ESMClassUDHI == 0 {
		return gsm.UDH{}, data, true
	}
	header, rest, err := gsm.ParseUDH(data)
	return header, rest, err == nil
}

// Information elements. TS 23.040 §9.2.3.24.
const (
	elementConcat8  = 0x00
	elementConcat16 = 0x08
	elementPorts16  = 0x05
)

// withSAR makes a concatenation element of the TLVs that say the same. SMPP 3.4 §5.3.2.22 to §5.3.2.24.
func withSAR(header gsm.UDH, t smpp.TLVs) (gsm.UDH, smpp.CommandStatus) {
	ref, hasRef := t.Uint16(smpp.TagSARMsgRefNum)
	total, hasTotal := t.Uint8(smpp.TagSARTotalSegments)
	index, hasIndex := t.Uint8(smpp.TagSARSegmentSeqnum)
	switch {
	case !hasRef && !hasTotal && !hasIndex:
		return header, smpp.ESME_ROK
	case !hasRef || !hasTotal || !hasIndex:
		return header, smpp.ESME_RMISSINGOPTPARAM
	case index == 0 || index > total:
		return header, smpp.ESME_RINVOPTPARAMVAL
	}
	if _, _, _, twice := header.Concatenation(); twice || total == 1 {
		return header, smpp.ESME_ROK
	}
	element := gsm.Element{ID: elementConcat8, Data: []byte{byte(ref), total, index}}
	if ref > 0xFF {
		element = gsm.Element{ID: elementConcat16, Data: []byte{byte(ref >> 8), byte(ref), total, index}}
	}
	header.Elements = append(header.Elements, element)
	return header, smpp.ESME_ROK
}

// withPorts makes a port element of destination_port and source_port. SMPP 3.4 §5.3.2.20, §5.3.2.21.
func withPorts(header gsm.UDH, t smpp.TLVs) gsm.UDH {
	destination, ok := t.Uint16(smpp.TagDestinationPort)
	if _, _, twice := header.Ports(); !ok || twice {
		return header
	}
	source, _ := t.Uint16(smpp.TagSourcePort)
	data := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, destination), source)
	header.Elements = append(header.Elements, gsm.Element{ID: elementPorts16, Data: data})
	return header
}

// fill says how the text travels.
func fill(r *intake.Request, header gsm.UDH, text []byte, c coding) smpp.CommandStatus {
	if len(header.Elements) > 0 {
		r.UDH = header.Append(nil)
	}
	keep := r.UDH != nil && c.exact
	switch {
	case c.encoding == sms.Octets, keep && valid(text, c.encoding):
		r.Octets, r.Encoding = bytes.Clone(text), c.encoding
		if r.Octets == nil {
			r.Octets = []byte{}
		}
		return smpp.ESME_ROK
	}
	var ok bool
	if r.Body, ok = c.decode(text); !ok || r.Body == "" {
		return smpp.ESME_RSUBMITFAIL
	}
	return smpp.ESME_ROK
}

// valid reports whether octets can be of an encoding: septets have no eighth bit, units are whole.
func valid(octets []byte, encoding sms.Encoding) bool {
	if encoding == sms.UCS2 {
		return len(octets)%2 == 0
	}
	return !bytes.ContainsFunc(octets, func(r rune) bool { return r > 0x7F })
}

// segments is how many short messages a request makes.
func segments(r *intake.Request) int {
	if r.Octets != nil || r.UDH != nil {
		return 1
	}
	_, _, parts := gsm.Count(r.Body)
	return parts
}
