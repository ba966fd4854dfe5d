package practice

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/smpp"
)

// BenchmarkPractice measures submit_sm a second with a client in the same process: a window of 100 on each of some
// sessions. With receipts, each is acknowledged at once and counts into the time of its message.
func BenchmarkPractice(b *testing.B) {
	for _, receipts := range []bool{false, true} {
		for _, sessions := range []int{1, 4} {
			b.Run(fmt.Sprintf("receipts=%t/sessions=%d", receipts, sessions), func(b *testing.B) {
				benchmark(b, receipts, sessions)
			})
		}
	}
}

func benchmark(b *testing.B, receipts bool, sessions int) {
	address := start(b, Options{})
	var left sync.WaitGroup
	handler := smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) {
		if err := r.Reply(smpp.ESME_ROK, nil); err != nil {
			b.Error(err)
		}
		left.Done()
	})
	clients := make([]*smpp.Session, sessions)
	var running sync.WaitGroup
	for i := range clients {
		s, err := smpp.Dial(b.Context(), smpp.DialConfig{Addr: address, Bind: smpp.Bind{SystemID: "esme"}, Handler: handler,
			Config: smpp.Config{Window: 100, InboundLimit: 1000}})
		if err != nil {
			b.Fatal(err)
		}
		clients[i] = s
		running.Go(func() { _ = s.Run(context.Background()) })
	}
	p := submission("393401234567")
	if !receipts {
		p.RegisteredDelivery = smpp.RegisteredDeliveryNone
	}
	left.Add(b.N)
	if receipts {
		left.Add(b.N)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var feeding sync.WaitGroup
	for i, s := range clients {
		share := b.N / sessions
		if i == 0 {
			share += b.N % sessions
		}
		feeding.Go(func() { feed(b, s, p, share, left.Done) })
	}
	feeding.Wait()
	left.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "submit/s")
	for _, s := range clients {
		_ = s.Close()
	}
	running.Wait()
}

func feed(b *testing.B, s *smpp.Session, p *smpp.SubmitSM, n int, done func()) {
	for range n {
		err := s.Begin(context.Background(), p, func(r smpp.Response) {
			if r.Err != nil || r.Status != smpp.ESME_ROK {
				b.Errorf("%v %v", r.Status, r.Err)
			}
			done()
		})
		if err != nil {
			b.Error(err)
			return
		}
	}
}
