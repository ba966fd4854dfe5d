package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

// legacyTimeout is when a caller is told that it took too long, from the beginning of the request: before the
// connection is cut (answerTimeout).
const legacyTimeout = 50 * time.Second

// legacySend takes many messages for many recipients: POST /api/services/sms/send.
func (d *Door) legacySend(c *call) error {
	bulk, err := decodeLegacy(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithDeadline(c.r.Context(), c.started.Add(legacyTimeout))
	defer cancel()
	answer, err := d.parts.Intake.AcceptBulk(ctx, c.caller, "http", bulk)
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && sms.CodeOf(err) == sms.Unavailable {
			return &coded{errLate, codeTimeout, http.StatusGatewayTimeout}
		}
		return err
	}
	if answer.Unpaid {
		return &coded{errUnpaid, codeCredit, http.StatusPaymentRequired}
	}
	c.answer(http.StatusOK, jsonType, appendLegacy(make([]byte, 0, 256+160*len(answer.Results)), &answer))
	return nil
}

var (
	errLate   = sms.Errorf(sms.Invalid, "this took too long, and nobody can say whether it was accepted; with ids of your own it can be sent again")
	errUnpaid = sms.Errorf(sms.Invalid, "not enough credit for any of the messages")
)

// legacyStatus is the statusCode of each reason; any other is 500.
var legacyStatus = map[string]int{
	"":                      http.StatusOK,
	intake.BadDestination:   http.StatusBadRequest,
	intake.BadText:          http.StatusBadRequest,
	intake.TooManyParts:     http.StatusBadRequest,
	intake.IDTaken:          http.StatusBadRequest,
	intake.SenderNotAllowed: http.StatusUnauthorized,
	intake.NoCredit:         http.StatusPaymentRequired,
	intake.Blocked:          http.StatusForbidden,
	intake.NotAllowed:       http.StatusForbidden,
	intake.NoRoute:          http.StatusInternalServerError,
	intake.NoID:             http.StatusInternalServerError,
}

// appendLegacy writes the answer of the contract, section 4: the summary first, then what became of each destination.
func appendLegacy(dst []byte, answer *intake.BulkAnswer) []byte {
	dst = appendText(append(dst, `{"globalId":`...), answer.GlobalID)
	dst = strconv.AppendInt(append(dst, `,"processedMessages":`...), int64(answer.Messages), 10)
	dst = strconv.AppendInt(append(dst, `,"processedSmsParts":`...), int64(answer.Parts), 10)
	dst = append(append(dst, `,"credit":`...), answer.Credit.String()...)
	dst = strconv.AppendBool(append(dst, `,"accepted":`...), answer.Messages > 0)
	dst = append(dst, `,"results":[`...)
	for i := range answer.Results {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendLegacyResult(dst, &answer.Results[i])
	}
	return append(dst, ']', '}')
}

func appendLegacyResult(dst []byte, r *intake.BulkResult) []byte {
	status, known := legacyStatus[r.Reason]
	if !known {
		status = http.StatusInternalServerError
	}
	dst = appendText(append(dst, `{"destination":`...), brief(r.Destination))
	dst = appendText(append(dst, `,"id":`...), r.ID)
	dst = strconv.AppendBool(append(dst, `,"accepted":`...), r.Reason == "")
	dst = strconv.AppendInt(append(dst, `,"statusCode":`...), int64(status), 10)
	if r.Reason != "" {
		dst = appendText(append(dst, `,"reason":`...), r.Reason)
	}
	if r.Detail != "" {
		dst = appendText(append(dst, `,"message":`...), r.Detail)
	}
	return append(dst, '}')
}

// legacyCredit answers what can still be spent: GET /api/services/sms/credit.
func (d *Door) legacyCredit(c *call) error {
	balance, err := d.parts.Intake.Balance(c.r.Context(), c.caller.Account.ID)
	if err != nil {
		return err
	}
	c.set("Cache-Control", "no-store")
	c.answer(http.StatusOK, jsonType, append(append([]byte(`{"credit":`), balance.Available().String()...), '}'))
	return nil
}
