package smpp

import (
	"context"
	"slices"
	"time"

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

// inbox takes what the carrier sends. It implements smpp.Handler.
type inbox struct {
	carrier  sms.CarrierID
	recorder Recorder
	address  *Address // how its receipts are to be read
}

// Handle records a receipt or a message from a handset, and answers when that is done.
func (b *inbox) Handle(_ context.Context, r *smpp.Request) {
	switch p := r.PDU.(type) {
	case *smpp.DeliverSM:
		receipt, ok := smpp.ParseReceipt(p)
		if ok && receipt.ID != "" {
			b.recorder.Report(b.report(&receipt, p.SourceAddr), acknowledge(r))
			return
		}
		// A receipt that names no message is kept like a message: somebody may still read it.
		b.recorder.Inbound(b.inbound(p), acknowledge(r))
	case *smpp.DataSM:
		receipt, ok := smpp.ParseDataReceipt(p)
		if ok && receipt.ID != "" {
			b.recorder.Report(b.report(&receipt, p.SourceAddr), acknowledge(r))
			return
		}
		b.recorder.Inbound(b.inbound(asDeliverSM(p)), acknowledge(r))
	case *smpp.AlertNotification: // says that a handset can be reached; nobody here waits for that
	default:
		_ = r.Reply(smpp.ESME_RINVCMDID, nil) // a session that is over needs no answer
	}
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
		Carrier: b.carrier, Source: storable(p.SourceAddr), Destination: storable(p.DestinationAddr),
		ESMClass: p.ESMClass, DataCoding: p.DataCoding, At: time.Now(),
	}
	if in.Octets = headerOfTLVs(p); in.Octets != nil {
		in.ESMClass |= smpp.ESMClassUDHI
	}
	in.Octets = append(in.Octets, p.Message()...)
	return in
}

// headerOfTLVs writes the place of a part that the carrier told in sar_msg_ref_num, sar_total_segments and
// sar_segment_seqnum (SMPP 3.4 §5.3.2.22 to §5.3.2.24) as a user data header with a 16-bit reference, TS 23.040
// §9.2.3.24.8: the one form in which parts are known here. Nil when there is no such thing.
func headerOfTLVs(p *smpp.DeliverSM) []byte {
	reference, ok1 := p.TLVs.Uint16(smpp.TagSARMsgRefNum)
	total, ok2 := p.TLVs.Uint8(smpp.TagSARTotalSegments)
	index, ok3 := p.TLVs.Uint8(smpp.TagSARSegmentSeqnum)
	if !ok1 || !ok2 || !ok3 || total < 2 || p.ESMClass&smpp.ESMClassUDHI != 0 {
		return nil
	}
	return slices.Grow([]byte{6, 8, 4, byte(reference >> 8), byte(reference), total, index}, len(p.Message()))
}
