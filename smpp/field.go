package smpp

// field is a mandatory parameter: its name in the specification, its limit in
// octets with the NUL, and the status that refuses it. SMPP 3.4 §5.2.
type field struct {
	name   string
	max    int
	status CommandStatus
}

// Never changed: tables in the form of variables, so that a hot path passes a
// pointer. The limits are those of the tables in SMPP 3.4 §4.
var (
	fieldSystemID          = field{"system_id", 16, ESME_RINVSYSID}
	fieldPassword          = field{"password", 65, ESME_RINVPASWD} // 9 in the specification; peers of the field use longer ones
	fieldSystemType        = field{"system_type", 13, ESME_RINVSYSTYP}
	fieldInterfaceVersion  = field{"interface_version", 1, ESME_RINVCMDLEN}
	fieldAddrTON           = field{"addr_ton", 1, ESME_RINVCMDLEN}
	fieldAddrNPI           = field{"addr_npi", 1, ESME_RINVCMDLEN}
	fieldAddressRange      = field{"address_range", 41, ESME_RBINDFAIL}
	fieldServiceType       = field{"service_type", 6, ESME_RINVSERTYP}
	fieldSourceAddrTON     = field{"source_addr_ton", 1, ESME_RINVSRCTON}
	fieldSourceAddrNPI     = field{"source_addr_npi", 1, ESME_RINVSRCNPI}
	fieldSourceAddr        = field{"source_addr", 21, ESME_RINVSRCADR}
	fieldSourceAddrLong    = field{"source_addr", 65, ESME_RINVSRCADR}
	fieldDestAddrTON       = field{"dest_addr_ton", 1, ESME_RINVDSTTON}
	fieldDestAddrNPI       = field{"dest_addr_npi", 1, ESME_RINVDSTNPI}
	fieldDestinationAddr   = field{"destination_addr", 21, ESME_RINVDSTADR}
	fieldDestAddrLong      = field{"destination_addr", 65, ESME_RINVDSTADR}
	fieldESMClass          = field{"esm_class", 1, ESME_RINVESMCLASS}
	fieldProtocolID        = field{"protocol_id", 1, ESME_RINVCMDLEN}
	fieldPriorityFlag      = field{"priority_flag", 1, ESME_RINVPRTFLG}
	fieldSchedule          = field{"schedule_delivery_time", 17, ESME_RINVSCHED}
	fieldValidity          = field{"validity_period", 17, ESME_RINVEXPIRY}
	fieldRegistered        = field{"registered_delivery", 1, ESME_RINVREGDLVFLG}
	fieldReplaceIfPresent  = field{"replace_if_present_flag", 1, ESME_RINVREPFLAG}
	fieldDataCoding        = field{"data_coding", 1, ESME_RINVCMDLEN}
	fieldSMDefaultMsgID    = field{"sm_default_msg_id", 1, ESME_RINVDFTMSGID}
	fieldSMLength          = field{"sm_length", 1, ESME_RINVMSGLEN}
	fieldShortMessage      = field{"short_message", 254, ESME_RINVMSGLEN}
	fieldMessageID         = field{"message_id", 65, ESME_RINVMSGID}
	fieldFinalDate         = field{"final_date", 17, ESME_RINVCMDLEN}
	fieldMessageState      = field{"message_state", 1, ESME_RINVCMDLEN}
	fieldErrorCode         = field{"error_code", 1, ESME_RINVCMDLEN}
	fieldNumberOfDests     = field{"number_of_dests", 254, ESME_RINVNUMDESTS}
	fieldDestFlag          = field{"dest_flag", 1, ESME_RINVDESTFLAG}
	fieldDLName            = field{"dl_name", 21, ESME_RINVDLNAME}
	fieldNoUnsuccess       = field{"no_unsuccess", 255, ESME_RINVCMDLEN}
	fieldErrorStatusCode   = field{"error_status_code", 4, ESME_RINVCMDLEN}
	fieldESMEAddrTON       = field{"esme_addr_ton", 1, ESME_RINVCMDLEN}
	fieldESMEAddrNPI       = field{"esme_addr_npi", 1, ESME_RINVCMDLEN}
	fieldESMEAddr          = field{"esme_addr", 65, ESME_RINVCMDLEN}
	fieldOptionalParameter = field{"optional parameters", 65535, ESME_RINVOPTPARSTREAM}
)
