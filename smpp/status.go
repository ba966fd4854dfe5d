package smpp

// CommandStatus is the outcome that a response carries. SMPP 3.4 §5.1.3. It is
// an error, so that a refusal can be told from a lost connection with errors.As;
// a call that succeeded returns nil and never ESME_ROK as an error.
type CommandStatus uint32

// The values of command_status, under the names of SMPP 3.4 table 5-2.
const (
	ESME_ROK              CommandStatus = 0x00000000
	ESME_RINVMSGLEN       CommandStatus = 0x00000001
	ESME_RINVCMDLEN       CommandStatus = 0x00000002
	ESME_RINVCMDID        CommandStatus = 0x00000003
	ESME_RINVBNDSTS       CommandStatus = 0x00000004
	ESME_RALYBND          CommandStatus = 0x00000005
	ESME_RINVPRTFLG       CommandStatus = 0x00000006
	ESME_RINVREGDLVFLG    CommandStatus = 0x00000007
	ESME_RSYSERR          CommandStatus = 0x00000008
	ESME_RINVSRCADR       CommandStatus = 0x0000000A
	ESME_RINVDSTADR       CommandStatus = 0x0000000B
	ESME_RINVMSGID        CommandStatus = 0x0000000C
	ESME_RBINDFAIL        CommandStatus = 0x0000000D
	ESME_RINVPASWD        CommandStatus = 0x0000000E
	ESME_RINVSYSID        CommandStatus = 0x0000000F
	ESME_RCANCELFAIL      CommandStatus = 0x00000011
	ESME_RREPLACEFAIL     CommandStatus = 0x00000013
	ESME_RMSGQFUL         CommandStatus = 0x00000014
	ESME_RINVSERTYP       CommandStatus = 0x00000015
	ESME_RINVNUMDESTS     CommandStatus = 0x00000033
	ESME_RINVDLNAME       CommandStatus = 0x00000034
	ESME_RINVDESTFLAG     CommandStatus = 0x00000040
	ESME_RINVSUBREP       CommandStatus = 0x00000042
	ESME_RINVESMCLASS     CommandStatus = 0x00000043
	ESME_RCNTSUBDL        CommandStatus = 0x00000044
	ESME_RSUBMITFAIL      CommandStatus = 0x00000045
	ESME_RINVSRCTON       CommandStatus = 0x00000048
	ESME_RINVSRCNPI       CommandStatus = 0x00000049
	ESME_RINVDSTTON       CommandStatus = 0x00000050
	ESME_RINVDSTNPI       CommandStatus = 0x00000051
	ESME_RINVSYSTYP       CommandStatus = 0x00000053
	ESME_RINVREPFLAG      CommandStatus = 0x00000054
	ESME_RINVNUMMSGS      CommandStatus = 0x00000055
	ESME_RTHROTTLED       CommandStatus = 0x00000058
	ESME_RINVSCHED        CommandStatus = 0x00000061
	ESME_RINVEXPIRY       CommandStatus = 0x00000062
	ESME_RINVDFTMSGID     CommandStatus = 0x00000063
	ESME_RX_T_APPN        CommandStatus = 0x00000064
	ESME_RX_P_APPN        CommandStatus = 0x00000065
	ESME_RX_R_APPN        CommandStatus = 0x00000066
	ESME_RQUERYFAIL       CommandStatus = 0x00000067
	ESME_RINVOPTPARSTREAM CommandStatus = 0x000000C0
	ESME_ROPTPARNOTALLWD  CommandStatus = 0x000000C1
	ESME_RINVPARLEN       CommandStatus = 0x000000C2
	ESME_RMISSINGOPTPARAM CommandStatus = 0x000000C3
	ESME_RINVOPTPARAMVAL  CommandStatus = 0x000000C4
	ESME_RDELIVERYFAILURE CommandStatus = 0x000000FE
	ESME_RUNKNOWNERR      CommandStatus = 0x000000FF
)

// Error returns the name and what the specification says about it.
func (s CommandStatus) Error() string {
	_, text := s.describe()
	if text == "" {
		return "smpp: command_status " + s.String()
	}
	return "smpp: " + s.String() + ": " + text
}

// String returns the name in the specification, or 0x and eight digits.
func (s CommandStatus) String() string {
	if name, _ := s.describe(); name != "" {
		return name
	}
	return "0x" + hex8(uint32(s))
}

