package traffic

import (
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// aYear fills the counts of 400 days with an hour's row for each of 100 accounts with each of 5 carriers.
func aYear(tb testing.TB, s *store.Store) {
	tb.Helper()
	err := s.Change(tb.Context(), "bench", func(tx *store.Tx) error {
		const counts = `accepted, parts, sent, failed, charged, delivered, latency_2, latency_3, latency_5`
		_, err := tx.Exec(`INSERT INTO traffic (hour, account_id, carrier_id, node, `+counts+`)
			WITH RECURSIVE hour(h) AS (SELECT 0 UNION ALL SELECT h + 1 FROM hour WHERE h < 365 * 24 - 1),
			account(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM account WHERE a < 100),
			carrier(c) AS (SELECT 1 UNION ALL SELECT c + 1 FROM carrier WHERE c < 5)
			SELECT ? - h * 3600000, a, c, 1, 100 + a, 120, 5, 3, 4000000, 92 + a, 60, 20, 12 + a FROM hour, account, carrier
			ORDER BY 1, 2, 3`, time.Now().Truncate(time.Hour).UnixMilli())
		if err == nil {
			_, err = tx.Exec(`INSERT INTO traffic (hour, account_id, carrier_id, node, ` + counts + `) SELECT hour, 0, carrier_id, node, SUM(accepted),
				SUM(parts), SUM(sent), SUM(failed), SUM(charged), SUM(delivered), SUM(latency_2), SUM(latency_3), SUM(latency_5)
				FROM traffic GROUP BY hour, carrier_id, node`)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkOverview is the page of one account, and of the platform, with a year of counts stored.
func BenchmarkOverview(b *testing.B) {
	w := newWorld(b)
	aYear(b, w.store)
	for _, whose := range []struct {
		name    string
		account sms.AccountID
	}{{"account", w.account}, {"platform", AllAccounts}} {
		b.Run(whose.name, func(b *testing.B) {
			for b.Loop() {
				o, err := w.reader.Overview(b.Context(), whose.account, time.UTC)
				if err != nil || o.Today.Accepted == 0 {
					b.Fatal(o, err)
				}
			}
		})
		b.Run(whose.name+"/problems", func(b *testing.B) {
			for b.Loop() {
				if _, err := w.reader.Problems(b.Context(), whose.account); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("busiest", func(b *testing.B) {
		today := dayOf(time.Now(), time.UTC)
		for b.Loop() {
			if _, err := w.store.Busiest(b.Context(), today, today.Add(24*time.Hour), 10); err != nil {
				b.Fatal(err)
			}
		}
	})
}
