package smppapi

import (
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Message modes of esm_class. SMPP 3.4 §5.2.12. The others are all store and forward here.
const (
	modeMask    = 0x03
	modeForward = 0x02 // transaction mode: the answer would tell of the delivery
)

// requestOf translates a submit_sm. The status is ESME_ROK, or says which field cannot be.
func requestOf(p *smpp.SubmitSM, settings sms.Settings, now time.Time) (*intake.Request, smpp.CommandStatus) {
	r := &intake.Request{}
	for _, step := range [...]func() smpp.CommandStatus{
		func() smpp.CommandStatus { return setFlags(r, p) },
		func() smpp.CommandStatus { return setSource(r, p) },
		func() smpp.CommandStatus { return setDestination(r, p) },
		func() smpp.CommandStatus { return setTimes(r, p, now) },
		func() smpp.CommandStatus { return setContent(r, p, settings.SMPPCharset) },
	} {
		if status := step(); status != smpp.ESME_ROK {
			return nil, status
		}
	}
	return r, smpp.ESME_ROK
}

// setFlags reads the fields of one octet. service_type and protocol_id say nothing here.
func setFlags(r *intake.Request, p *smpp.SubmitSM) smpp.CommandStatus {
	switch {
	case p.ESMClass&modeMask == modeForward, p.ESMClass&smpp.ESMClassTypeMask != 0:
		return smpp.ESME_RINVESMCLASS
	case p.PriorityFlag > 3:
		return smpp.ESME_RINVPRTFLG
	case p.ReplaceIfPresentFlag != 0:
		return smpp.ESME_RINVREPFLAG
	case p.SMDefaultMsgID != 0:
		return smpp.ESME_RINVDFTMSGID
	}
	if p.PriorityFlag > 0 {
		r.Priority = "high"
	}
	r.Submission.Receipts = receipts(p.RegisteredDelivery)
	return smpp.ESME_ROK
}

// receipts reads registered_delivery, SMPP 3.4 §5.2.17; 3 is what SMPP 5.0 §4.7.21 adds. What asks for acknowledgements by
// the handset's user is passed over.
func receipts(registered uint8) (wanted sms.Receipts) {
	switch registered & 0x03 {
	case 1:
		wanted = sms.ReceiptDelivered | sms.ReceiptFailed
	case 2:
		wanted = sms.ReceiptFailed
	case 3:
		wanted = sms.ReceiptDelivered
	}
	if registered&smpp.RegisteredDeliveryIntermediate != 0 {
		wanted |= sms.ReceiptInterim
	}
	return wanted
}

// shortCode is up to how many digits a sender of digits is no international number unless it says so.
const shortCode = 6

// setSource reads the sender. Letters or digits decide what it is; the type of number says whether few digits are a short
// code.
func setSource(r *intake.Request, p *smpp.SubmitSM) smpp.CommandStatus {
	if p.SourceAddrTON > smpp.TONAbbreviated {
		return smpp.ESME_RINVSRCTON
	}
	r.Sender = strings.Clone(p.SourceAddr) // the frame goes
	r.Submission.SourceTON, r.Submission.SourceNPI = p.SourceAddrTON, p.SourceAddrNPI
	r.Submission.SourcePlus = strings.HasPrefix(r.Sender, "+")
	if p.SourceAddrTON != smpp.TONInternational {
		return smpp.ESME_ROK
	}
	digits, numeric := sms.Sender(strings.TrimPrefix(r.Sender, "00")).Numeric()
	switch {
	case !numeric:
		return smpp.ESME_RINVSRCADR
	case len(digits) <= shortCode:
		r.Sender = "+" + digits
	case !r.Submission.SourcePlus:
		r.Sender = digits
	}
	return smpp.ESME_ROK
}

// setDestination reads the number, which must be international: unknown and international types are read as such, any
// other only with + or 00.
func setDestination(r *intake.Request, p *smpp.SubmitSM) smpp.CommandStatus {
	prefix := sms.PrefixOf(p.DestinationAddr)
	switch {
	case p.DestAddrTON > smpp.TONAbbreviated:
		return smpp.ESME_RINVDSTTON
	case p.DestAddrTON > smpp.TONInternational && prefix == sms.PrefixNone:
		return smpp.ESME_RINVDSTADR
	}
	r.Destination = p.DestinationAddr
	r.Submission.DestTON, r.Submission.DestNPI, r.Submission.DestPrefix = p.DestAddrTON, p.DestAddrNPI, prefix
	return smpp.ESME_ROK
}

// setTimes reads when a message is due and until when it is of use. SMPP 3.4 §7.1.1.
func setTimes(r *intake.Request, p *smpp.SubmitSM, now time.Time) smpp.CommandStatus {
	var ok bool
	if r.Due, ok = parseTime(p.ScheduleDeliveryTime, now); !ok {
		return smpp.ESME_RINVSCHED
	}
	if r.Expires, ok = parseTime(p.ValidityPeriod, now); !ok {
		return smpp.ESME_RINVEXPIRY
	}
	return smpp.ESME_ROK
}
