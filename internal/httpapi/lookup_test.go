package httpapi

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/lookup"
	"github.com/staffetta/staffetta/internal/sms"
)

// fakeLookup knows some numbers.
type fakeLookup struct {
	known map[sms.Number]*sms.Portability
	err   error
}

func (f *fakeLookup) Lookup(_ context.Context, number sms.Number) (*sms.Portability, error) {
	return f.known[number], f.err
}

func TestNumberLookup(t *testing.T) {
	ported := true
	fake := &fakeLookup{known: map[sms.Number]*sms.Portability{
		393331231234: {Number: 393331231234, MCC: "222", MNC: "10", Kind: "mobile", Ported: &ported, Operator: "North", Country: "IT"},
		393331231235: {Number: 393331231235, MCC: "222"}}}
	w := open(t, nil)
	w.door.parts.Lookup = fake
	const path = "/services/mnp/number-lookup"
	for target, want := range map[string]string{
		path + "?msisdn=393331231234":           `{"number":"393331231234","mcc":"222","mnc":"10","numbertype":"mobile","ported":true,"operator":"North","country":"IT"}`,
		"/api" + path + "?msisdn=+393331231235": `{"number":"393331231235","mcc":"222","mnc":null,"numbertype":null,"ported":null,"operator":null,"country":null}`,
	} {
		if a := w.do(w.request("GET", target, "")); a.status != 200 || a.body != want {
			t.Errorf("%s: %d %s", target, a.status, a.body)
		}
	}
	for _, test := range []struct {
		target string
		err    error
		status int
		text   string
	}{
		{"?msisdn=12", nil, 400, "msisdn: must be an E.164 number"},
		{"", nil, 400, "msisdn: must be an E.164 number"},
		{"?msisdn=393331231234", lookup.ErrNone, 501, "no lookup provider is configured"},
		{"?msisdn=393331231234", lookup.ErrUnknown, 404, "nothing is known of this number"},
		{"?msisdn=393331231234", &sms.Error{Code: sms.Unavailable, Message: "the lookup provider gives no answer now", Cause: errors.New("secret cause")}, 503, "gives no answer now"},
		{"?msisdn=393331231234", errors.New("secret cause"), 500, "internal error"},
	} {
		fake.err = test.err
		for _, prefix := range []string{"", "/api"} {
			a := w.do(w.request("GET", prefix+path+test.target, ""))
			if a.status != test.status || !strings.Contains(a.body, test.text) || strings.Contains(a.body, "secret cause") {
				t.Errorf("%s, %v: %d %s", test.target, test.err, a.status, a.body)
			}
		}
	}
	if a := w.do(w.request("GET", path, "", "X-Api-Key", "")); a.status != 401 {
		t.Errorf("without a key: %d", a.status)
	}
	if a := w.do(w.request("PUT", path, "")); a.status != 405 {
		t.Errorf("another method: %d", a.status)
	}
}
