package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/staffetta/staffetta/internal/lookup"
	"github.com/staffetta/staffetta/internal/sms"
)

// httpStatus is the one table from the server's classes of errors to HTTP.
var httpStatus = map[sms.Code]int{
	sms.Internal:        http.StatusInternalServerError,
	sms.Invalid:         http.StatusBadRequest,
	sms.Unauthenticated: http.StatusUnauthorized,
	sms.Forbidden:       http.StatusForbidden,
	sms.NotFound:        http.StatusNotFound,
	sms.Conflict:        http.StatusConflict,
	sms.TooLarge:        http.StatusRequestEntityTooLarge,
	sms.Unsupported:     http.StatusUnsupportedMediaType,
	sms.Limited:         http.StatusTooManyRequests,
	sms.Unavailable:     http.StatusServiceUnavailable,
	sms.NoCredit:        http.StatusPaymentRequired,
}

const (
	internalMessage = "internal error; name the requestId when you report it"
	challenge       = `Basic realm="staffetta", charset="UTF-8"`
	defaultRetry    = 5 * time.Second // for a 503 whose maker could not say
)

// problem answers an error. One that no step classified is logged here and told as an internal one.
func (d *Door) problem(c *call, err error) {
	c.failure = err
	told, ok := errors.AsType[*sms.Error](err)
	if errors.Is(err, lookup.ErrNone) {
		answerLookup(c, err, 0, &sms.Error{}, 0)
		return
	}
	if !ok || httpStatus[told.Code] == 0 || told.Code == sms.Internal {
		told = &sms.Error{Code: sms.Internal, Message: internalMessage}
		d.logInternal(c, err)
	}
	status := httpStatus[told.Code]
	var retryAfter int64
	switch told.Code {
	case sms.Unauthenticated:
		c.set("WWW-Authenticate", challenge)
	case sms.Limited:
		retryAfter = max(wholeSeconds(told.RetryAfter), 1)
		c.set("Retry-After", strconv.FormatInt(retryAfter, 10))
	case sms.Unavailable:
		wait := told.RetryAfter
		if wait <= 0 {
			wait = defaultRetry
		}
		c.set("Retry-After", strconv.FormatInt(wholeSeconds(wait), 10))
	}
	switch {
	case c.jsend:
		answerJSend(c, err, status, told, retryAfter)
		return
	case c.lookup:
		answerLookup(c, err, status, told, retryAfter)
		return
	}
	c.answer(status, jsonType, appendProblem(nil, c.id, status, told, retryAfter))
}

func (d *Door) wrongMethod(c *call) {
	status := http.StatusMethodNotAllowed
	told := &sms.Error{Message: "this path does not answer that method; the header Allow lists those it does"}
	c.failure = told
	switch {
	case c.jsend:
		answerJSend(c, told, status, told, 0)
		return
	case c.lookup:
		answerLookup(c, told, status, told, 0)
		return
	}
	c.answer(status, jsonType, appendProblem(nil, c.id, status, told, 0))
}

// logInternal writes the only line about an internal error. A client that went away while it waited is none.
func (d *Door) logInternal(c *call, err error) {
	if c.r.Context().Err() != nil || errors.Is(err, errPanic) {
		return
	}
	d.parts.Log.Error("internal error", slog.String("request_id", c.id), slog.String("method", c.r.Method),
		slog.String("path", redact(c.r.URL.Path)), slog.String("error", redact(err.Error())))
}

// appendProblem writes the error body of the contract. Errors stands only where fields are named, retryAfter only
// where it is not 0. Of very many fields only the first are told: an answer must not be larger than its question.
func appendProblem(dst []byte, id string, status int, told *sms.Error, retryAfter int64) []byte {
	dst = strconv.AppendInt(append(dst, `{"status":`...), int64(status), 10)
	dst = appendText(append(dst, `,"error":`...), http.StatusText(status))
	dst = appendText(append(dst, `,"message":`...), told.Message)
	if told.Code == sms.Invalid && len(told.Fields) > 0 {
		dst = append(dst, `,"errors":[`...)
		for i, field := range told.Fields[:min(len(told.Fields), mostFaults)] {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(append(dst, `{"field":`...), brief(field.Field))
			dst = append(appendText(append(dst, `,"message":`...), field.Message), '}')
		}
		dst = append(dst, ']')
	}
	if retryAfter > 0 {
		dst = strconv.AppendInt(append(dst, `,"retryAfter":`...), retryAfter, 10)
	}
	return append(appendText(append(dst, `,"requestId":`...), id), '}')
}

// appendText writes a JSON string; what is not UTF-8 becomes U+FFFD, so that an answer is always valid JSON.
func appendText(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text) // its error only says that something was replaced
	return dst
}
