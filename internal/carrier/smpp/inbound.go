package smpp

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// patience is how long a receipt may take to be stored before the carrier is told to keep and repeat it.
const patience = 5 * time.Second

// Recorder makes durable what a carrier brings. done is called once, from any goroutine; it does not block.
type Recorder interface {
	Report(r sms.Report, done func(error))
	Inbound(in sms.Inbound, done func(error))
}

// inbox takes what the carrier sends by one connection. It implements smpp.Handler.
type inbox struct {
	carrier  sms.CarrierID
	recorder Recorder
	alphabet sms.Alphabet
	memory   *memory
	line     line
	address  *Address // how its receipts are to be read
}

// Handle records a receipt or a message from a handset, and answers when that is done.
func (b *inbox) Handle(ctx context.Context, r *smpp.Request) {
	b.line.follow(ctx)
	switch p := r.PDU.(type) {
	case *smpp.DeliverSM:
		receipt, ok := smpp.ParseReceipt(p)
		if ok && receipt.ID != "" {
			b.recorder.Report(b.report(&receipt, p.SourceAddr), acknowledge(r))
			return
		}
		// A receipt that names no message is kept like a message: somebody may still read it.
		b.record(p, r)
	case *smpp.DataSM:
		receipt, ok := smpp.ParseDataReceipt(p)
		if ok && receipt.ID != "" {
			b.recorder.Report(b.report(&receipt, p.SourceAddr), acknowledge(r))
			return
		}
		b.record(asDeliverSM(p), r)
	case *smpp.AlertNotification: // says that a handset can be reached; nobody here waits for that
	default:
		_ = r.Reply(smpp.ESME_RINVCMDID, nil) // a session that is over needs no answer
	}
}

// record hands on what is no receipt, with what is known of an equal delivery before.
func (b *inbox) record(p *smpp.DeliverSM, r *smpp.Request) {
	in := b.inbound(p)
	seen := b.memory.meet(&in, &b.line)
	answer := acknowledge(r)
	b.recorder.Inbound(in, func(err error) {
		answer(err)
		seen(err)
	})
}

// acknowledge returns what to call with the outcome of recording r.
func acknowledge(r *smpp.Request) func(error) {
	// Reply answers only once. If the session is over, nobody can be told: the carrier repeats what was not answered.
	late := time.AfterFunc(patience, func() { _ = r.Reply(smpp.ESME_RX_T_APPN, nil) })
	return func(err error) {
		late.Stop()
		status := smpp.ESME_ROK
		if err != nil {
			status = smpp.ESME_RX_T_APPN
		}
		_ = r.Reply(status, nil)
	}
}

// report translates a receipt.
func (b *inbox) report(r *smpp.Receipt, source string) sms.Report {
	report := sms.Report{
		Carrier: b.carrier, Ref: b.address.reportedID(storable(r.ID)), Exact: b.address.ReceiptIDs == IDsExact,
		State: stateOf(r.State), Code: storable(r.ErrorCode), At: time.Now(), // the carrier's own time has minutes only, and no zone
	}
	if report.State != sms.Delivered && report.State != sms.Sent {
		report.Words = b.address.Codes.Words(report.Code)
	}
	if number, err := sms.ParseNumber(source); err == nil {
		report.Destination = number
	}
	return report
}

// stateOf translates message_state, SMPP 3.4 §5.2.28.
func stateOf(s smpp.MessageState) sms.State {
	switch s {
	case smpp.StateDelivered:
		return sms.Delivered
	case smpp.StateExpired:
		return sms.Expired
	case smpp.StateDeleted, smpp.StateUndeliverable, smpp.StateRejected:
		return sms.Failed
	case smpp.StateAccepted, smpp.StateEnroute:
		return sms.Sent
	}
	return sms.Unknown
}

