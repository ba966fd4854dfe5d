package smppapi

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Changer changes messages of which nothing has left. An error of class Conflict says that it is too late.
type Changer interface {
	Cancel(ctx context.Context, account sms.AccountID, id sms.ID) error
	Replace(ctx context.Context, account *sms.Account, id sms.ID, r intake.Replacement) (*sms.Message, error)
}

// cancel answers cancel_sm. SMPP 3.4 §4.9.1. Without a message_id it would cancel a whole conversation: that is refused.
func (h *Session) cancel(ctx context.Context, p *smpp.CancelSM) smpp.CommandStatus {
	if p.MessageID == "" {
		return smpp.ESME_RCANCELFAIL
	}
	record, status := h.find(ctx, p.MessageID, p.SourceAddr)
	if status != smpp.ESME_ROK {
		return status
	}
	err := h.server.parts.Changer.Cancel(ctx, record.Message.Account, record.Message.ID)
	return h.changed(err, smpp.ESME_RCANCELFAIL)
}

// changed is what the outcome of a change means for the customer.
func (h *Session) changed(err error, tooLate smpp.CommandStatus) smpp.CommandStatus {
	switch {
	case err == nil:
		return smpp.ESME_ROK
	case sms.CodeOf(err) == sms.Conflict:
		return tooLate
	case sms.CodeOf(err) == sms.Internal:
		h.server.parts.Log.Error("smpp: a message could not be changed", "session", h, "error", err)
	}
	return statusOf(err)
}

// replace answers replace_sm for a message that is held until its date. SMPP 3.4 §4.10.1. What is left empty stays.
func (h *Session) replace(ctx context.Context, p *smpp.ReplaceSM) smpp.CommandStatus {
	record, status := h.find(ctx, p.MessageID, p.SourceAddr)
	if status != smpp.ESME_ROK {
		return status
	}
	account := h.caller.Load().Account
	r, status := replacement(p, record.Message, account.Settings, time.Now())
	if status != smpp.ESME_ROK {
		return status
	}
	_, err := h.server.parts.Changer.Replace(ctx, account, record.Message.ID, r)
	return h.changed(err, smpp.ESME_RREPLACEFAIL)
}

// replacement reads a replace_sm. Its text is in the alphabet of the message's data_coding; one that travels as it was
// given, with a header or as octets, gets no other text.
func replacement(p *smpp.ReplaceSM, m *sms.Message, settings sms.Settings, now time.Time) (r intake.Replacement, status smpp.CommandStatus) {
	var ok bool
	if p.SMDefaultMsgID != 0 {
		return r, smpp.ESME_RINVDFTMSGID
	}
	if r.Due, ok = parseTime(p.ScheduleDeliveryTime, now); !ok {
		return r, smpp.ESME_RINVSCHED
	}
	if r.Expires, ok = parseTime(p.ValidityPeriod, now); !ok {
		return r, smpp.ESME_RINVEXPIRY
	}
	wanted := receipts(p.RegisteredDelivery)
	r.Alter = func(m *sms.Message) { m.Submission.Receipts = wanted }
	if len(p.ShortMessage) == 0 {
		return r, smpp.ESME_ROK
	}
	c, ok := alphabet(m.Submission.Alphabet, settings.SMPPCharset)
	if !ok || c.decode == nil || m.UDH != nil {
		return r, smpp.ESME_RREPLACEFAIL
	}
	if r.Text, ok = c.decode(p.ShortMessage); !ok || r.Text == "" {
		return r, smpp.ESME_RSUBMITFAIL
	}
	return r, smpp.ESME_ROK
}
