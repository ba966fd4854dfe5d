package outbox

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// An event says why, in words where somebody knows them; else it says the code.
func TestDescriptionOfAnEvent(t *testing.T) {
	o := &Outbox{ids: testIDs}
	for _, test := range []struct {
		state                          sms.State
		code, reason, description, err string
	}{
		{sms.Failed, "027", "absent subscriber", "absent subscriber", "027"},
		{sms.Failed, "0e7", "", "Not delivered (carrier code 0e7)", "0e7"},
		{sms.Expired, "000", "", "Expired", "000"},
		{sms.Failed, "", "", "Not delivered", ""},
		{sms.Unknown, "034", "no receipt came", "no receipt came", ""},
		{sms.Delivered, "000", "", "Delivered", ""},
	} {
		body, err := o.body(&sms.Event{ID: 1, Message: &sms.Message{ID: 1, Parts: 1}, State: test.state, Code: test.code, Reason: test.reason, At: time.Now()})
		var got struct{ Description, ErrorCode string }
		if err == nil {
			err = json.Unmarshal(body, &got)
		}
		if err != nil || got.Description != test.description || got.ErrorCode != test.err {
			t.Errorf("%+v: %+v, error %v", test, got, err)
		}
	}
}
