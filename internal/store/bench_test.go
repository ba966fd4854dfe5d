package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

func benchMessage(account sms.AccountID, n int64) *sms.Message {
	m := aMessage(account, 1, 35_000)
	m.Destination = 393400000000 + sms.Number(n%1_000_000)
	m.Text, m.Notify, m.Digest = "Your code is 123456. It is valid for ten minutes.", true, uint64(n)
	m.Origin = sms.Origin{Door: "http", Credential: "stf_live_a1b2c3d4", Address: "203.0.113.7"}
	return m
}

// BenchmarkAccept is 50 callers who each wait for their commit.
func BenchmarkAccept(b *testing.B) {
	s := openIn(b, b.TempDir())
	account := credited(b, s, "acme", 1_000_000_000*sms.Euro)
	start(b, s)
	b.ReportAllocs()
	before := s.Counters.Commits.Load()
	b.ResetTimer()
	var next atomic.Int64
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				err := s.Accept(context.Background(), []*Admission{{Message: benchMessage(account, n)}}, func([]*sms.Message) {})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	callers.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(b.N)/float64(s.Counters.Commits.Load()-before), "messages/commit")
}

// BenchmarkCommitLoop is what the commit loop does for a message in all, without waiting for anybody: accept, its
// share of a mark, outcome and receipt, in groups of 50.
func BenchmarkCommitLoop(b *testing.B) {
	for _, receipts := range []bool{false, true} {
		b.Run(fmt.Sprintf("receipts=%v", receipts), func(b *testing.B) {
			s := openIn(b, b.TempDir())
			defer s.Close()
			account := credited(b, s, "acme", 1_000_000_000*sms.Euro)
			b.ReportAllocs()
			b.ResetTimer()
			const group = 50
			for n := 0; n < b.N; n += group {
				benchGroup(b, s, account, int64(n), min(group, b.N-n), receipts)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

func benchGroup(b *testing.B, s *Store, account sms.AccountID, from int64, n int, receipts bool) {
	var accepts, outcomes, reports []member
	var messages []*sms.Message
	for i := range n {
		m := benchMessage(account, from+int64(i))
		messages = append(messages, m)
		accepts = append(accepts, admitting(s, m, func([]*sms.Message) {}))
	}
	commit(s, accepts)
	mark := &markMember{store: s, mark: &Mark{open: n}}
	mark.open()
	for _, m := range messages {
		mark.mark.left = append(mark.mark.left, m.ID)
	}
	commit(s, []member{mark})
	fail := func(err error) {
		if err != nil {
			b.Error(err)
		}
	}
	now := time.Now().UTC()
	for i, m := range messages {
		parts := []sms.Part{{State: sms.Sent, Ref: fmt.Sprintf("%08x", from+int64(i)), At: now}}
		o := sms.Outcome{Message: m, State: sms.Sent, Parts: parts, Carrier: 1, At: now}
		outcomes = append(outcomes, &outcomeMember{store: s, outcome: o, mark: mark.mark, done: fail})
		reports = append(reports, &reportMember{store: s, done: fail,
			report: sms.Report{Carrier: 1, Ref: parts[0].Ref, Destination: m.Destination, State: sms.Delivered, Code: "000", At: now}})
	}
	commit(s, outcomes)
	if receipts {
		commit(s, reports)
	}
}

// BenchmarkOverdue is a pass of Overdue over many finished messages: the first one, which meets all of them once, and
// those after it.
func BenchmarkOverdue(b *testing.B) {
	const stored = 1_000_000
	s := openIn(b, b.TempDir())
	account := credited(b, s, "acme", sms.Euro)
	start(b, s)
	first := int64(sms.MakeID(time.Now().Add(-30*24*time.Hour), 0, 0))
	err := s.Change(b.Context(), "bench", func(tx *Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO message (id, node, account_id,
			carrier_id, state, priority, expires_at, destination, sender, body, encoding, parts, part_price, flags, reference, digest, origin, progress)
			SELECT ? + i * 10000000, 1, ?, 1, 5, 1, 0, 393401234567, 'ACME', 'Your code is 123456. It is valid for ten minutes.', 0, 1, 35000, 2, 0, i,
			'http stf_live_a1b2c3d4 203.0.113.7', x'01050000000c303139386632616135623065' FROM n`, stored-1, first, int64(account))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	pass := NewOverdue(s)
	began := time.Now()
	if err := pass.Pass(b.Context()); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	for b.Loop() {
		if err := pass.Pass(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(stored/took.Seconds(), "messages/s-at-first")
}
