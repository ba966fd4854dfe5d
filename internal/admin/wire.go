package admin

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// wireError is an error on the socket. The operator is told everything: whoever can open the socket owns the server.
type wireError struct {
	Code       string           `json:"code"`
	Message    string           `json:"message"`
	Fields     []sms.FieldError `json:"fields,omitempty"`
	RetryAfter time.Duration    `json:"retryAfter,omitempty"`
}

var codeNames = [...]string{
	sms.Internal: "internal", sms.Invalid: "invalid", sms.Unauthenticated: "unauthenticated", sms.Forbidden: "forbidden",
	sms.NotFound: "not found", sms.Conflict: "conflict", sms.TooLarge: "too large", sms.Unsupported: "unsupported",
	sms.Limited: "limited", sms.Unavailable: "unavailable", sms.NoCredit: "no_credit",
}

func encodeError(err error) []byte {
	wire := wireError{Code: codeNames[sms.CodeOf(err)], Message: err.Error()}
	if refusal, ok := errors.AsType[*sms.Error](err); ok {
		wire.Message, wire.Fields, wire.RetryAfter = refusal.Message, refusal.Fields, refusal.RetryAfter
		if refusal.Cause != nil {
			wire.Message += ": " + refusal.Cause.Error()
		}
	}
	text, _ := json.Marshal(wire) // strings and numbers always have a JSON form
	return text
}

func decodeError(text []byte) error {
	var wire wireError
	if err := json.Unmarshal(text, &wire); err != nil {
		return errors.New("the answer of the running server is not to be understood: is it another version than this command?")
	}
	refusal := &sms.Error{Message: wire.Message, Fields: wire.Fields, RetryAfter: wire.RetryAfter}
	for code, name := range codeNames {
		if name == wire.Code {
			refusal.Code = sms.Code(code)
		}
	}
	return refusal
}
