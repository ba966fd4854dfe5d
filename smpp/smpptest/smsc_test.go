package smpptest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dial binds to the SMSC and runs the session until the test ends.
func dial(t *testing.T, s *smpptest.SMSC, c smpp.DialConfig) *smpp.Session {
	t.Helper()
	c.Addr = s.Addr()
	session, err := smpp.Dial(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- session.Run(context.Background()) }()
	t.Cleanup(func() {
		_ = session.Close()
		<-ended
	})
	return session
}

func TestScriptIsFollowedInOrder(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM,
		smpptest.Throttle(),
		smpptest.RefuseWithBody(smpp.ESME_RINVDSTADR),
		smpptest.Nack(smpp.ESME_RINVCMDLEN),
		smpptest.AcceptAs("the-id"),
		smpptest.Reset(),
	)
	s := dial(t, smsc, smpp.DialConfig{})
	submit := func() (*smpp.SubmitSMResp, error) {
		return s.Submit(context.Background(), &smpp.SubmitSM{DestinationAddr: "1"})
	}
	for _, want := range []smpp.CommandStatus{smpp.ESME_RTHROTTLED, smpp.ESME_RINVDSTADR, smpp.ESME_RINVCMDLEN} {
		if _, err := submit(); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if r, err := submit(); err != nil || r.MessageID != "the-id" {
		t.Errorf("got %v, %v", r, err)
	}
	_, err := submit()
	if e, ok := errors.AsType[*smpp.RequestError](err); !ok || !e.Sent {
		t.Errorf("after a reset: %v, want a request that may have been sent", err)
	}
	if n := len(smsc.Submits()); n != 5 {
		t.Errorf("the SMSC saw %d submit_sm, want 5", n)
	}
}

func TestReceiptBeforeResponse(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM, smpptest.ReceiptBeforeResponse(smpp.StateDelivered, "000"))
	receipts := make(chan smpp.Receipt, 1)
	s := dial(t, smsc, smpp.DialConfig{Handler: smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) {
		if receipt, ok := smpp.ParseReceipt(r.PDU.(*smpp.DeliverSM)); ok {
			receipts <- receipt
		}
		_ = r.Reply(smpp.ESME_ROK, nil)
	})})
	resp, err := s.Submit(context.Background(), &smpp.SubmitSM{DestinationAddr: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if r := <-receipts; r.ID != resp.MessageID || r.State != smpp.StateDelivered {
		t.Errorf("receipt %+v of message %q", r, resp.MessageID)
	}
	smsc.Await(t, smpp.CommandDeliverSMResp, 1)
}

func TestDelayedAnswerEndsWithTheSMSC(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM, smpptest.Delay(time.Hour, smpptest.Accept()))
	s := dial(t, smsc, smpp.DialConfig{})
	answered := make(chan smpp.Response, 1)
	if err := s.Begin(context.Background(), &smpp.SubmitSM{}, func(r smpp.Response) { answered <- r }); err != nil {
		t.Fatal(err)
	}
	smsc.Await(t, smpp.CommandSubmitSM, 1)
	smsc.Close()
	if r := <-answered; r.Err == nil {
		t.Errorf("got an answer: %+v", r)
	}
}
