package smppapi

import (
	"context"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// query answers query_sm. SMPP 3.4 §4.8.1.
func (h *Session) query(ctx context.Context, p *smpp.QuerySM) (smpp.CommandStatus, smpp.PDU) {
	record, status := h.find(ctx, p.MessageID, p.SourceAddr)
	if status != smpp.ESME_ROK {
		return status, nil
	}
	state := stateOf(record)
	resp := &smpp.QuerySMResp{MessageID: p.MessageID, MessageState: state}
	if state.Final() {
		resp.FinalDate = formatTime(record.Final)
	}
	return smpp.ESME_ROK, resp
}

// find looks a message up among those of the account. A source address that is given must be the message's.
func (h *Session) find(ctx context.Context, id, source string) (*sms.Record, smpp.CommandStatus) {
	record, err := h.server.parts.Messages.Of(ctx, h.caller.Load().Account.ID, id)
	switch {
	case err != nil:
		if sms.CodeOf(err) == sms.Internal {
			h.server.parts.Log.Error("smpp: a message could not be looked up", "session", h, "error", err)
		}
		return nil, statusOf(err)
	case record == nil:
		return nil, smpp.ESME_RINVMSGID
	case source != "" && !sameSource(record.Message, source):
		return nil, smpp.ESME_RINVSRCADR
	}
	return record, smpp.ESME_ROK
}

func sameSource(m *sms.Message, source string) bool {
	digits, numeric := m.Sender.Numeric()
	if !numeric {
		return source == string(m.Sender)
	}
	given, _ := sms.Sender(strings.TrimPrefix(source, "00")).Numeric()
	return given == digits
}

// stateOf is message_state of SMPP 3.4 §5.2.28, which has no word for a message that waits for its date.
func stateOf(record *sms.Record) smpp.MessageState {
	switch record.State {
	case sms.Delivered:
		return smpp.StateDelivered
	case sms.Expired:
		return smpp.StateExpired
	case sms.Failed:
		return smpp.StateUndeliverable
	case sms.Cancelled:
		return smpp.StateDeleted
	case sms.Refused:
		return smpp.StateRejected
	case sms.Unknown:
		return smpp.StateUnknown
	}
	return smpp.StateEnroute
}
