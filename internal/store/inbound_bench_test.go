package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// BenchmarkInbound is what messages from handsets cost: 200 deliveries unanswered at a time, as a carrier's window has
// them, each a message or one of three parts, all to an account with a webhook.
func BenchmarkInbound(b *testing.B) {
	engines := map[string]func(b *testing.B) *Store{
		"sqlite": func(b *testing.B) *Store { return openIn(b, b.TempDir()) },
		"postgres": func(b *testing.B) *Store {
			s, err := Open(context.Background(), Options{URL: benchServer(b).URL(), Node: 1, Secret: testSecret})
			if err != nil {
				b.Fatal(err)
			}
			return s
		},
	}
	for name, open := range engines {
		for _, parts := range []int{1, 3} {
			b.Run(fmt.Sprintf("%s/parts=%d", name, parts), func(b *testing.B) {
				s := open(b)
				account := credited(b, s, "acme", 1)
				start(b, s)
				if err := s.AddNumber(context.Background(), Deed{Actor: "bench"}, sms.ServiceNumber{Number: "48883", Account: account}); err != nil {
					b.Fatal(err)
				}
				benchInbound(b, s, parts)
			})
		}
	}
}

func benchInbound(b *testing.B, s *Store, parts int) {
	window := make(chan struct{}, 200)
	var answered sync.WaitGroup
	b.ResetTimer()
	for n := range b.N {
		for part := range parts {
			in := sms.Inbound{Carrier: 1, Source: fmt.Sprint("+39340", n), Destination: "48883", Octets: fmt.Append(nil, "message ", n), At: time.Now()}
			if parts > 1 {
				in.ESMClass, in.Octets = 0x40, append([]byte{5, 0, 3, 1, byte(parts), byte(part + 1)}, in.Octets...)
			}
			window <- struct{}{}
			answered.Add(1)
			s.Inbound(in, func(err error) {
				if err != nil {
					b.Error(err)
				}
				<-window
				answered.Done()
			})
		}
	}
	answered.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
