package smpp

import (
	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Dialect is how a carrier wants to be spoken to, where SMPP leaves a choice or carriers take one. What goes out in
// the usual dialect is what address and fill say.
type Dialect struct {
	SourceTON, SourceNPI Rule
	DestTON, DestNPI     Rule
	SourceRewrite        Rewrite
	DestRewrite          Rewrite
	DestPrefix           string // DestPrefixNone, or what stands before the number: "+" or "00"
	Alphabet             string // what data_coding 0 means to the carrier: AlphabetGSM, …
	Long                 string // how the parts of a long message are told: LongUDH, …
	Flash                string // how a flash message is told: FlashGeneral, …
	ServiceType          string
	Registered           int    // registered_delivery
	Receipts             string // ReceiptsEach or ReceiptsLast
	TLVs                 smpp.TLVs
}

// DestPrefixNone leaves a destination as digits with its country code.
const DestPrefixNone = "none"

// The values of Dialect.Long: a concatenation header (TS 23.040 §9.2.3.24.1), the parameters sar_msg_ref_num,
// sar_total_segments and sar_segment_seqnum (SMPP 3.4 §5.3.2.22 to §5.3.2.24), or the whole text in message_payload
// (§5.3.2.32), which the carrier cuts.
const (
	LongUDH     = "udh"
	LongSAR     = "sar"
	LongPayload = "payload"
)

// The values of Dialect.Flash: class 0 in the general group of data_coding (0x10, TS 23.038 §4), which carriers take though
// SMPP 3.4 §5.2.19 reserves it; in the group "data coding and message class" (0xF0), which has no UCS-2, so that UCS-2 stays
// with the other one; or dest_addr_subunit 1 (§5.3.2.1), the display.
const (
	FlashGeneral = "0x10"
	FlashClass   = "0xf0"
	FlashSubunit = "subunit"
)

// The values of Dialect.Receipts. A carrier that sends one receipt for all parts of a message is asked for the one of
// the last part, and that counts for all, whichever part it names.
const (
	ReceiptsEach = "each"
	ReceiptsLast = "last"
)

// maxServiceType is that of SMPP 3.4 §5.2.11, without the NUL.
const maxServiceType = 5

func usualDialect() Dialect {
	return Dialect{SourceTON: automatic, SourceNPI: automatic, DestTON: automatic, DestNPI: automatic, DestPrefix: DestPrefixNone,
		Alphabet: AlphabetGSM, Long: LongUDH, Flash: FlashGeneral, Registered: int(smpp.RegisteredDeliveryFinal), Receipts: ReceiptsEach}
}

// address writes both addresses the carrier's way; p has them in the usual one.
func (d *Dialect) address(p *smpp.SubmitSM) {
	kind := kindOf(p.SourceAddrTON)
	p.SourceAddr, _ = d.SourceRewrite.apply(p.SourceAddr, kind)
	p.SourceAddrTON, p.SourceAddrNPI = d.SourceTON.of(kind, p.SourceAddrTON), d.SourceNPI.of(kind, p.SourceAddrNPI)
	rewritten := false
	if p.DestinationAddr, rewritten = d.DestRewrite.apply(p.DestinationAddr, international); !rewritten && d.DestPrefix != DestPrefixNone {
		p.DestinationAddr = d.DestPrefix + p.DestinationAddr
	}
	p.DestAddrTON, p.DestAddrNPI = d.DestTON.of(international, p.DestAddrTON), d.DestNPI.of(international, p.DestAddrNPI)
	p.ServiceType = d.ServiceType
}

// fill sets the fields of p that belong to one piece of a message.
func (d *Dialect) fill(p *smpp.SubmitSM, m *sms.Message, piece gsm.Segment) {
	p.TLVs = append(p.TLVs[:0], d.TLVs...)
	if d.Long == LongSAR && len(m.UDH) == 0 && len(piece.UDH) == concatLength {
		p.TLVs.AddUint16(smpp.TagSARMsgRefNum, uint16(piece.UDH[3]))
		p.TLVs.AddUint8(smpp.TagSARTotalSegments, piece.UDH[4])
		p.TLVs.AddUint8(smpp.TagSARSegmentSeqnum, piece.UDH[5])
		piece.UDH = nil
	}
	fill(p, piece, m.Flash && d.Flash != FlashSubunit)
	d.flash(p, m)
	if d.Alphabet == AlphabetPacked && piece.Encoding == gsm.GSM7 {
		p.ShortMessage = appendPacked(p.ShortMessage[:0], piece)
	}
	if d.Long == LongPayload && m.Parts > 1 && len(m.UDH) == 0 && len(piece.UDH) == 0 {
		p.TLVs.Add(smpp.TagMessagePayload, p.ShortMessage)
		p.ShortMessage = p.ShortMessage[:0] // its octets stay until the next piece is filled in
	}
}

// flash says that a message is for the display, where fill has not said it the carrier's way.
func (d *Dialect) flash(p *smpp.SubmitSM, m *sms.Message) {
	const display = 1
	switch {
	case !m.Flash:
	case d.Flash == FlashSubunit:
		p.TLVs.AddUint8(smpp.TagDestAddrSubunit, display)
	case d.Flash == FlashClass && p.DataCoding&smpp.DataCodingUCS2 == 0:
		p.DataCoding |= dataCodingClassGroup
	}
}

// concatLength is the octets of the header that gsm.Split puts before each of several parts: 05 00 03 ref total index.
const concatLength = 6

// registered is registered_delivery of a piece.
func (d *Dialect) registered(last bool) uint8 {
	if d.Receipts == ReceiptsLast && !last {
		return 0
	}
	return uint8(d.Registered)
}
