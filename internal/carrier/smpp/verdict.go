package smpp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
)

// refusal is what a command_status means for a part.
type refusal struct {
	verdict dispatch.Verdict
	words   string
}

// The statuses of SMPP 5.0 that carriers of version 3.4 send too.
const (
	statusServiceNotAuthorised smpp.CommandStatus = 0x100
	statusProhibited           smpp.CommandStatus = 0x101
	statusServiceUnavailable   smpp.CommandStatus = 0x102
	statusServiceDenied        smpp.CommandStatus = 0x103
	statusDataCoding           smpp.CommandStatus = 0x104
	statusSourceSubunit        smpp.CommandStatus = 0x105
	statusDestinationSubunit   smpp.CommandStatus = 0x106
)

// The range that SMPP 3.4 §5.1.3 leaves to vendors.
const (
	firstVendor smpp.CommandStatus = 0x400
	lastVendor  smpp.CommandStatus = 0x4FF
)

// refusals is the one table from command_status (SMPP 3.4 §5.1.3) to what it means for a part. What is not in it is
// final: codes of vendors say for the most part that a number, a sender or a text is not allowed.
var refusals = map[smpp.CommandStatus]refusal{
	smpp.ESME_RTHROTTLED: {dispatch.Throttled, "the carrier wants fewer messages a second"},
	smpp.ESME_RMSGQFUL:   {dispatch.Throttled, "the queue of the carrier is full"},

	smpp.ESME_RSYSERR:        {dispatch.Temporary, "the carrier had an error of its own"},
	smpp.ESME_RSUBMITFAIL:    {dispatch.Temporary, "the carrier could not take the message"},
	smpp.ESME_RX_T_APPN:      {dispatch.Temporary, "the carrier could not take the message for now"},
	smpp.ESME_RUNKNOWNERR:    {dispatch.Temporary, "the carrier refused without a reason"},
	statusServiceUnavailable: {dispatch.Temporary, "the service of the carrier is not available"},

	smpp.ESME_RINVCMDID:        {dispatch.CarrierWide, "the carrier does not take messages this way"},
	smpp.ESME_RINVBNDSTS:       {dispatch.CarrierWide, "the carrier does not take messages from this bind"},
	smpp.ESME_RALYBND:          {dispatch.CarrierWide, "the carrier says that the session is bound already"},
	smpp.ESME_RBINDFAIL:        {dispatch.CarrierWide, "the carrier refused the bind"},
	smpp.ESME_RINVPASWD:        {dispatch.CarrierWide, "the carrier refused the password"},
	smpp.ESME_RINVSYSID:        {dispatch.CarrierWide, "the carrier refused the system_id"},
	smpp.ESME_RINVSYSTYP:       {dispatch.CarrierWide, "the carrier refused the system_type"},
	smpp.ESME_RINVSERTYP:       {dispatch.CarrierWide, "the carrier refused the service_type"},
	statusServiceNotAuthorised: {dispatch.CarrierWide, "the carrier has not enabled the service"},
	statusServiceDenied:        {dispatch.CarrierWide, "the carrier denied the service"},

	smpp.ESME_RINVMSGLEN:       {dispatch.Permanent, "the carrier refused the length of the message"},
	smpp.ESME_RINVCMDLEN:       {dispatch.Permanent, "the carrier could not read the message"},
	smpp.ESME_RINVPRTFLG:       {dispatch.Permanent, "the carrier refused the priority"},
	smpp.ESME_RINVREGDLVFLG:    {dispatch.Permanent, "the carrier refused the request for a receipt"},
	smpp.ESME_RINVSRCADR:       {dispatch.Permanent, "the carrier refused the sender"},
	smpp.ESME_RINVSRCTON:       {dispatch.Permanent, "the carrier refused the kind of the sender"},
	smpp.ESME_RINVSRCNPI:       {dispatch.Permanent, "the carrier refused the kind of the sender"},
	smpp.ESME_RINVDSTADR:       {dispatch.Permanent, "the carrier refused the destination"},
	smpp.ESME_RINVDSTTON:       {dispatch.Permanent, "the carrier refused the kind of the destination"},
	smpp.ESME_RINVDSTNPI:       {dispatch.Permanent, "the carrier refused the kind of the destination"},
	smpp.ESME_RINVESMCLASS:     {dispatch.Permanent, "the carrier refused the kind of the message"},
	smpp.ESME_RINVREPFLAG:      {dispatch.Permanent, "the carrier refused a field of the message"},
	smpp.ESME_RINVSCHED:        {dispatch.Permanent, "the carrier refused the time of delivery"},
	smpp.ESME_RINVEXPIRY:       {dispatch.Permanent, "the carrier refused the validity period"},
	smpp.ESME_RINVDFTMSGID:     {dispatch.Permanent, "the carrier refused a field of the message"},
	smpp.ESME_RX_P_APPN:        {dispatch.Permanent, "the carrier refused the message for good"},
	smpp.ESME_RX_R_APPN:        {dispatch.Permanent, "the carrier rejected the message"},
	smpp.ESME_RINVOPTPARSTREAM: {dispatch.Permanent, "the carrier refused the optional parameters"},
	smpp.ESME_ROPTPARNOTALLWD:  {dispatch.Permanent, "the carrier refused an optional parameter"},
	smpp.ESME_RINVPARLEN:       {dispatch.Permanent, "the carrier refused the length of a parameter"},
	smpp.ESME_RMISSINGOPTPARAM: {dispatch.Permanent, "the carrier wants an optional parameter that is missing"},
	smpp.ESME_RINVOPTPARAMVAL:  {dispatch.Permanent, "the carrier refused the value of an optional parameter"},
	smpp.ESME_RDELIVERYFAILURE: {dispatch.Permanent, "the carrier could not deliver the message"},
	statusProhibited:           {dispatch.Permanent, "the carrier does not allow the message"},
	statusDataCoding:           {dispatch.Permanent, "the carrier does not know the alphabet of the message"},
	statusSourceSubunit:        {dispatch.Permanent, "the carrier refused the sender"},
	statusDestinationSubunit:   {dispatch.Permanent, "the carrier refused the destination"},
}

// refused translates a command_status other than ESME_ROK.
func refused(status smpp.CommandStatus) dispatch.Answer {
	r, known := refusals[status]
	switch {
	case known:
	case status >= firstVendor && status <= lastVendor:
		r = refusal{dispatch.Permanent, "the carrier refused the message with a code of its own"}
	default:
		r = refusal{dispatch.Permanent, "the carrier refused the message"}
	}
	return dispatch.Answer{Verdict: r.verdict, Code: fmt.Sprintf("0x%08x", uint32(status)), Reason: r.words}
}

// answered translates the response to a submit_sm. An accepted part may have no message_id: nothing will tell its end.
func answered(r smpp.Response) dispatch.Answer {
	switch {
	case r.Err != nil:
		return unanswered(r.Err)
	case r.Status != smpp.ESME_ROK:
		return refused(r.Status)
	}
	a := dispatch.Answer{Verdict: dispatch.Accepted}
	if resp, ok := r.PDU.(*smpp.SubmitSMResp); ok {
		a.Ref = strings.Clone(resp.MessageID) // the response shares its memory with all that came along with it
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
