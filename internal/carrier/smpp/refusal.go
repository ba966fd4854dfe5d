package smpp

import (
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
)

// refusal is what a command_status means for a part.
type refusal struct {
	verdict dispatch.Verdict
	words   string // for the customer
	why     string // it is of this class; docs/carriers.md repeats it for operators
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

// The reasons that many have in common.
const (
	sameAgain  = "the same octets would be refused again"
	sameField  = "the field is of this message; the next may be good"
	ourAccount = "it is about our account or bind, so it meets every message"
	neverAsked = "it answers another request than submit_sm; to repeat what such a peer refuses is of no use"
)

// refusals is the one table from command_status (SMPP 3.4 §5.1.3) to what it means for a part: every status that has a
// name but ESME_ROK. What is not in it is final: codes of vendors say for the most part that a number, a sender or a
// text is not allowed. A carrier that means something else has it in its address, see classes.
var refusals = map[smpp.CommandStatus]refusal{
	smpp.ESME_RMSGQFUL:   {dispatch.Throttled, "the queue of the carrier is full", "it empties when we send less"},
	smpp.ESME_RTHROTTLED: {dispatch.Throttled, "the carrier wants fewer messages a second", "that is what it says"},

	smpp.ESME_RSYSERR:        {dispatch.Temporary, "the carrier had an error of its own", "a fault of the carrier, which somebody repairs"},
	smpp.ESME_RSUBMITFAIL:    {dispatch.Temporary, "the carrier could not take the message", "carriers use it for whatever failed behind them"},
	smpp.ESME_RX_T_APPN:      {dispatch.Temporary, "the carrier could not take the message for now", "temporary by its definition"},
	smpp.ESME_RUNKNOWNERR:    {dispatch.Temporary, "the carrier refused without a reason", "it says nothing against the message"},
	statusServiceUnavailable: {dispatch.Temporary, "the service of the carrier is not available", "a fault of the carrier, which somebody repairs"},

	smpp.ESME_RINVCMDID:        {dispatch.CarrierWide, "the carrier does not take messages this way", "it does not know submit_sm"},
	smpp.ESME_RINVBNDSTS:       {dispatch.CarrierWide, "the carrier does not take messages from this bind", ourAccount},
	smpp.ESME_RALYBND:          {dispatch.CarrierWide, "the carrier says that the session is bound already", ourAccount},
	smpp.ESME_RBINDFAIL:        {dispatch.CarrierWide, "the carrier refused the bind", ourAccount},
	smpp.ESME_RINVPASWD:        {dispatch.CarrierWide, "the carrier refused the password", ourAccount},
	smpp.ESME_RINVSYSID:        {dispatch.CarrierWide, "the carrier refused the system_id", ourAccount},
	smpp.ESME_RINVSYSTYP:       {dispatch.CarrierWide, "the carrier refused the system_type", ourAccount},
	smpp.ESME_RINVSERTYP:       {dispatch.CarrierWide, "the carrier refused the service_type", "every message has the same one"},
	statusServiceNotAuthorised: {dispatch.CarrierWide, "the carrier has not enabled the service", ourAccount},
	statusServiceDenied:        {dispatch.CarrierWide, "the carrier denied the service", ourAccount},

	smpp.ESME_RINVMSGLEN:       {dispatch.Permanent, "the carrier refused the length of the message", sameAgain},
	smpp.ESME_RINVCMDLEN:       {dispatch.Permanent, "the carrier could not read the message", sameAgain},
	smpp.ESME_RINVPRTFLG:       {dispatch.Permanent, "the carrier refused the priority", sameAgain},
	smpp.ESME_RINVREGDLVFLG:    {dispatch.Permanent, "the carrier refused the request for a receipt", sameAgain},
	smpp.ESME_RINVSRCADR:       {dispatch.Permanent, "the carrier refused the sender", sameField},
	smpp.ESME_RINVDSTADR:       {dispatch.Permanent, "the carrier refused the destination", sameField},
	smpp.ESME_RINVMSGID:        {dispatch.Permanent, "the carrier refused the id of a message", neverAsked},
	smpp.ESME_RCANCELFAIL:      {dispatch.Permanent, "the carrier refused to cancel a message", neverAsked},
	smpp.ESME_RREPLACEFAIL:     {dispatch.Permanent, "the carrier refused to replace a message", neverAsked},
	smpp.ESME_RINVNUMDESTS:     {dispatch.Permanent, "the carrier refused the number of destinations", neverAsked},
	smpp.ESME_RINVDLNAME:       {dispatch.Permanent, "the carrier refused a distribution list", neverAsked},
	smpp.ESME_RINVDESTFLAG:     {dispatch.Permanent, "the carrier refused the kind of the destination", neverAsked},
	smpp.ESME_RINVSUBREP:       {dispatch.Permanent, "the carrier refused to replace a message", sameAgain},
	smpp.ESME_RINVESMCLASS:     {dispatch.Permanent, "the carrier refused the kind of the message", sameAgain},
	smpp.ESME_RCNTSUBDL:        {dispatch.Permanent, "the carrier refused a distribution list", neverAsked},
	smpp.ESME_RINVSRCTON:       {dispatch.Permanent, "the carrier refused the kind of the sender", sameField},
	smpp.ESME_RINVSRCNPI:       {dispatch.Permanent, "the carrier refused the kind of the sender", sameField},
	smpp.ESME_RINVDSTTON:       {dispatch.Permanent, "the carrier refused the kind of the destination", sameField},
	smpp.ESME_RINVDSTNPI:       {dispatch.Permanent, "the carrier refused the kind of the destination", sameField},
	smpp.ESME_RINVREPFLAG:      {dispatch.Permanent, "the carrier refused a field of the message", sameAgain},
	smpp.ESME_RINVNUMMSGS:      {dispatch.Permanent, "the carrier refused the number of messages", neverAsked},
	smpp.ESME_RINVSCHED:        {dispatch.Permanent, "the carrier refused the time of delivery", sameAgain},
	smpp.ESME_RINVEXPIRY:       {dispatch.Permanent, "the carrier refused the validity period", sameField},
	smpp.ESME_RINVDFTMSGID:     {dispatch.Permanent, "the carrier refused a field of the message", sameAgain},
	smpp.ESME_RX_P_APPN:        {dispatch.Permanent, "the carrier refused the message for good", "permanent by its definition"},
	smpp.ESME_RX_R_APPN:        {dispatch.Permanent, "the carrier rejected the message", "a rejection by its definition"},
	smpp.ESME_RQUERYFAIL:       {dispatch.Permanent, "the carrier refused to tell of a message", neverAsked},
	smpp.ESME_RINVOPTPARSTREAM: {dispatch.Permanent, "the carrier refused the optional parameters", sameAgain},
	smpp.ESME_ROPTPARNOTALLWD:  {dispatch.Permanent, "the carrier refused an optional parameter", sameAgain},
	smpp.ESME_RINVPARLEN:       {dispatch.Permanent, "the carrier refused the length of a parameter", sameAgain},
	smpp.ESME_RMISSINGOPTPARAM: {dispatch.Permanent, "the carrier wants an optional parameter that is missing", sameAgain},
	smpp.ESME_RINVOPTPARAMVAL:  {dispatch.Permanent, "the carrier refused the value of an optional parameter", sameAgain},
	smpp.ESME_RDELIVERYFAILURE: {dispatch.Permanent, "the carrier could not deliver the message", "the carrier has tried and given up"},
	statusProhibited:           {dispatch.Permanent, "the carrier does not allow the message", sameField},
	statusDataCoding:           {dispatch.Permanent, "the carrier does not know the alphabet of the message", sameField},
	statusSourceSubunit:        {dispatch.Permanent, "the carrier refused the sender", sameField},
	statusDestinationSubunit:   {dispatch.Permanent, "the carrier refused the destination", sameField},
}
