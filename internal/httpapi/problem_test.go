package httpapi

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

// Each class of the vocabulary has its answer, wrapped or not, in exactly this form.
func TestProblemTable(t *testing.T) {
	for _, c := range []struct {
		err        error
		want, body string
		retry      string
	}{
		{sms.InvalidField("sender", "is %q", "<bad>"), "400 Bad Request",
			`{"status":400,"error":"Bad Request","message":"validation failed","errors":[{"field":"sender","message":"is \"<bad>\""}],"requestId":"ID"}`, ""},
		{&sms.Error{Code: sms.Unauthenticated, Message: "m"}, "401 Unauthorized", `{"status":401,"error":"Unauthorized","message":"m","requestId":"ID"}`, ""},
		{&sms.Error{Code: sms.Forbidden, Message: "m"}, "403 Forbidden", `{"status":403,"error":"Forbidden","message":"m","requestId":"ID"}`, ""},
		{&sms.Error{Code: sms.NotFound, Message: "m"}, "404 Not Found", `{"status":404,"error":"Not Found","message":"m","requestId":"ID"}`, ""},
		{&sms.Error{Code: sms.Conflict, Message: "m", Fields: []sms.FieldError{{Field: "x"}}}, "409 Conflict", `{"status":409,"error":"Conflict","message":"m","requestId":"ID"}`, ""},
		{&sms.Error{Code: sms.TooLarge, Message: "m"}, "413", `{"status":413,"error":"Request Entity Too Large","message":"m","requestId":"ID"}`, ""},
		{&sms.Error{Code: sms.Unsupported, Message: "m"}, "415", `{"status":415,"error":"Unsupported Media Type","message":"m","requestId":"ID"}`, ""},
		{&sms.Error{Code: sms.Limited, Message: "m", RetryAfter: 1200 * time.Millisecond}, "429",
			`{"status":429,"error":"Too Many Requests","message":"m","retryAfter":2,"requestId":"ID"}`, "2"},
		{&sms.Error{Code: sms.Limited, Message: "m"}, "429", `{"status":429,"error":"Too Many Requests","message":"m","retryAfter":1,"requestId":"ID"}`, "1"},
		{&sms.Error{Code: sms.Unavailable, Message: "m", RetryAfter: time.Minute}, "503", `{"status":503,"error":"Service Unavailable","message":"m","requestId":"ID"}`, "60"},
		{&sms.Error{Code: sms.Unavailable, Message: "m"}, "503", `{"status":503,"error":"Service Unavailable","message":"m","requestId":"ID"}`, "5"},
		{fmt.Errorf("wrapped: %w", sms.Errorf(sms.Conflict, "m")), "409", `{"status":409,"error":"Conflict","message":"m","requestId":"ID"}`, ""},
		{&sms.Error{Code: sms.Conflict, Message: "caller's \xff"}, "409", "{\"status\":409,\"error\":\"Conflict\",\"message\":\"caller's \ufffd\",\"requestId\":\"ID\"}", ""},
		{errors.New("x"), "500", `{"status":500,"error":"Internal Server Error","message":"internal error; name the requestId when you report it","requestId":"ID"}`, ""},
	} {
		w := open(t, nil)
		w.status.err = c.err
		w.intake.accept = func(*intake.Request) (intake.Answer, error) { return intake.Answer{}, c.err }
		r := w.request("POST", sendPath, goodBody)
		if sms.CodeOf(c.err) == sms.NotFound { // a send finds or does not find nothing
			r = w.request("GET", statusPath+"/m-1?channel=SMS", "")
		}
		a := w.do(r)
		id := a.header.Get("X-Request-Id")
		if got := replaceOnce(a.body, id, "ID"); got != c.body || fmt.Sprint(a.status) != c.want[:3] {
			t.Errorf("%v: %d %s\nwant %s", c.err, a.status, got, c.body)
		}
		if a.header.Get("Retry-After") != c.retry || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%v: headers %v", c.err, a.header)
		}
	}
}

// A class that is added to the vocabulary must be added to the table.
func TestProblemTableIsComplete(t *testing.T) {
	for code := sms.Internal; code <= sms.Unavailable; code++ {
		if httpStatus[code] < 400 {
			t.Errorf("class %d has the status %d", code, httpStatus[code])
		}
	}
}
