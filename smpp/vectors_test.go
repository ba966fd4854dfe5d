package smpp

// vector is a PDU as octets, spaces between its fields, and as a value.
type vector struct {
	name  string
	octet string
	head  Header // without Length
	pdu   PDU
}

func hdr(id CommandID, status CommandStatus, sequence uint32) Header {
	return Header{ID: id, Status: status, Sequence: sequence}
}

// vectors has every PDU of SMPP 3.4 at least once.
func vectors() []vector {
	return append(append(sessionVectors(), messageVectors()...), otherVectors()...)
}

func sessionVectors() []vector {
	return []vector{
		{"bind_receiver",
			"00000032000000010000000000000001 534d5050335445535400 736563726574303800 5355424d49543100 34 0101 5e333900",
			hdr(CommandBindReceiver, 0, 1),
			&Bind{Type: Receiver, SystemID: "SMPP3TEST", Password: "secret08", SystemType: "SUBMIT1",
				InterfaceVersion: 0x34, AddrTON: 1, AddrNPI: 1, AddressRange: "^39"}},
		{"bind_receiver_resp",
			"0000001f800000010000000000000001 534d5050335445535400 0210000134",
			hdr(CommandBindReceiverResp, 0, 1),
			&BindResp{Type: Receiver, SystemID: "SMPP3TEST", TLVs: TLVs{{TagSCInterfaceVersion, []byte{0x34}}}}},
		{"bind_transmitter",
			"0000002f000000020000000000000002 534d5050335445535400 736563726574303800 5355424d49543100 34 0101 00",
			hdr(CommandBindTransmitter, 0, 2),
			&Bind{Type: Transmitter, SystemID: "SMPP3TEST", Password: "secret08", SystemType: "SUBMIT1",
				InterfaceVersion: 0x34, AddrTON: 1, AddrNPI: 1}},
		{"bind_transmitter_resp",
			"0000001a800000020000000000000002 534d5050335445535400",
			hdr(CommandBindTransmitterResp, 0, 2), &BindResp{Type: Transmitter, SystemID: "SMPP3TEST"}},
		{"bind_transceiver",
			"0000001700000009000000007fffffff 00 00 00 33 0000 00",
			hdr(CommandBindTransceiver, 0, maxSequence), &Bind{Type: Transceiver, InterfaceVersion: 0x33}},
		{"bind_transceiver_resp",
			"00000011800000090000000e00000003 00",
			hdr(CommandBindTransceiverResp, ESME_RINVPASWD, 3), &BindResp{Type: Transceiver}},
		{"outbind", "000000180000000b0000000000000004 736d736300 707700",
			hdr(CommandOutbind, 0, 4), &Outbind{SystemID: "smsc", Password: "pw"}},
		{"unbind", "00000010000000060000000000000005", hdr(CommandUnbind, 0, 5), &Unbind{}},
		{"unbind_resp", "00000010800000060000000000000005", hdr(CommandUnbindResp, 0, 5), &UnbindResp{}},
		{"generic_nack", "00000010800000000000000300000006",
			hdr(CommandGenericNack, ESME_RINVCMDID, 6), &GenericNack{}},
		{"enquire_link", "00000010000000150000000000000010", hdr(CommandEnquireLink, 0, 16), &EnquireLink{}},
		{"enquire_link_resp", "00000010800000150000000000000010", hdr(CommandEnquireLinkResp, 0, 16), &EnquireLinkResp{}},
	}
}