func asDeliverSM(p *smpp.DataSM) *smpp.DeliverSM {
	return &smpp.DeliverSM{
		SourceAddrTON: p.SourceAddrTON, SourceAddrNPI: p.SourceAddrNPI, SourceAddr: p.SourceAddr,
		DestAddrTON: p.DestAddrTON, DestAddrNPI: p.DestAddrNPI, DestinationAddr: p.DestinationAddr,
		ESMClass: p.ESMClass, DataCoding: p.DataCoding, ShortMessage: p.Message(), TLVs: p.TLVs,
	}
}

func (b *inbox) inbound(p *smpp.DeliverSM) sms.Inbound {
	in := sms.Inbound{
		Carrier: b.carrier, Source: inboundAddress(p.SourceAddrTON, p.SourceAddr), Destination: inboundAddress(p.DestAddrTON, p.DestinationAddr),
		ESMClass: p.ESMClass, DataCoding: p.DataCoding, Alphabet: b.alphabet, Mark: markOf(p), At: time.Now(),
	}
	header, rest := headerOf(p)
	if header == nil {
		rest = p.Message()
	} else {
		in.ESMClass |= smpp.ESMClassUDHI
	}
	in.Octets = append(header, rest...) // a copy: the PDU's memory is used again
	return in
}

// inboundAddress writes an address as messages from handsets have it. One of national or other limited meaning is no
// international number, though it looks like one.
func inboundAddress(ton uint8, address string) string {
	address = storable(address)
	switch ton {
	case smpp.TONNational, smpp.TONNetworkSpecific, smpp.TONSubscriberNumber, smpp.TONAbbreviated:
		if !strings.HasPrefix(address, "+") {
			return strings.TrimSpace(address)
		}
	}
	return sms.InboundAddress(address)
}

// markOf is what a carrier or handset calls a message: the same when it is repeated, and no other's.
func markOf(p *smpp.DeliverSM) string {
	var mark []byte
	for _, tag := range [...]smpp.TLVTag{smpp.TagReceiptedMessageID, smpp.TagUserMessageReference} {
		if value, ok := p.TLVs.Get(tag); ok {
			mark = fmt.Appendf(mark, "%04x:%x ", uint16(tag), value)
		}
	}
	return string(mark)
}

// headerOf adds to the user data header of a message what the carrier told in optional parameters: its place among parts
// in sar_msg_ref_num, sar_total_segments and sar_segment_seqnum (SMPP 3.4 §5.3.2.22 to §5.3.2.24), as a concatenation
// with a 16-bit reference (TS 23.040 §9.2.3.24.8), and its ports: the one form in which they are known here. rest is what
// follows the header. Nil when there is nothing to add.
func headerOf(p *smpp.DeliverSM) (header, rest []byte) {
	var known gsm.UDH
	rest = p.Message()
	if p.ESMClass&smpp.ESMClassUDHI != 0 {
		var err error
		if known, rest, err = gsm.ParseUDH(rest); err != nil {
			return nil, nil
		}
	}
	had := len(known.Elements)
	if element, ok := concatenationOf(p); ok {
		if _, _, _, told := known.Concatenation(); !told {
			known.Elements = append(known.Elements, element)
		}
	}
	destination, ok1 := p.TLVs.Uint16(smpp.TagDestinationPort)
	source, ok2 := p.TLVs.Uint16(smpp.TagSourcePort)
	if _, _, told := known.Ports(); (ok1 || ok2) && !told {
		known.Elements = append(known.Elements, gsm.Ports16(destination, source))
	}
	if len(known.Elements) == had {
		return nil, nil
	}
	return known.Append(nil), rest
}

func concatenationOf(p *smpp.DeliverSM) (gsm.Element, bool) {
	reference, ok1 := p.TLVs.Uint16(smpp.TagSARMsgRefNum)
	total, ok2 := p.TLVs.Uint8(smpp.TagSARTotalSegments)
	index, ok3 := p.TLVs.Uint8(smpp.TagSARSegmentSeqnum)
	return gsm.Concat16(reference, total, index), ok1 && ok2 && ok3 && total > 1
}
