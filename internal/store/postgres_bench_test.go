package store

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
)

// BenchmarkPostgreSQLGroup is what a message costs a database in all — accept, its share of a mark, outcome, receipt —
// by the size of the groups in which the commit loop works: four transactions for each group. The server syncs its log.
// docs/scaling.md and proof/scaling take their figures from here.
func BenchmarkPostgreSQLGroup(b *testing.B) {
	server := benchServer(b)
	s, err := Open(context.Background(), Options{URL: server.URL(), Node: 1, Secret: testSecret})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	account := credited(b, s, "acme", 1_000_000_000*sms.Euro)
	next := int64(0)
	for range 20 { // a planner that knows nothing of a table scans it
		benchGroup(b, s, account, next, 1000, true)
		next += 1000
	}
	for _, group := range []int{1, 3, 10, 30, 100, 300, 1000} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			if _, err := s.writer.Exec(`VACUUM ANALYZE`); err != nil {
				b.Fatal(err)
			}
			log, database, own := walBytes(b, s), postgresTime(server.PID()), ownTime()
			b.ResetTimer()
			for range b.N {
				benchGroup(b, s, account, next, group, true)
				next += int64(group)
			}
			b.StopTimer()
			messages := float64(b.N * group)
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/4, "µs/commit")
			b.ReportMetric(messages/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64(walBytes(b, s)-log)/messages, "WAL-octets/message")
			b.ReportMetric(float64((postgresTime(server.PID())-database).Microseconds())/messages, "database-CPU-µs/message")
			b.ReportMetric(float64((ownTime()-own).Microseconds())/messages, "node-CPU-µs/message")
		})
	}
}

// BenchmarkPostgreSQLBalances is four nodes at work in groups of 30 messages: all on one account, whose balance one
// transaction holds at a time, and each on an account of its own.
func BenchmarkPostgreSQLBalances(b *testing.B) {
	server := benchServer(b)
	var nodes []*Store
	var accounts []sms.AccountID
	for n := range 4 {
		s, err := Open(context.Background(), Options{URL: server.URL(), Node: n + 1, Secret: testSecret})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		nodes, accounts = append(nodes, s), append(accounts, credited(b, s, fmt.Sprint("account", n), 1_000_000_000*sms.Euro))
	}
	next := int64(0)
	for range 10 {
		benchGroup(b, nodes[0], accounts[0], next, 1000, true)
		next += 1000
	}
	for _, own := range []bool{false, true} {
		b.Run(fmt.Sprintf("own=%v", own), func(b *testing.B) {
			if _, err := nodes[0].writer.Exec(`VACUUM ANALYZE`); err != nil {
				b.Fatal(err)
			}
			var working sync.WaitGroup
			b.ResetTimer()
			for i, s := range nodes {
				account := accounts[0]
				if own {
					account = accounts[i]
				}
				from := next + int64(i*b.N*30)
				working.Go(func() {
					for n := range b.N {
						benchGroup(b, s, account, from+int64(n*30), 30, true)
					}
				})
			}
			working.Wait()
			b.StopTimer()
			next += int64(4 * b.N * 30)
			b.ReportMetric(float64(4*b.N*30)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(4*b.N), "µs/commit")
		})
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

func walBytes(b *testing.B, s *Store) (octets int64) {
	b.Helper()
	if err := s.reader.QueryRow(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint`).Scan(&octets); err != nil {
		b.Fatal(err)
	}
	return octets
}

// ownTime is the processor time of this process.
func ownTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// postgresTime is the processor time of a server and its children, to the hundredth of a second.
func postgresTime(server int) (total time.Duration) {
	children, _ := exec.Command("pgrep", "-P", strconv.Itoa(server)).Output()
	for _, pid := range append(strings.Fields(string(children)), strconv.Itoa(server)) {
		text, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		for _, field := range fields[11:13] { // utime, stime; proc(5)
			ticks, _ := strconv.ParseInt(field, 10, 64)
			total += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return total
}