func (s CommandStatus) describe() (name, text string) {
	switch s {
	case ESME_ROK:
		return "ESME_ROK", "no error"
	case ESME_RINVMSGLEN:
		return "ESME_RINVMSGLEN", "message length is invalid"
	case ESME_RINVCMDLEN:
		return "ESME_RINVCMDLEN", "command length is invalid"
	case ESME_RINVCMDID:
		return "ESME_RINVCMDID", "invalid command id"
	case ESME_RINVBNDSTS:
		return "ESME_RINVBNDSTS", "incorrect bind status for given command"
	case ESME_RALYBND:
		return "ESME_RALYBND", "ESME already in bound state"
	case ESME_RINVPRTFLG:
		return "ESME_RINVPRTFLG", "invalid priority flag"
	case ESME_RINVREGDLVFLG:
		return "ESME_RINVREGDLVFLG", "invalid registered delivery flag"
	case ESME_RSYSERR:
		return "ESME_RSYSERR", "system error"
	case ESME_RINVSRCADR:
		return "ESME_RINVSRCADR", "invalid source address"
	case ESME_RINVDSTADR:
		return "ESME_RINVDSTADR", "invalid destination address"
	case ESME_RINVMSGID:
		return "ESME_RINVMSGID", "message id is invalid"
	case ESME_RBINDFAIL:
		return "ESME_RBINDFAIL", "bind failed"
	case ESME_RINVPASWD:
		return "ESME_RINVPASWD", "invalid password"
	case ESME_RINVSYSID:
		return "ESME_RINVSYSID", "invalid system id"
	case ESME_RCANCELFAIL:
		return "ESME_RCANCELFAIL", "cancel_sm failed"
	case ESME_RREPLACEFAIL:
		return "ESME_RREPLACEFAIL", "replace_sm failed"
	case ESME_RMSGQFUL:
		return "ESME_RMSGQFUL", "message queue full"
	case ESME_RINVSERTYP:
		return "ESME_RINVSERTYP", "invalid service type"
	case ESME_RINVNUMDESTS:
		return "ESME_RINVNUMDESTS", "invalid number of destinations"
	case ESME_RINVDLNAME:
		return "ESME_RINVDLNAME", "invalid distribution list name"
	case ESME_RINVDESTFLAG:
		return "ESME_RINVDESTFLAG", "destination flag is invalid"
	case ESME_RINVSUBREP:
		return "ESME_RINVSUBREP", "invalid submit with replace request"
	case ESME_RINVESMCLASS:
		return "ESME_RINVESMCLASS", "invalid esm_class field data"
	case ESME_RCNTSUBDL:
		return "ESME_RCNTSUBDL", "cannot submit to distribution list"
	case ESME_RSUBMITFAIL:
		return "ESME_RSUBMITFAIL", "submit_sm or submit_multi failed"
	case ESME_RINVSRCTON:
		return "ESME_RINVSRCTON", "invalid source address TON"
	case ESME_RINVSRCNPI:
		return "ESME_RINVSRCNPI", "invalid source address NPI"
	case ESME_RINVDSTTON:
		return "ESME_RINVDSTTON", "invalid destination address TON"
	case ESME_RINVDSTNPI:
		return "ESME_RINVDSTNPI", "invalid destination address NPI"
	case ESME_RINVSYSTYP:
		return "ESME_RINVSYSTYP", "invalid system_type field"
	case ESME_RINVREPFLAG:
		return "ESME_RINVREPFLAG", "invalid replace_if_present flag"
	case ESME_RINVNUMMSGS:
		return "ESME_RINVNUMMSGS", "invalid number of messages"
	case ESME_RTHROTTLED:
		return "ESME_RTHROTTLED", "throttling error: ESME has exceeded allowed message limits"
	case ESME_RINVSCHED:
		return "ESME_RINVSCHED", "invalid scheduled delivery time"
	case ESME_RINVEXPIRY:
		return "ESME_RINVEXPIRY", "invalid message validity period"
	case ESME_RINVDFTMSGID:
		return "ESME_RINVDFTMSGID", "predefined message invalid or not found"
	case ESME_RX_T_APPN:
		return "ESME_RX_T_APPN", "ESME receiver temporary application error"
	case ESME_RX_P_APPN:
		return "ESME_RX_P_APPN", "ESME receiver permanent application error"
	case ESME_RX_R_APPN:
		return "ESME_RX_R_APPN", "ESME receiver reject message error"
	case ESME_RQUERYFAIL:
		return "ESME_RQUERYFAIL", "query_sm request failed"
	case ESME_RINVOPTPARSTREAM:
		return "ESME_RINVOPTPARSTREAM", "error in the optional part of the PDU body"
	case ESME_ROPTPARNOTALLWD:
		return "ESME_ROPTPARNOTALLWD", "optional parameter not allowed"
	case ESME_RINVPARLEN:
		return "ESME_RINVPARLEN", "invalid parameter length"
	case ESME_RMISSINGOPTPARAM:
		return "ESME_RMISSINGOPTPARAM", "expected optional parameter missing"
	case ESME_RINVOPTPARAMVAL:
		return "ESME_RINVOPTPARAMVAL", "invalid optional parameter value"
	case ESME_RDELIVERYFAILURE:
		return "ESME_RDELIVERYFAILURE", "delivery failure"
	case ESME_RUNKNOWNERR:
		return "ESME_RUNKNOWNERR", "unknown error"
	}
	return "", ""
}
