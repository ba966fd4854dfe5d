package smpp

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// running is a client session and a server on the loopback interface, both
// ended and waited for when the test ends.
type running struct {
	client *Session
	server chan *Session
}

func startPair(t testing.TB, v *Server, c DialConfig) *running {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &running{server: make(chan *Session, 8)}
	v.Bound = func(s *Session, _ Handler) { r.server <- s }
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- v.Serve(ctx, ln) }()
	c.Addr = ln.Addr().String()
	s, err := Dial(ctx, c)
	if err != nil {
		cancel()
		<-ended
		t.Fatal(err)
	}
	r.client = s
	go func() { ended <- s.Run(context.Background()) }()
	t.Cleanup(func() {
		_ = s.Close()
		cancel()
		<-ended
		<-ended
	})
	return r
}

func admitAll(h Handler) func(context.Context, BindRequest) (Handler, CommandStatus) {
	return func(context.Context, BindRequest) (Handler, CommandStatus) { return h, ESME_ROK }
}

// answerWith answers every submit_sm with the same message_id.
func answerWith(id string) HandlerFunc {
	return func(_ context.Context, r *Request) { _ = r.Reply(ESME_ROK, &SubmitSMResp{MessageID: id}) }
}

func TestSubmitAndDeliverOverTCP(t *testing.T) {
	received := make(chan *DeliverSM, 1)
	p := startPair(t, &Server{SystemID: "smsc", Authenticate: admitAll(answerWith("id-1"))}, DialConfig{
		Bind: Bind{SystemID: "esme", Password: "secret"},
		Handler: HandlerFunc(func(_ context.Context, r *Request) {
			received <- r.PDU.(*DeliverSM)
			_ = r.Reply(ESME_ROK, nil)
		}),
	})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	resp, err := p.client.Submit(ctx, &SubmitSM{DestinationAddr: "393331234567", ShortMessage: []byte("hello")})
	if err != nil || resp.MessageID != "id-1" {
		t.Fatalf("submit: %v, %v", resp, err)
	}
	want := &DeliverSM{SourceAddr: "393331234567", ShortMessage: []byte("hi")}
	if _, err := (<-p.server).Deliver(ctx, want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, <-received, cmp.Comparer(func(a, b TLVs) bool { return len(a) == len(b) })); diff != "" {
		t.Error(diff)
	}
	if err := p.client.Unbind(ctx); err != nil {
		t.Error(err)
	}
	if err := p.client.Err(); !errors.Is(err, ErrUnbound) {
		t.Error(err)
	}
}
