package dispatch_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// BenchmarkPipeline is 50 callers whose messages are accepted, marked, taken by a carrier that answers at once, and
// recorded: the whole life of a message but for doors and wires.
func BenchmarkPipeline(b *testing.B) {
	s := newServer(b, 4)
	var ids atomic.Int64
	s.serve(newInstant(&ids, func(*sms.Message) {}))
	b.ReportAllocs()
	commits := s.store.Counters.Commits.Load()
	b.ResetTimer()
	var next atomic.Int64
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				s.accept(s.account[n%4], 393400000000+sms.Number(n%100_000))
			}
		})
	}
	callers.Wait()
	s.awaitEmpty(b.N)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(b.N)/float64(s.store.Counters.Commits.Load()-commits), "messages/commit")
	s.end()
}
