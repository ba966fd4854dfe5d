package smppapi

import (
	"errors"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Statuses of our own, in the range that SMPP 3.4 §5.1.3 leaves to SMSC vendors.
const (
	statusNoCredit         smpp.CommandStatus = 0x103
	statusSenderNotAllowed smpp.CommandStatus = 0x402
)

// This file is the only table from errors and refusals to command_status.

// statusOf is for a request of a bound customer.
func statusOf(err error) smpp.CommandStatus {
	switch sms.CodeOf(err) {
	case sms.Invalid:
		return fieldStatus(err)
	case sms.Unauthenticated, sms.Forbidden:
		return smpp.ESME_RBINDFAIL
	case sms.NotFound:
		return smpp.ESME_RINVMSGID
	case sms.TooLarge, sms.Unsupported, sms.Conflict:
		return smpp.ESME_RSUBMITFAIL
	case sms.Limited:
		return smpp.ESME_RTHROTTLED
	case sms.NoCredit:
		return statusNoCredit
	}
	return smpp.ESME_RSYSERR // Internal, Unavailable
}

// fieldStatus is for the first field that is wrong.
func fieldStatus(err error) smpp.CommandStatus {
	refusal, ok := errors.AsType[*sms.Error](err)
	if !ok || len(refusal.Fields) == 0 {
		return smpp.ESME_RSUBMITFAIL
	}
	switch refusal.Fields[0].Field {
	case "destination":
		return smpp.ESME_RINVDSTADR
	case "sender":
		return smpp.ESME_RINVSRCADR
	case "scheduledDate":
		return smpp.ESME_RINVSCHED
	case "validityPeriod":
		return smpp.ESME_RINVEXPIRY
	}
	return smpp.ESME_RSUBMITFAIL // the text and its header
}

// refusalStatus is for a refusal by a rule.
func refusalStatus(reason string) smpp.CommandStatus {
	switch reason {
	case intake.NoCredit:
		return statusNoCredit
	case intake.SenderNotAllowed:
		return statusSenderNotAllowed
	case intake.NoRoute, intake.Blocked, intake.NotAllowed:
		return smpp.ESME_RINVDSTADR
	}
	return smpp.ESME_RSUBMITFAIL // too many parts
}

// bindStatus is for a bind. Wrong names and wrong passwords are one answer.
func bindStatus(err error) smpp.CommandStatus {
	switch sms.CodeOf(err) {
	case sms.Unauthenticated:
		return smpp.ESME_RINVPASWD
	case sms.Forbidden:
		return smpp.ESME_RBINDFAIL
	case sms.Limited:
		return smpp.ESME_RTHROTTLED
	}
	return smpp.ESME_RSYSERR
}

// outcome is what intake's answer means for the customer. What nobody expected is logged: its text is for nobody else.
func (h *Session) outcome(a intake.Answer, err error) smpp.CommandStatus {
	if err == nil {
		if a.Accepted {
			return smpp.ESME_ROK
		}
		if len(a.Reasons) == 0 {
			return smpp.ESME_RSUBMITFAIL
		}
		return refusalStatus(a.Reasons[0])
	}
	if sms.CodeOf(err) == sms.Internal {
		h.server.parts.Log.Error("smpp: a message could not be accepted", "session", h, "error", err)
	}
	return statusOf(err)
}
