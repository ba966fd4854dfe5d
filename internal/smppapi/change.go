package smppapi

import (
	"context"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Changer changes messages that have not left. An error of class Conflict says that it is too late.
type Changer interface {
	Cancel(ctx context.Context, account sms.AccountID, id sms.ID) error
}

// cancel answers cancel_sm. SMPP 3.4 §4.9.1. Without a message_id it would cancel a whole conversation: that is refused.
func (h *Session) cancel(ctx context.Context, p *smpp.CancelSM) smpp.CommandStatus {
	if p.MessageID == "" || h.server.parts.Changer == nil {
		return smpp.ESME_RCANCELFAIL
	}
	record, status := h.find(ctx, p.MessageID, p.SourceAddr)
	if status != smpp.ESME_ROK {
		return status
	}
	err := h.server.parts.Changer.Cancel(ctx, record.Message.Account, record.Message.ID)
	switch sms.CodeOf(err) {
	case sms.Conflict:
		return smpp.ESME_RCANCELFAIL
	}
	if err != nil {
		return statusOf(err)
	}
	return smpp.ESME_ROK
}

// replace answers replace_sm. SMPP 3.4 §4.10.1.
func (h *Session) replace(context.Context, *smpp.ReplaceSM) smpp.CommandStatus {
	return smpp.ESME_RREPLACEFAIL
}
