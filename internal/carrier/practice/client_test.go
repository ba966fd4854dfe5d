package practice

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/staffetta/staffetta/smpp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patient = 40 * time.Second // longer than the longest wait for a receipt that comes again

// start serves a practice carrier on a loopback port until the test ends.
func start(t testing.TB, options Options) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- New(options).Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return ln.Addr().String()
}

// client is an SMPP client of the test.
type client struct {
	*smpp.Session
	delivered chan *smpp.Request
	end       func() // unbinds and waits
}

func bind(t testing.TB, address string, b smpp.Bind) *client {
	t.Helper()
	c, err := dial(smpp.DialConfig{Addr: address, Bind: b})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.end)
	return c
}

// dial binds; what the carrier delivers comes on a channel, not answered yet.
func dial(d smpp.DialConfig) (*client, error) {
	c := &client{delivered: make(chan *smpp.Request, 10_000)}
	d.Window = 100
	d.Handler = smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) { c.delivered <- r })
	s, err := smpp.Dial(context.Background(), d)
	if err != nil {
		return nil, err
	}
	c.Session = s
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Run(context.Background()) // how it ended is not the test's concern
	}()
	c.end = sync.OnceFunc(func() {
		limited, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.Unbind(limited)
		_ = s.Close()
		<-ended
	})
	return c, nil
}

// submission is a message as a client would send it.
func submission(destination string) *smpp.SubmitSM {
	return &smpp.SubmitSM{
		SourceAddrTON: smpp.TONAlphanumeric, SourceAddr: "MyCompany",
		DestAddrTON: smpp.TONInternational, DestAddrNPI: smpp.NPIISDN, DestinationAddr: destination,
		RegisteredDelivery: smpp.RegisteredDeliveryFinal, ShortMessage: []byte("Hello, this is a test of the practice carrier"),
	}
}

// send sends a message and returns the answer.
func (c *client) send(t testing.TB, p *smpp.SubmitSM) smpp.Response {
	t.Helper()
	response := make(chan smpp.Response, 1)
	if err := c.Begin(context.Background(), p, func(r smpp.Response) { response <- r }); err != nil {
		t.Fatalf("submit to %s: %v", p.DestinationAddr, err)
	}
	return <-response
}

// submit sends a message that must be accepted, and returns its id.
func (c *client) submit(t testing.TB, p *smpp.SubmitSM) string {
	t.Helper()
	r := c.send(t, p)
	resp, ok := r.PDU.(*smpp.SubmitSMResp)
	if !ok {
		t.Fatalf("submit to %s: %+v", p.DestinationAddr, r)
	}
	return resp.MessageID
}

// next takes the next deliver_sm and answers it.
func (c *client) next(t testing.TB, status smpp.CommandStatus) *smpp.DeliverSM {
	t.Helper()
	limit := time.NewTimer(patient)
	defer limit.Stop()
	select {
	case r := <-c.delivered:
		if err := r.Reply(status, nil); err != nil {
			t.Fatal(err)
		}
		return r.PDU.(*smpp.DeliverSM)
	case <-limit.C:
		t.Fatalf("nothing was delivered for %v", patient)
	}
	panic("unreachable")
}

// receipt takes the next deliver_sm, which must be a receipt, and acknowledges it.
func (c *client) receipt(t testing.TB) smpp.Receipt {
	t.Helper()
	d := c.next(t, smpp.ESME_ROK)
	r, ok := smpp.ParseReceipt(d)
	if !ok {
		t.Fatalf("no receipt: %+v", d)
	}
	return r
}

// nothing says that no more was delivered than what a later message brought.
func (c *client) nothing(t testing.TB) {
	t.Helper()
	id := c.submit(t, submission("393401234599"))
	if got := c.receipt(t); got.ID != id {
		t.Errorf("delivered: %+v", got)
	}
}
