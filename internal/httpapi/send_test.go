package httpapi

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

func pointer[T any](value T) *T { return &value }

// TestSendMembers holds what intake gets against what was sent.
func TestSendMembers(t *testing.T) {
	base := intake.Request{Destination: "+393401234567", Sender: "MyCompany", Body: "Hello world"}
	with := func(change func(*intake.Request)) intake.Request { r := base; change(&r); return r }
	for name, c := range map[string]struct {
		more string
		want intake.Request
	}{
		"the required ones": {``, base},
		"texts": {`,"campaignId":"c","messageId":"m","udhData":"050003","scheduledDate":"tomorrow","priority":"urgent"`,
			with(func(r *intake.Request) {
				r.CampaignID, r.MessageID, r.UDHData, r.ScheduledDate, r.Priority = "c", "m", "050003", "tomorrow", "urgent"
			})},
		"true": {`,"simulation":true,"enableNotification":true,"skipRcsOverride":true,"flash":true,"transliterate":true`,
			with(func(r *intake.Request) { r.Simulation, r.Flash, r.Transliterate = true, true, pointer(true) })},
		"false": {`,"simulation":false,"enableNotification":false,"skipRcsOverride":false,"flash":false,"transliterate":false`,
			with(func(r *intake.Request) { r.Silent, r.Transliterate = true, pointer(false) })},
		"null is absent": {`,"campaignId":null,"messageId":null,"udhData":null,"simulation":null,"enableNotification":null,
			"placeholders":null,"scheduledDate":null,"skipRcsOverride":null,"validityPeriod":null,"priority":null,"flash":null,"transliterate":null`, base},
		"whole number":          {`,"validityPeriod":3600`, with(func(r *intake.Request) { r.ValidityPeriod = pointer(int64(3600)) })},
		"whole number as float": {`,"validityPeriod":3.6e3`, with(func(r *intake.Request) { r.ValidityPeriod = pointer(int64(3600)) })},
		"negative number":       {`,"validityPeriod":-1`, with(func(r *intake.Request) { r.ValidityPeriod = pointer(int64(-1)) })},
		"placeholders": {`,"placeholders":{"a":"x","b":1,"c":1.50,"d":-2E+3,"e":true,"f":false,"":"","g h":"\u00e9\n"}`,
			with(func(r *intake.Request) {
				r.Placeholders = map[string]string{"a": "x", "b": "1", "c": "1.50", "d": "-2E+3", "e": "true", "f": "false", "": "", "g h": "é\n"}
			})},
		"unknown members": {`,"added":{"later":[1,{"x":null}]},"Destination":"+1","\u0062ODY":7`, base},
		"escaped name":    {`,"message\u0049d":"m"`, with(func(r *intake.Request) { r.MessageID = "m" })},
		"escaped backslash before u0000": {`,"campaignId":"\\u0000","other":"\\u0000\\\\u0000"`,
			with(func(r *intake.Request) { r.CampaignID = `\u0000` })},
		"surrogate pair": {`,"campaignId":"\ud83d\ude00"`, with(func(r *intake.Request) { r.CampaignID = "😀" })},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, nil)
			if a := w.send(strings.TrimSuffix(goodBody, "}") + c.more + "}"); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if diff := cmp.Diff(c.want, w.intake.requests[0]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// One buffer serves many requests: nothing of an earlier one may be seen in a later one.
func TestSendTextsAreCopies(t *testing.T) {
	w := open(t, nil)
	w.send(`{"destination":"+393401234567","sender":"First","body":"aaaaaaaa","placeholders":{"k":"vvvv"},"messageId":"id-1"}`)
	w.send(`{"destination":"+440000000000","sender":"Other","body":"bbbbbbbb","placeholders":{"q":"wwww"},"messageId":"id-2"}`)
	want := []intake.Request{
		{Destination: "+393401234567", Sender: "First", Body: "aaaaaaaa", Placeholders: map[string]string{"k": "vvvv"}, MessageID: "id-1"},
		{Destination: "+440000000000", Sender: "Other", Body: "bbbbbbbb", Placeholders: map[string]string{"q": "wwww"}, MessageID: "id-2"},
	}
	if diff := cmp.Diff(want, w.intake.requests); diff != "" {
		t.Error(diff)
	}
}

func TestSendAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer intake.Answer
		want   string
	}{
		"accepted": {intake.Answer{MessageID: "0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41", Accepted: true, Parts: 1},
			`{"messageId":"0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41","simulation":false,"results":{"sms":{"accepted":true,"unicode":false,"parts":1,"reasons":[]}}}`},
		"refused": {intake.Answer{MessageID: "m", Unicode: true, Parts: 11, Reasons: []string{"INSUFFICIENT_CREDIT", "TOO_MANY_PARTS"}},
			`{"messageId":"m","simulation":false,"results":{"sms":{"accepted":false,"unicode":true,"parts":11,"reasons":["INSUFFICIENT_CREDIT","TOO_MANY_PARTS"]}}}`},
		"the caller's odd id": {intake.Answer{MessageID: "a\"b\\c\n<é>", Accepted: true, Parts: 1},
			`{"messageId":"a\"b\\c\n<é>","simulation":false,"results":{"sms":{"accepted":true,"unicode":false,"parts":1,"reasons":[]}}}`},
		"simulation": {intake.Answer{MessageID: "m", Simulation: true, Accepted: true, Unicode: true, Parts: 2,
			Preview: &intake.Preview{Encoding: "UCS-2", Characters: 84, ForcedBy: []string{"€", "✓"}, Price: 70_000, Route: "default"}},
			`{"messageId":"m","simulation":true,"results":{"sms":{"accepted":true,"unicode":true,"parts":2,"reasons":[],` +
				`"preview":{"encoding":"UCS-2","characters":84,"forcedBy":["€","✓"],"price":0.07,"route":"default"}}}}`},
		"simulation without a route": {intake.Answer{MessageID: "m", Simulation: true, Parts: 1, Reasons: []string{"NO_ROUTE"}, Preview: &intake.Preview{Encoding: "GSM-7"}},
			`{"messageId":"m","simulation":true,"results":{"sms":{"accepted":false,"unicode":false,"parts":1,"reasons":["NO_ROUTE"],` +
				`"preview":{"encoding":"GSM-7","characters":0,"forcedBy":[],"price":0,"route":""}}}}`},
		"a preview of no simulation": {intake.Answer{MessageID: "m", Accepted: true, Parts: 1, Preview: &intake.Preview{}},
			`{"messageId":"m","simulation":false,"results":{"sms":{"accepted":true,"unicode":false,"parts":1,"reasons":[]}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, nil)
			w.intake.accept = func(*intake.Request) (intake.Answer, error) { return c.answer, nil }
			a := w.send(goodBody)
			if a.status != 200 || a.body != c.want {
				t.Errorf("%d %s\nwant %s", a.status, a.body, c.want)
			}
			if a.header.Get("Content-Type") != "application/json" || a.header.Get("Idempotent-Replayed") != "" {
				t.Errorf("headers %v", a.header)
			}
		})
	}
}

func TestSendReplayed(t *testing.T) {
	w := open(t, nil)
	w.intake.accept = func(r *intake.Request) (intake.Answer, error) {
		return intake.Answer{MessageID: "m", Accepted: true, Parts: 1, Replayed: r.IdempotencyKey == "again"}, nil
	}
	for key, want := range map[string]string{"again": "true", "once": ""} {
		a := w.send(goodBody, "Idempotency-Key", key)
		if a.status != 200 || a.header.Get("Idempotent-Replayed") != want {
			t.Errorf("%s: %d, Idempotent-Replayed %q", key, a.status, a.header.Get("Idempotent-Replayed"))
		}
	}
}

// Some gateways answered "Success" around an internal error. Whatever goes wrong behind the door, even when the
// step answers a message id together with its error, is never a 2xx.
func TestField_success_with_error(t *testing.T) {
	failures := []error{
		errors.New("disk I/O error at /var/lib/staffetta/staffetta.db"),
		&sms.Error{Code: sms.Internal, Message: "constraint failed: balance"},
		&sms.Error{Code: sms.Code(200), Message: "a class that nobody knows"},
		&sms.Error{Code: sms.Unavailable, Message: "the store takes nothing now", Cause: errors.New("database is locked")},
		&sms.Error{Code: sms.Conflict, Message: "other content"},
		&sms.Error{Code: sms.Invalid, Message: "validation failed", Fields: []sms.FieldError{{Field: "body", Message: "is required"}}},
	}
	wants := []int{500, 500, 500, 503, 409, 400}
	for i, failure := range failures {
		w := open(t, nil)
		w.intake.accept = func(*intake.Request) (intake.Answer, error) {
			return intake.Answer{MessageID: "m-1", Accepted: true, Parts: 1}, failure
		}
		a := w.send(goodBody)
		if a.status != wants[i] || strings.Contains(a.body, "m-1") {
			t.Errorf("%v: %d %s", failure, a.status, a.body)
		}
		for _, internal := range []string{"disk", "staffetta.db", "constraint", "locked", "class"} {
			if strings.Contains(a.body, internal) {
				t.Errorf("an internal text reached the customer: %s", a.body)
			}
		}
		if retry := a.header.Get("Retry-After"); (retry != "") != (a.status == 503) {
			t.Errorf("Retry-After is %q with %d", retry, a.status)
		}
		if told := strings.Contains(w.logged.String(), "level=ERROR"); told != (a.status == 500) {
			t.Errorf("%v: logged as an error: %v", failure, told)
		}
	}
}

// A panic in a step is a 500 in the same form; the next request is served.
func TestPanic(t *testing.T) {
	w := open(t, nil)
	w.intake.accept = func(*intake.Request) (intake.Answer, error) { panic("index out of range in a test") }
	a := w.send(goodBody)
	if a.status != http.StatusInternalServerError || strings.Contains(a.body, "index") {
		t.Errorf("%d %s", a.status, a.body)
	}
	logged := w.logged.String()
	if !strings.Contains(logged, "index out of range in a test") || !strings.Contains(logged, a.header.Get("X-Request-Id")) {
		t.Errorf("the panic is not in the log: %s", logged)
	}
	w.intake.accept = nil
	if a := w.send(goodBody); a.status != 200 {
		t.Errorf("after the panic: %d", a.status)
	}
}
