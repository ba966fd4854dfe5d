package smpp

import "strconv"

// TLVTag names an optional parameter. SMPP 3.4 §5.3.2.
type TLVTag uint16

// The optional parameters of SMPP 3.4.
const (
	TagDestAddrSubunit          TLVTag = 0x0005
	TagDestNetworkType          TLVTag = 0x0006
	TagDestBearerType           TLVTag = 0x0007
	TagDestTelematicsID         TLVTag = 0x0008
	TagSourceAddrSubunit        TLVTag = 0x000D
	TagSourceNetworkType        TLVTag = 0x000E
	TagSourceBearerType         TLVTag = 0x000F
	TagSourceTelematicsID       TLVTag = 0x0010
	TagQOSTimeToLive            TLVTag = 0x0017
	TagPayloadType              TLVTag = 0x0019
	TagAdditionalStatusInfoText TLVTag = 0x001D
	TagReceiptedMessageID       TLVTag = 0x001E
	TagMSMsgWaitFacilities      TLVTag = 0x0030
	TagPrivacyIndicator         TLVTag = 0x0201
	TagSourceSubaddress         TLVTag = 0x0202
	TagDestSubaddress           TLVTag = 0x0203
	TagUserMessageReference     TLVTag = 0x0204
	TagUserResponseCode         TLVTag = 0x0205
	TagSourcePort               TLVTag = 0x020A
	TagDestinationPort          TLVTag = 0x020B
	TagSARMsgRefNum             TLVTag = 0x020C
	TagLanguageIndicator        TLVTag = 0x020D
	TagSARTotalSegments         TLVTag = 0x020E
	TagSARSegmentSeqnum         TLVTag = 0x020F
	TagSCInterfaceVersion       TLVTag = 0x0210
	TagCallbackNumPresInd       TLVTag = 0x0302
	TagCallbackNumAtag          TLVTag = 0x0303
	TagNumberOfMessages         TLVTag = 0x0304
	TagCallbackNum              TLVTag = 0x0381
	TagDPFResult                TLVTag = 0x0420
	TagSetDPF                   TLVTag = 0x0421
	TagMSAvailabilityStatus     TLVTag = 0x0422
	TagNetworkErrorCode         TLVTag = 0x0423
	TagMessagePayload           TLVTag = 0x0424
	TagDeliveryFailureReason    TLVTag = 0x0425
	TagMoreMessagesToSend       TLVTag = 0x0426
	TagMessageState             TLVTag = 0x0427
	TagUSSDServiceOp            TLVTag = 0x0501
	TagDisplayTime              TLVTag = 0x1201
	TagSMSSignal                TLVTag = 0x1203
	TagMSValidity               TLVTag = 0x1204
	TagAlertOnMessageDelivery   TLVTag = 0x130C
	TagITSReplyType             TLVTag = 0x1380
	TagITSSessionInfo           TLVTag = 0x1383
)

// String returns the name in the specification, or 0x and the tag in hexadecimal.
func (t TLVTag) String() string {
	switch t {
	case TagDestAddrSubunit:
		return "dest_addr_subunit"
	case TagDestNetworkType:
		return "dest_network_type"
	case TagDestBearerType:
		return "dest_bearer_type"
	case TagDestTelematicsID:
		return "dest_telematics_id"
	case TagSourceAddrSubunit:
		return "source_addr_subunit"
	case TagSourceNetworkType:
		return "source_network_type"
	case TagSourceBearerType:
		return "source_bearer_type"
	case TagSourceTelematicsID:
		return "source_telematics_id"
	case TagQOSTimeToLive:
		return "qos_time_to_live"
	case TagPayloadType:
		return "payload_type"
	case TagAdditionalStatusInfoText:
		return "additional_status_info_text"
	case TagReceiptedMessageID:
		return "receipted_message_id"
	case TagMSMsgWaitFacilities:
		return "ms_msg_wait_facilities"
	case TagPrivacyIndicator:
		return "privacy_indicator"
	case TagSourceSubaddress:
		return "source_subaddress"
	case TagDestSubaddress:
		return "dest_subaddress"
	case TagUserMessageReference:
		return "user_message_reference"
	case TagUserResponseCode:
		return "user_response_code"
	case TagSourcePort:
		return "source_port"
	case TagDestinationPort:
		return "destination_port"
	case TagSARMsgRefNum:
		return "sar_msg_ref_num"
	case TagLanguageIndicator:
		return "language_indicator"
	case TagSARTotalSegments:
		return "sar_total_segments"
	case TagSARSegmentSeqnum:
		return "sar_segment_seqnum"
	case TagSCInterfaceVersion:
		return "sc_interface_version"
	case TagCallbackNumPresInd:
		return "callback_num_pres_ind"
	case TagCallbackNumAtag:
		return "callback_num_atag"
	case TagNumberOfMessages:
		return "number_of_messages"
	case TagCallbackNum:
		return "callback_num"
	case TagDPFResult:
		return "dpf_result"
	case TagSetDPF:
		return "set_dpf"
	case TagMSAvailabilityStatus:
		return "ms_availability_status"
	case TagNetworkErrorCode:
		return "network_error_code"
	case TagMessagePayload:
		return "message_payload"
	case TagDeliveryFailureReason:
		return "delivery_failure_reason"
	case TagMoreMessagesToSend:
		return "more_messages_to_send"
	case TagMessageState:
		return "message_state"
	case TagUSSDServiceOp:
		return "ussd_service_op"
	case TagDisplayTime:
		return "display_time"
	case TagSMSSignal:
		return "sms_signal"
	case TagMSValidity:
		return "ms_validity"
	case TagAlertOnMessageDelivery:
		return "alert_on_message_delivery"
	case TagITSReplyType:
		return "its_reply_type"
	case TagITSSessionInfo:
		return "its_session_info"
	}
	return "0x" + strconv.FormatUint(uint64(t), 16)
}
