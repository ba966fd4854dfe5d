package smpp

import (
	"errors"
	"fmt"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
)

// refused translates a command_status other than ESME_ROK.
func (c Classes) refused(status smpp.CommandStatus) dispatch.Answer {
	r, known := refusals[status]
	switch {
	case known:
	case status >= firstVendor && status <= lastVendor:
		r = refusal{verdict: dispatch.Permanent, words: "the carrier refused the message with a code of its own"}
	default:
		r = refusal{verdict: dispatch.Permanent, words: "the carrier refused the message"}
	}
	if own, ok := c[status]; ok {
		r.verdict = own
	}
	return dispatch.Answer{Verdict: r.verdict, Code: fmt.Sprintf("0x%08x", uint32(status)), Reason: r.words}
}

// answered translates the response to a submit_sm. An accepted part may have no message_id: nothing will tell its end.
func (c Classes) answered(r smpp.Response) dispatch.Answer {
	switch {
	case r.Err != nil:
		return unanswered(r.Err)
	case r.Status != smpp.ESME_ROK:
		return c.refused(r.Status)
	}
	a := dispatch.Answer{Verdict: dispatch.Accepted}
	if resp, ok := r.PDU.(*smpp.SubmitSMResp); ok {
		a.Ref = storable(resp.MessageID)
	}
	return a
}

// unanswered translates a request that has no response.
func unanswered(err error) dispatch.Answer {
	if e, ok := errors.AsType[*smpp.EncodeError](err); ok {
		return dispatch.Answer{Verdict: dispatch.Permanent, Reason: "the message has no form in SMPP: " + e.Field + " " + e.Reason}
	}
	if e, ok := errors.AsType[*smpp.RequestError](err); ok && !e.Sent {
		return dispatch.Answer{Verdict: dispatch.NotSent, Reason: "the session to the carrier ended before the message was sent"}
	}
	if errors.Is(err, smpp.ErrTimeout) {
		return dispatch.Answer{Verdict: dispatch.Uncertain, Reason: "the carrier did not answer in time"}
	}
	return dispatch.Answer{Verdict: dispatch.Uncertain, Reason: "the session to the carrier ended before its answer"}
}
