package intake

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// BenchmarkAcceptBulk is four callers with calls of a thousand destinations each, and of one for comparison, on SQLite.
func BenchmarkAcceptBulk(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		for _, ids := range []bool{false, true} {
			b.Run(fmt.Sprintf("destinations=%d/ids=%v", size, ids), func(b *testing.B) { benchmarkBulk(b, size, ids) })
		}
	}
}

func benchmarkBulk(b *testing.B, size int, ids bool) {
	w := newWorld(b, 1_000_000_000*sms.Euro)
	w.offer = func([]*sms.Message) {}
	b.ReportAllocs()
	var next atomic.Int64
	var callers sync.WaitGroup
	b.ResetTimer()
	for range 4 {
		callers.Go(func() {
			for first := next.Add(int64(size)) - int64(size); first < int64(b.N); first = next.Add(int64(size)) - int64(size) {
				call := benchCall(int(first), size, ids)
				a, err := w.AcceptBulk(context.Background(), w.caller, "http", call)
				if err != nil || a.Messages != size {
					b.Errorf("%v, %d accepted", err, a.Messages)
				}
			}
		})
	}
	callers.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

func benchCall(first, size int, ids bool) *Bulk {
	e := BulkEntry{Sender: "MyCompany", Body: "Your code is 123456. It is valid for ten minutes."}
	for n := first; n < first+size; n++ {
		e.Destinations = append(e.Destinations, fmt.Sprintf("+39340%07d", n%10_000_000))
		if ids {
			e.IDs = append(e.IDs, fmt.Sprintf("m-%d", n))
		}
	}
	return &Bulk{Entries: []BulkEntry{e}}
}