func messageVectors() []vector {
	return []vector{
		{"submit_sm",
			"00000073000000040000000000000007 434d5400 0500 53746166666574746100 0101 33393333333132333435363700 400001" +
				"3236303330323130313130303030342b00 3030303030323030303030303030305200 01000800 0a 050003a60201006820ac" +
				"02040002002a 14010002dead 14010000",
			hdr(CommandSubmitSM, 0, 7),
			&SubmitSM{ServiceType: "CMT", SourceAddrTON: TONAlphanumeric, SourceAddr: "Staffetta",
				DestAddrTON: TONInternational, DestAddrNPI: NPIISDN, DestinationAddr: "393331234567",
				ESMClass: ESMClassUDHI, PriorityFlag: 1, ScheduleDeliveryTime: "260302101100004+",
				ValidityPeriod: "000002000000000R", RegisteredDelivery: 1, DataCoding: DataCodingUCS2,
				ShortMessage: []byte{5, 0, 3, 0xa6, 2, 1, 0, 'h', 0x20, 0xac},
				TLVs:         TLVs{{TagUserMessageReference, []byte{0, 42}}, {0x1401, []byte{0xde, 0xad}}, {0x1401, []byte{}}}}},
		{"submit_sm_resp", "00000019800000040000000000000007 303139386632616100",
			hdr(CommandSubmitSMResp, 0, 7), &SubmitSMResp{MessageID: "0198f2aa"}},
		{"submit_sm_resp refused with a body", "00000011800000040000004500000009 00",
			hdr(CommandSubmitSMResp, ESME_RSUBMITFAIL, 9), &SubmitSMResp{}},
		{"deliver_sm",
			"0000005f00000005000000000000000a 00 0101 33393333333132333435363700 0500 53746166666574746100 040000 00 00" +
				"00000000 10 69643a3120737461743a44454c495652 001e0009303139386632616100 0427000102 04230003030015",
			hdr(CommandDeliverSM, 0, 10),
			&DeliverSM{SourceAddrTON: 1, SourceAddrNPI: 1, SourceAddr: "393331234567", DestAddrTON: TONAlphanumeric,
				DestinationAddr: "Staffetta", ESMClass: ESMClassReceipt, ShortMessage: []byte("id:1 stat:DELIVR"),
				TLVs: TLVs{{TagReceiptedMessageID, []byte("0198f2aa\x00")}, {TagMessageState, []byte{2}},
					{TagNetworkErrorCode, []byte{3, 0, 21}}}}},
		{"deliver_sm_resp", "0000001180000005000000000000000a 00",
			hdr(CommandDeliverSMResp, 0, 10), &DeliverSMResp{}},
		{"data_sm",
			"0000003b00000103000000000000000b 00 0101 33393333333132333435363700 0101 34343737303039303031323300 000100" +
				"0424000568656c6c6f",
			hdr(CommandDataSM, 0, 11),
			&DataSM{SourceAddrTON: 1, SourceAddrNPI: 1, SourceAddr: "393331234567", DestAddrTON: 1, DestAddrNPI: 1,
				DestinationAddr: "447700900123", RegisteredDelivery: 1, TLVs: TLVs{{TagMessagePayload, []byte("hello")}}}},
		{"data_sm_resp", "0000001880000103000000000000000b 373700 0420000101",
			hdr(CommandDataSMResp, 0, 11), &DataSMResp{MessageID: "77", TLVs: TLVs{{TagDPFResult, []byte{1}}}}},
		{"submit_multi",
			"0000003f00000021000000000000000c 00 0000 313233343500 02 010101 33393333333132333435363700" +
				"02 667269656e647300 000000 00 00 00000000 026869",
			hdr(CommandSubmitMulti, 0, 12),
			&SubmitMulti{SourceAddr: "12345", ShortMessage: []byte("hi"), DestAddresses: []DestAddress{
				{DestFlag: DestFlagSMEAddress, DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: "393331234567"},
				{DestFlag: DestFlagDistributionList, DLName: "friends"}}}},
		{"submit_multi_resp",
			"0000002880000021000000000000000c 6d2d3900 01 0101 33393333333132333435363700 0000000b",
			hdr(CommandSubmitMultiResp, 0, 12),
			&SubmitMultiResp{MessageID: "m-9", UnsuccessSMEs: []UnsuccessSME{
				{DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: "393331234567", ErrorStatusCode: ESME_RINVDSTADR}}}},
	}
}

func otherVectors() []vector {
	return []vector{
		{"query_sm", "0000002500000003000000000000000d 303139386632616100 0500 53746166666574746100",
			hdr(CommandQuerySM, 0, 13), &QuerySM{MessageID: "0198f2aa", SourceAddrTON: 5, SourceAddr: "Staffetta"}},
		{"query_sm with an optional parameter",
			"0000002a00000003000000000000000d 303139386632616100 0500 53746166666574746100 1401000101",
			hdr(CommandQuerySM, 0, 13),
			&QuerySM{MessageID: "0198f2aa", SourceAddrTON: 5, SourceAddr: "Staffetta", TLVs: TLVs{{0x1401, []byte{1}}}}},
		{"query_sm_resp", "0000002c80000003000000000000000d 303139386632616100 3236303330323130313130303030342b00 0200",
			hdr(CommandQuerySMResp, 0, 13),
			&QuerySMResp{MessageID: "0198f2aa", FinalDate: "260302101100004+", MessageState: StateDelivered}},
		{"cancel_sm",
			"0000003800000008000000000000000e 434d5400 303139386632616100 0500 53746166666574746100 0101 33393333333132333435363700",
			hdr(CommandCancelSM, 0, 14),
			&CancelSM{ServiceType: "CMT", MessageID: "0198f2aa", SourceAddrTON: 5, SourceAddr: "Staffetta",
				DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: "393331234567"}},
		{"cancel_sm_resp", "0000001080000008000000110000000e",
			hdr(CommandCancelSMResp, ESME_RCANCELFAIL, 14), &CancelSMResp{}},
		{"replace_sm",
			"0000003d00000007000000000000000f 303139386632616100 0500 53746166666574746100 00" +
				"3030303030313030303030303030305200 0100 036e6577",
			hdr(CommandReplaceSM, 0, 15),
			&ReplaceSM{MessageID: "0198f2aa", SourceAddrTON: 5, SourceAddr: "Staffetta",
				ValidityPeriod: "000001000000000R", RegisteredDelivery: 1, ShortMessage: []byte("new")}},
		{"replace_sm_resp", "0000001080000007000000000000000f", hdr(CommandReplaceSMResp, 0, 15), &ReplaceSMResp{}},
		{"alert_notification",
			"0000002c000001020000000000000011 0101 33393333333132333435363700 0101 313233343500 0422000100",
			hdr(CommandAlertNotification, 0, 17),
			&AlertNotification{SourceAddrTON: 1, SourceAddrNPI: 1, SourceAddr: "393331234567", ESMEAddrTON: 1,
				ESMEAddrNPI: 1, ESMEAddr: "12345", TLVs: TLVs{{TagMSAvailabilityStatus, []byte{0}}}}},
	}
}
