package httpapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// The codes of the contract, section 4. Code 11 is never sent.
const (
	codeCredentials      = 1
	codeCredit           = 2
	codeDestination      = 4
	codeBodyMissing      = 6
	codeBodyUnsupported  = 7
	codeServer           = 8
	codeTimeout          = 9
	codeSenderMissing    = 10
	codeDestinationsNone = 13
	codeMessagesNone     = 14
	codeIDs              = 15
	codeSender           = 18
	codeGlobalID         = 20
	codeMaxIDLen         = 21
	codeUDHData          = 22
	codeScheduling       = 23
	codeBodyValue        = 24
	codeAddress          = 100
)

// jsendStatusCode is the code of answers that say nothing about a member of the request. All others have codeServer.
var jsendStatusCode = map[int]int{
	http.StatusUnauthorized: codeCredentials,
	http.StatusForbidden:    codeAddress,
	http.StatusBadRequest:   codeMessagesNone, // no message could be read
}

// jsendMissing is the code for what intake finds wrong with a member: it lacks, or it cannot be.
var jsendMissing = map[string]int{
	"globalId": codeGlobalID, "maxIdLen": codeMaxIDLen, "messages": codeMessagesNone, "destinations": codeDestinationsNone,
	"ids": codeIDs, "sender": codeSenderMissing, "body": codeBodyMissing, "hexBody": codeBodyValue, "udhData": codeUDHData,
	"scheduling": codeScheduling,
}

// jsendWrong is the code for a member that is there in a wrong form; the others have codeMessagesNone.
var jsendWrong = map[string]int{
	"globalId": codeGlobalID, "maxIdLen": codeMaxIDLen, "destinations": codeDestination, "ids": codeIDs, "sender": codeSender,
	"body": codeBodyValue, "hexBody": codeBodyValue, "placeholders": codeBodyValue, "udhData": codeUDHData, "scheduling": codeScheduling,
}

// coded is an error that has a code of its own, and perhaps a status.
type coded struct {
	told   *sms.Error
	code   int
	status int // 0: that of the class
}

func (c *coded) Error() string { return c.told.Error() }
func (c *coded) Unwrap() error { return c.told }

func answerJSend(c *call, err error, status int, told *sms.Error, retryAfter int64) {
	code := codeServer
	if own, ok := errors.AsType[*coded](err); ok {
		if code = own.code; own.status != 0 {
			status = own.status
		}
	} else if byStatus, ok := jsendStatusCode[status]; ok {
		code = byStatus
	}
	message := told.Message
	if len(told.Fields) > 0 {
		field := told.Fields[0]
		if message = field.Message; field.Field != document {
			message = brief(field.Field) + ": " + message
		}
		if byField, ok := jsendMissing[lastName(field.Field)]; ok && code == codeMessagesNone {
			code = byField
		}
	}
	body := appendText([]byte(`{"status":"error","message":`), message)
	body = strconv.AppendInt(append(body, `,"code":`...), int64(code), 10)
	if retryAfter > 0 {
		body = strconv.AppendInt(append(body, `,"retryAfter":`...), retryAfter, 10)
	}
	c.answer(status, jsonType, append(appendText(append(body, `,"requestId":`...), c.id), '}'))
}

// lastName is "ids" of "messages[3].ids".
func lastName(field string) string { return field[strings.LastIndexByte(field, '.')+1:] }
