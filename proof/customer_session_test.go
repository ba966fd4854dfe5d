package proof

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// bind binds a transceiver to the SMPP door; what it receives goes to a channel.
func (d *desk) bind() (*smpp.Session, <-chan *smpp.DeliverSM) {
	d.Helper()
	received := make(chan *smpp.DeliverSM, 16)
	take := func(_ context.Context, r *smpp.Request) {
		if p, ok := r.PDU.(*smpp.DeliverSM); ok {
			received <- p
		}
		_ = r.Reply(smpp.ESME_ROK, nil)
	}
	s, err := smpp.Dial(d.Context(), smpp.DialConfig{Addr: "127.0.0.1:" + d.port, Handler: smpp.HandlerFunc(take),
		Bind: smpp.Bind{SystemID: d.account.Username, Password: d.account.Password}})
	if err != nil {
		d.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Run(context.WithoutCancel(d.Context()))
	}()
	d.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
	return s, received
}

// writes has the carrier bring a text of a handset to 48883, and waits for our answer.
func (d *desk) writes(from, text string) {
	d.Helper()
	answers := make(chan smpptest.Frame, 16)
	d.carrier.On(smpp.CommandDeliverSMResp, func(_ *smpptest.SMSC, _ *smpptest.Conn, f smpptest.Frame) { answers <- f })
	message := &smpp.DeliverSM{SourceAddrTON: 1, SourceAddrNPI: 1, SourceAddr: from, DestAddrTON: 3, DestinationAddr: "48883", ShortMessage: []byte(text)}
	sequence, err := d.carrier.AwaitConns(d.T, 1)[0].Request(message)
	if err != nil {
		d.Fatal(err)
	}
	for limit := time.After(drainPatience); ; {
		select {
		case f := <-answers:
			if f.Sequence != sequence {
				continue
			}
			if f.Status != smpp.ESME_ROK {
				d.Fatalf("%q was answered %v", text, f.Status)
			}
			return
		case <-limit:
			d.Fatalf("%q was not answered\n%s", text, d.server.Tail())
		}
	}
}

// sendHTTP sends a message and returns the body of the answer.
func (d *desk) sendHTTP(sender, destination string) string {
	d.Helper()
	request, err := http.NewRequestWithContext(d.Context(), http.MethodPost, "http://"+d.server.Addr+"/api/message-server/sms/send",
		strings.NewReader(fmt.Sprintf(`{"destination":%q,"sender":%q,"body":"Hello"}`, destination, sender)))
	if err != nil {
		d.Fatal(err)
	}
	request.Header.Set("X-Api-Key", d.account.APIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		d.Fatal(err)
	}
	return string(body)
}

// TestStopFromAHandset: once a carrier's deliver_sm with STOP is answered, nothing of that sender goes to the number, over
// HTTP and SMPP; START lets it through again.
func TestStopFromAHandset(t *testing.T) {
	d := newDesk(t)
	s, _ := d.bind()
	const number = "393401234567"
	tried := func(sender string, ton uint8, wanted bool) {
		t.Helper()
		_, err := s.Submit(t.Context(), &smpp.SubmitSM{SourceAddrTON: ton, SourceAddr: sender, DestAddrTON: 1, DestAddrNPI: 1,
			DestinationAddr: number, ShortMessage: []byte("Hello")})
		if wanted && err != nil || !wanted && !errors.Is(err, smpp.ESME_RINVDSTADR) {
			t.Errorf("SMPP, from %s, wanted %v: %v", sender, wanted, err)
		}
		body := d.sendHTTP(sender, "+"+number)
		if strings.Contains(body, `"accepted":true`) != wanted || strings.Contains(body, "DESTINATION_BLOCKED") == wanted {
			t.Errorf("HTTP, from %s, wanted %v: %s", sender, wanted, body)
		}
	}
	tried("48883", 3, true)
	d.writes(number, "Stop.")
	tried("48883", 3, false)
	tried("MyCompany", 5, true)
	if body := d.sendHTTP("48883", "+393401234568"); !strings.Contains(body, `"accepted":true`) {
		t.Errorf("somebody else: %s", body)
	}
	d.writes(number, "START")
	tried("48883", 3, true)
	d.writes(number, "stopall")
	tried("MyCompany", 5, false)
}

// TestReceiptsOfSubmitMulti: the receipts of a submit_multi to several carry the message_id that its answer gave.
func TestReceiptsOfSubmitMulti(t *testing.T) {
	d := newDesk(t)
	s, received := d.bind()
	p := &smpp.SubmitMulti{SourceAddrTON: 5, SourceAddr: "MyCompany", RegisteredDelivery: 1, ShortMessage: []byte("Hello")}
	for _, number := range []string{"393401234567", "393401234568"} {
		p.DestAddresses = append(p.DestAddresses, smpp.DestAddress{DestFlag: smpp.DestFlagSMEAddress, DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: number})
	}
	resp, err := s.SubmitMulti(t.Context(), p)
	if err != nil || !strings.HasPrefix(resp.MessageID, "m-") {
		t.Fatalf("%+v, %v", resp, err)
	}
	told := map[string]bool{}
	for limit := time.After(drainPatience); len(told) < 2; {
		select {
		case p := <-received:
			receipt, ok := smpp.ParseReceipt(p)
			if !ok {
				continue // the message of newDesk
			}
			if receipt.ID != resp.MessageID || receipt.State != smpp.StateDelivered || told[p.SourceAddr] {
				t.Fatalf("%+v from %s, want the id %s", receipt, p.SourceAddr, resp.MessageID)
			}
			told[p.SourceAddr] = true
		case <-limit:
			t.Fatalf("receipts of %v alone\n%s", told, d.server.Tail())
		}
	}
}
