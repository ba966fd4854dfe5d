package smpp_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// TestCalls makes each blocking call once with an answer and once with a refusal.
func TestCalls(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		id   smpp.CommandID
		call func(s *smpp.Session) error
	}{
		{smpp.CommandSubmitSM, func(s *smpp.Session) error {
			_, err := s.Submit(ctx, &smpp.SubmitSM{})
			return err
		}},
		{smpp.CommandSubmitMulti, func(s *smpp.Session) error {
			_, err := s.SubmitMulti(ctx, &smpp.SubmitMulti{DestAddresses: []smpp.DestAddress{{DestFlag: smpp.DestFlagSMEAddress}}})
			return err
		}},
		{smpp.CommandDataSM, func(s *smpp.Session) error {
			_, err := s.Data(ctx, &smpp.DataSM{})
			return err
		}},
		{smpp.CommandQuerySM, func(s *smpp.Session) error {
			r, err := s.Query(ctx, &smpp.QuerySM{})
			if err == nil && r.MessageState != smpp.StateEnroute {
				t.Errorf("%+v", r)
			}
			return err
		}},
		{smpp.CommandCancelSM, func(s *smpp.Session) error { return s.Cancel(ctx, &smpp.CancelSM{}) }},
		{smpp.CommandReplaceSM, func(s *smpp.Session) error { return s.Replace(ctx, &smpp.ReplaceSM{}) }},
		{smpp.CommandEnquireLink, func(s *smpp.Session) error { return s.EnquireLink(ctx) }},
	} {
		t.Run(c.id.String(), func(t *testing.T) {
			smsc := smpptest.NewSMSC(t)
			smsc.On(c.id, smpptest.Accept(), smpptest.Refuse(smpp.ESME_RSYSERR), smpptest.Nack(smpp.ESME_RINVCMDID))
			s, err := smpp.Dial(ctx, smpp.DialConfig{Addr: smsc.Addr()})
			if err != nil {
				t.Fatal(err)
			}
			run(t, s)
			for _, want := range []error{nil, smpp.ESME_RSYSERR, smpp.ESME_RINVCMDID} {
				if err := c.call(s); !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
			}
		})
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	_, err := smpp.AppendPDU(nil, 0, 1, &smpp.SubmitSM{SourceAddr: "+3933312345678901234567"})
	_, _, short := smpp.Decode(smpptest.Raw(smpp.CommandSubmitSM, 0, 1, []byte("\x00\x01")))
	for _, c := range []struct {
		err  error
		want string
	}{
		{err, "smpp: encode submit_sm: source_addr: longer than 20 octets"},
		{short, "smpp: decode submit_sm: source_addr_npi: missing"},
		{&smpp.RequestError{Sent: true, Err: smpp.ErrTimeout}, "smpp: no response in time (may have been sent)"},
		{&smpp.RequestError{Err: smpp.ErrWindowFull}, "smpp: window full (not sent)"},
		{&smpp.BindError{Type: smpp.Receiver, Status: smpp.ESME_RINVPASWD}, "smpp: bind as receiver refused: ESME_RINVPASWD"},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("%v, want %s", c.err, c.want)
		}
	}
	b := smpp.BindRequest{Type: smpp.Transmitter, SystemID: "user", Password: "hunter22"}
	if s := fmt.Sprint(b, b.LogValue()); strings.Contains(s, "hunter22") || !strings.Contains(s, "user") {
		t.Error(s)
	}
}

// A client binds, runs its session, submits a message and unbinds.
func ExampleDial() {
	ctx := context.Background()
	s, err := smpp.Dial(ctx, smpp.DialConfig{
		Addr: "smsc.example:2775",
		Bind: smpp.Bind{Type: smpp.Transceiver, SystemID: "user", Password: "secret"},
		Handler: smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) {
			// Reply once what came is stored; until then the carrier keeps it.
			if err := r.Reply(smpp.ESME_ROK, nil); err != nil {
				log.Print(err)
			}
		}),
		Config: smpp.Config{Window: 100},
	})
	if err != nil {
		log.Print(err)
		return
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	resp, err := s.Submit(ctx, &smpp.SubmitSM{
		SourceAddrTON: smpp.TONAlphanumeric, SourceAddr: "Staffetta",
		DestAddrTON: smpp.TONInternational, DestAddrNPI: smpp.NPIISDN, DestinationAddr: "393331234567",
		RegisteredDelivery: smpp.RegisteredDeliveryFinal, ShortMessage: []byte("hello"),
	})
	if status, ok := errors.AsType[smpp.CommandStatus](err); ok {
		log.Print("the carrier refused: ", status)
	} else if e, ok := errors.AsType[*smpp.RequestError](err); ok {
		log.Print("no answer; may have been sent: ", e.Sent)
	} else {
		log.Print("message_id ", resp.MessageID)
	}
	if err := s.Unbind(ctx); err != nil {
		log.Print(err)
	}
	<-ended
}
