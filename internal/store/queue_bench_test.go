package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// BenchmarkWaitingLanes counts what waits when a million messages do, in few lanes and in many.
func BenchmarkWaitingLanes(b *testing.B) {
	const size = 1_000_000
	fill := func(b *testing.B, s *Store, numbers string, lanes int) {
		insert := fmt.Sprintf(`INSERT INTO message (id, node, account_id, carrier_id, state, priority, expires_at, destination, sender, body,
			encoding, parts, part_price, flags, reference, digest, origin, attempts)
			SELECT %d + i, 1, 1 + i %% %d, 1 + i %% 2, 2, 1, 9800000000000, 393400000000 + i, 'ACME', 'Your code is 123456. It is valid for ten minutes.',
			0, 1, 35000, 2, 0, i * 7919, 'http stf_live_a1b2c3d4 203.0.113.7', 0 FROM %s`, int64(sms.MakeID(time.Now(), 1, 0)), lanes, numbers)
		const chunk = 100_000
		for from := int64(1); from <= size; from += chunk {
			if _, err := s.conn.ExecContext(context.Background(), insert, from, min(size, from+chunk-1)); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := s.conn.ExecContext(context.Background(), `ANALYZE`); err != nil {
			b.Fatal(err)
		}
	}
	for _, lanes := range []int{2, 20, 2000} {
		b.Run(fmt.Sprintf("SQLite/lanes=%d", lanes), func(b *testing.B) {
			s := openIn(b, b.TempDir())
			defer s.Close()
			fill(b, s, `(WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n) AS g`, lanes)
			if _, err := s.conn.ExecContext(context.Background(), `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
				b.Fatal(err)
			}
			benchLanes(b, s, lanes)
		})
		b.Run(fmt.Sprintf("PostgreSQL/lanes=%d", lanes), func(b *testing.B) {
			s, err := Open(context.Background(), Options{URL: benchServer(b).URL(), Node: 1, Secret: testSecret})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			fill(b, s, `generate_series($1::bigint, $2::bigint) AS g (i)`, lanes)
			if _, err := s.writer.Exec(`VACUUM ANALYZE`); err != nil {
				b.Fatal(err)
			}
			benchLanes(b, s, lanes)
		})
	}
}

func benchLanes(b *testing.B, s *Store, want int) {
	began := ownTime()
	defer func() { b.ReportMetric(float64((ownTime()-began).Microseconds())/1000/float64(b.N), "CPU-ms/op") }()
	for b.Loop() {
		lanes, _, err := s.WaitingLanes(context.Background())
		if err != nil || len(lanes) != min(want, mostLanes) {
			b.Fatal(len(lanes), err)
		}
	}
}
