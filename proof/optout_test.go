package proof

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// TestStopFromAHandset has a carrier bring STOP to the real program: once its deliver_sm is answered, nothing more goes to
// that handset from the number that it wrote to, until it writes START.
func TestStopFromAHandset(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	smsc := smpptest.NewSMSC(t)
	s, err := server.New(t.Context(), binary(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	account, err := s.CreateAccount(t.Context(), "shop", sms.Euro)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddCarrier(t.Context(), "main", smsc.Addr(), 10); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Command(t.Context(), "number", "add", "48123", "shop"); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	smsc.Await(t, smpp.CommandBindTransceiver, 1)
	handset := smsc.AwaitConns(t, 1)[0]
	write := func(word string, answers int) {
		t.Helper()
		if _, err := handset.Request(&smpp.DeliverSM{SourceAddrTON: 1, SourceAddrNPI: 1, SourceAddr: "393401234567",
			DestinationAddr: "48123", ShortMessage: []byte(word)}); err != nil {
			t.Fatal(err)
		}
		smsc.Await(t, smpp.CommandDeliverSMResp, answers)
	}
	want := func(when, destination, sender, reason string) {
		t.Helper()
		if got := refusal(t, s, account.APIKey, destination, sender); got != reason {
			t.Errorf("%s, %s from %s: refused for %q, want %q", when, destination, sender, got, reason)
		}
	}
	want("at first", "+393401234567", "48123", "")
	smsc.Await(t, smpp.CommandSubmitSM, 1)
	write("Stop.", 1)
	want("after STOP", "+393401234567", "48123", "DESTINATION_BLOCKED")
	want("after STOP", "+393401234568", "48123", "")
	want("after STOP", "+393401234567", "OtherShop", "")
	write("START", 2)
	want("after START", "+393401234567", "48123", "")
	smsc.Await(t, smpp.CommandSubmitSM, 4)
}

// refusal sends a message and answers why it was not accepted; empty: it was.
func refusal(t *testing.T, s *server.Server, key, destination, sender string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"destination": destination, "sender": sender, "body": "hello"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr+"/api/message-server/sms/send", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", key)
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Results struct {
			SMS struct {
				Accepted bool     `json:"accepted"`
				Reasons  []string `json:"reasons"`
			} `json:"sms"`
		} `json:"results"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", response.StatusCode, err)
	}
	if reasons := answer.Results.SMS.Reasons; !answer.Results.SMS.Accepted && len(reasons) == 1 {
		return reasons[0]
	} else if !answer.Results.SMS.Accepted {
		t.Fatalf("reasons %v", reasons)
	}
	return ""
}
