package smpp

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/internal/carrier/practice"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// atOnce records nothing, at once.
type atOnce struct{ left *sync.WaitGroup }

func (a atOnce) Report(_ sms.Report, done func(error))   { done(nil); a.left.Done() }
func (a atOnce) Inbound(_ sms.Inbound, done func(error)) { done(nil) }

// BenchmarkCarrier measures messages of one part a second over TCP to a practice carrier in the same process, each with
// its response, its receipt and the acknowledgement of that.
func BenchmarkCarrier(b *testing.B) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var running sync.WaitGroup
	server, endServer := context.WithCancel(context.Background())
	running.Go(func() { _ = practice.New(practice.Options{}).Serve(server, ln) })
	a, err := ParseAddress("smpp://esme@" + ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	var left sync.WaitGroup
	sessions := make(dispatcher, 1)
	c := New(Config{Address: a, Dispatcher: sessions, Recorder: atOnce{&left}, Log: slog.New(slog.DiscardHandler)})
	client, endClient := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(client) }()
	s := await(b, sessions)
	m := message("Your code is 123456. It is valid for 10 minutes.")
	b.ReportAllocs()
	b.ResetTimer()
	left.Add(2 * b.N)
	for range b.N {
		s.Submit(context.Background(), m, func(_ int, a dispatch.Answer) {
			if a.Verdict != dispatch.Accepted {
				b.Errorf("%+v", a)
			}
			left.Done()
		})
	}
	left.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	endClient()
	<-ended
	endServer()
	running.Wait()
}

// BenchmarkSubmitToSink is the client towards a carrier without the store: cutting, dialect, window, session, answers. The
// peer is a session of package smpp that takes everything and reports nothing; both share the processors.
func BenchmarkSubmitToSink(b *testing.B) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	resp := &smpp.SubmitSMResp{MessageID: "0198f2aa5b0e"}
	sink := &smpp.Server{Authenticate: func(context.Context, smpp.BindRequest) (smpp.Handler, smpp.CommandStatus) {
		return smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) { _ = r.Reply(smpp.ESME_ROK, resp) }), smpp.ESME_ROK
	}}
	var running sync.WaitGroup
	server, endServer := context.WithCancel(context.Background())
	running.Go(func() { _ = sink.Serve(server, ln) })
	a, err := ParseAddress("smpp://esme@" + ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	sessions := make(dispatcher, 1)
	c := New(Config{Address: a, Dispatcher: sessions, Recorder: atOnce{}, Log: slog.New(slog.DiscardHandler)})
	client, endClient := context.WithCancel(context.Background())
	running.Go(func() { _ = c.Run(client) })
	s := await(b, sessions)
	m := message("Your code is 123456. It is valid for 10 minutes.")
	var left sync.WaitGroup
	left.Add(b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		s.Submit(context.Background(), m, func(_ int, a dispatch.Answer) {
			if a.Verdict != dispatch.Accepted {
				b.Errorf("%+v", a)
			}
			left.Done()
		})
	}
	left.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "submits/s")
	endClient()
	endServer()
	running.Wait()
}
