package outbox

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
)

// BenchmarkDelivery sends events that wait to a fast endpoint on this machine, over one account: signed, taken and settled
// on disk with fsync.
func BenchmarkDelivery(b *testing.B) { benchDelivery(b, newWorld(b), 0) }

// BenchmarkDeliveryBesideAMillion is the same while a million events of another account wait for an endpoint that is dead.
func BenchmarkDeliveryBesideAMillion(b *testing.B) { benchDelivery(b, newWorld(b), 1_000_000) }

// BenchmarkDeliveryPostgreSQL is the first on PostgreSQL, with its own sync of the disk.
func BenchmarkDeliveryPostgreSQL(b *testing.B) {
	benchDelivery(b, newWorldOn(b, benchServer(b).URL()), 0)
}

func benchDelivery(b *testing.B, w *world, waiting int) {
	a := w.account()
	w.waiting(waiting)
	endpoint, all := quick(b, int64(b.N))
	w.hook(a, endpoint)
	for left := b.N; left > 0; left -= 5000 {
		w.report(sms.Delivered, w.sent(a, min(left, 5000))...)
	}
	b.ResetTimer()
	w.send(true)
	<-all
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// quick is an endpoint that only counts; all is closed when n requests have come.
func quick(b *testing.B, n int64) (url string, all chan struct{}) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var got atomic.Int64
	all = make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if got.Add(1) == n {
			close(all)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String(), all
}

// waiting makes events of one message of an account whose endpoint refuses connections.
func (w *world) waiting(n int) {
	if n == 0 {
		return
	}
	a := w.account()
	w.hook(a, "http://127.0.0.1:1/")
	m := w.sent(a, 1)[0]
	err := w.Change(context.Background(), "test", func(tx *store.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO event (id, account_id, message_id, part, state, seen, code, reason, price, at, due_at)
			SELECT i, ?, ?, 0, 5, 0, '', '', 0, 0, i FROM n`, n, int64(a.ID), int64(m.ID))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// benchServer is a PostgreSQL server that syncs its log, until the end of the benchmark.
func benchServer(b *testing.B) *pgtest.Server {
	b.Helper()
	if pgtest.Binaries() == "" {
		b.Skip("PostgreSQL is not installed")
	}
	dir, err := os.MkdirTemp("", "staffetta-postgres-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	server, err := pgtest.New(context.Background(), pgtest.Binaries(), dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Kill)
	if err := server.Run(context.Background(), "max_wal_size=4GB", "shared_buffers=256MB"); err != nil {
		b.Fatal(err)
	}
	return server
}

// BenchmarkReceipts sends receipts that wait to a customer over one SMPP session on this machine with a window of 100: taken,
// answered and settled on disk with fsync.
func BenchmarkReceipts(b *testing.B) { benchReceipts(b, newWorld(b), 100, nil) }

// BenchmarkReceiptsUsualWindow is the same with the window that accounts begin with.
func BenchmarkReceiptsUsualWindow(b *testing.B) { benchReceipts(b, newWorld(b), 10, nil) }

// BenchmarkReceiptsBesideAMillion is the first while a million receipts wait for a customer who is not bound.
func BenchmarkReceiptsBesideAMillion(b *testing.B) {
	benchReceipts(b, newWorld(b), 100, func(w *world, _ *board) { w.absent(1_000_000) })
}

// BenchmarkReceiptsBesideAMute is the first while another customer is bound, has many receipts and reads nothing.
func BenchmarkReceiptsBesideAMute(b *testing.B) {
	benchReceipts(b, newWorld(b), 100, func(w *world, s *board) {
		conn := s.dialTCP()
		bind, err := smpp.AppendPDU(nil, smpp.ESME_ROK, 1, &smpp.Bind{Type: smpp.Receiver, SystemID: strconv.Itoa(int(w.absent(100_000).ID))})
		if err == nil {
			_, err = conn.Write(bind)
		}
		if err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkReceiptsPostgreSQL is the first on PostgreSQL, with its own sync of the disk.
func BenchmarkReceiptsPostgreSQL(b *testing.B) {
	benchReceipts(b, newWorldOn(b, benchServer(b).URL()), 100, nil)
}

func benchReceipts(b *testing.B, w *world, window int, beside func(*world, *board)) {
	a := w.account()
	ctx, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	s := newBoard(ctx, b, window)
	for left := b.N; left > 0; left -= 5000 {
		w.report(sms.Delivered, w.submitted(a, min(left, 5000))...)
	}
	if beside != nil {
		beside(w, s)
	}
	var got atomic.Int64
	all := make(chan struct{})
	session, err := smpp.Connect(ctx, s.dialTCP(), smpp.DialConfig{Bind: smpp.Bind{Type: smpp.Receiver, SystemID: strconv.Itoa(int(a.ID))},
		Handler: smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) {
			_ = r.Reply(smpp.ESME_ROK, nil)
			if got.Add(1) == int64(b.N) {
				close(all)
			}
		})})
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = session.Run(ctx) }()
	b.ResetTimer()
	w.deliver(s)
	<-all
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "receipts/s")
}

// absent is an account for which receipts of one message wait, in order of their ids.
func (w *world) absent(n int) *sms.Account {
	a := w.account()
	m := w.submitted(a, 1)[0]
	err := w.Change(context.Background(), "test", func(tx *store.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO event (id, account_id, message_id, part, state, seen, code, reason, price, at, due_at, way)
			SELECT i, ?, ?, -1, 6, 0, CAST(i AS TEXT), '', 0, i, 1000 + i, 1 FROM n`, n, int64(a.ID), int64(m.ID))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}
