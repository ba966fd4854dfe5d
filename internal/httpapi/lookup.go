package httpapi

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/staffetta/staffetta/internal/lookup"
	"github.com/staffetta/staffetta/internal/sms"
)

// lookupPaths are those whose errors have the form of the contract's section 8.
var lookupPaths = []string{"/api/services/mnp/number-lookup", "/services/mnp/number-lookup"}

// numberLookup answers GET /services/mnp/number-lookup: in which network a number is.
func (d *Door) numberLookup(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	number, err := sms.ParseNumber(query.Get("msisdn"))
	if err != nil {
		return sms.InvalidField("msisdn", "%s", err)
	}
	p, err := d.parts.Lookup.Lookup(c.r.Context(), number)
	if err != nil {
		return err
	}
	body := appendText([]byte(`{"number":`), number.Digits())
	for _, member := range [...]struct{ name, value string }{{"mcc", p.MCC}, {"mnc", p.MNC}, {"numbertype", p.Kind}} {
		body = appendOptional(body, member.name, member.value)
	}
	body = append(body, `,"ported":`...)
	if p.Ported == nil {
		body = append(body, "null"...)
	} else {
		body = strconv.AppendBool(body, *p.Ported)
	}
	body = appendOptional(appendOptional(body, "operator", p.Operator), "country", p.Country)
	c.secretAnswer(http.StatusOK, append(body, '}'))
	return nil
}

// appendOptional writes a member; null when nobody told it.
func appendOptional(dst []byte, name, value string) []byte {
	dst = append(appendText(append(dst, ','), name), ':')
	if value == "" {
		return append(dst, "null"...)
	}
	return appendText(dst, value)
}

// answerLookup sends an error in the form {"error_code","error_description"}.
func answerLookup(c *call, err error, status int, told *sms.Error, retryAfter int64) {
	message := told.Message
	if errors.Is(err, lookup.ErrNone) {
		status, message = http.StatusNotImplemented, lookup.ErrNone.Error()
	} else if told.Code == sms.Invalid && len(told.Fields) > 0 {
		message = brief(told.Fields[0].Field) + ": " + told.Fields[0].Message
	}
	body := strconv.AppendInt([]byte(`{"error_code":`), int64(status), 10)
	body = appendText(append(body, `,"error_description":`...), message)
	if retryAfter > 0 {
		body = strconv.AppendInt(append(body, `,"retryAfter":`...), retryAfter, 10)
	}
	c.answer(status, jsonType, append(appendText(append(body, `,"requestId":`...), c.id), '}'))
}
