package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// BenchmarkHistory reads pages of an account with a million messages of the last 30 days, or as many as STAFFETTA_HISTORY
// says, and of one with a thousandth of that beside it. docs/history.md has the figures.
func BenchmarkHistory(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) {
		s := openIn(b, b.TempDir())
		defer s.Close()
		benchHistory(b, s, `(WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n) AS g`)
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		server := benchServer(b)
		s, err := Open(context.Background(), Options{URL: server.URL(), Node: 1, Secret: testSecret})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		for at := time.Now().Add(-pastOfHistory); at.Before(time.Now()); at = at.Add(partitionSpan) {
			if err := s.define(context.Background(), weekOf(at).definition()); err != nil {
				b.Fatal(err)
			}
		}
		benchHistory(b, s, `generate_series($1::bigint, $2::bigint) AS g (i)`)
	})
}

const pastOfHistory = 30 * 24 * time.Hour

// historySize is how many messages the large account has.
func historySize(b *testing.B) int64 {
	text := os.Getenv("STAFFETTA_HISTORY")
	if text == "" {
		return 1_000_000
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func benchHistory(b *testing.B, s *Store, numbers string) {
	large, small := credited(b, s, "large", sms.Euro), credited(b, s, "small", sms.Euro)
	size := historySize(b)
	began := time.Now()
	fillHistory(b, s.conn, numbers, large, small, size)
	b.Logf("%d messages are stored in %v", size, time.Since(began).Round(time.Second))
	whole := func(change func(*Span)) Span {
		span := Span{Last: 1<<63 - 1, Limit: 21}
		change(&span)
		return span
	}
	middle := sms.MakeID(time.Now().Add(-pastOfHistory/2), 0, 0)
	for _, c := range []struct {
		name    string
		account sms.AccountID
		span    Span
	}{
		{"newest", large, whole(func(*Span) {})},
		{"in the middle", large, whole(func(p *Span) { p.Last = middle })},
		{"1000 newest", large, whole(func(p *Span) { p.Limit = 1001 })},
		{"1000 in the middle", large, whole(func(p *Span) { p.Limit, p.Last = 1001, middle })},
		{"failed", large, whole(func(p *Span) { p.States = []sms.State{sms.Failed, sms.Cancelled, sms.Refused} })},
		{"rare", large, whole(func(p *Span) { p.States = []sms.State{sms.Expired} })},
		{"none", large, whole(func(p *Span) { p.States = []sms.State{sms.Unknown} })},
		{"page 5000", large, whole(func(p *Span) { p.Skip = 100_000 })},
		{"small account", small, whole(func(*Span) {})},
		{"small account, failed", small, whole(func(p *Span) { p.States = []sms.State{sms.Failed} })},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchPage(b, func() error { _, err := s.History(context.Background(), c.account, c.span); return err })
		})
	}
	benchSearch(b, s, large, small)
}

// benchSearch takes one step of searches: a page of the console, and 10,000 messages of which none fits.
func benchSearch(b *testing.B, s *Store, large, small sms.AccountID) {
	all := Span{Last: 1<<63 - 1, Limit: 51}
	for _, c := range []struct {
		name    string
		account sms.AccountID
		walk    Walk
	}{
		{"search, page", large, Walk{Span: all, Most: 51}},
		{"search, page of all accounts", 0, Walk{Span: all, Most: 51}},
		{"search, page of the small account", small, Walk{Span: all, Most: 51}},
		{"search, common text", large, Walk{Span: all, Most: 1000, Filter: Filter{Text: "CODE"}}},
		{"search, 10000 for a number", large, Walk{Span: all, Most: 10_000, Filter: Filter{Begins: "44"}}},
		{"search, 10000 for a text", large, Walk{Span: all, Most: 10_000, Filter: Filter{Text: "nothing has this"}}},
		{"search, 10000 of all accounts for a text", 0, Walk{Span: all, Most: 10_000, Filter: Filter{Text: "nothing has this"}}},
		{"search, the small account for a text", small, Walk{Span: all, Most: 10_000, Filter: Filter{Text: "nothing has this"}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchPage(b, func() error { _, err := s.Walk(context.Background(), c.account, c.walk); return err })
		})
	}
	b.Run("search, caller's id of all accounts", func(b *testing.B) {
		benchPage(b, func() error { _, err := s.MessagesOf(context.Background(), "order-1", 50); return err })
	})
}

// fillHistory stores messages by SQL: of a thousand one is the small account's, two failed, and one of all expired.
func fillHistory(b *testing.B, db *sql.Conn, numbers string, large, small sms.AccountID, size int64) {
	b.Helper()
	step := pastOfHistory.Milliseconds() << 22 / size
	first := int64(sms.MakeID(time.Now().Add(-pastOfHistory), 1, 0))
	insert := fmt.Sprintf(`INSERT INTO message (id, node, account_id, carrier_id, state, priority, expires_at, destination, sender, body,
		encoding, parts, part_price, flags, reference, digest, origin, attempts, sent_at, final_at)
		SELECT %d + i * %d, 1, CASE WHEN i %% 1000 = 7 THEN %d ELSE %d END, 1,
		CASE WHEN i = %d THEN 7 WHEN i %% 500 = 3 THEN 6 WHEN i %% 9000 = 7 THEN 6 ELSE 5 END, 1, 1800000000000,
		393400000000 + i %% 1000000, 'ACME', 'Your code is 123456. It is valid for ten minutes.', 0, 1, 35000, 2, 0, i * 7919,
		'http stf_live_a1b2c3d4 203.0.113.7', 1, 1700000000000, 1700000001000 FROM %s`, first, step, small, large, size/3, numbers)
	const chunk = 100_000
	for from := int64(1); from <= size; from += chunk {
		if _, err := db.ExecContext(context.Background(), insert, from, min(size, from+chunk-1)); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := db.ExecContext(context.Background(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}

func benchPage(b *testing.B, read func() error) {
	var took []time.Duration
	for range b.N {
		began := time.Now()
		if err := read(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}
