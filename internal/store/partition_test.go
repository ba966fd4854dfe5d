package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
)

func openPG(t *testing.T) *Store {
	t.Helper()
	server := pgtest.Start(t, "fsync=off")
	s, err := Open(context.Background(), Options{URL: server.URL(), Node: 1, Secret: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// endedAt is a message that was accepted and failed at a moment.
func endedAt(t *testing.T, s *Store, account sms.AccountID, at time.Time, n int) *sms.Message {
	t.Helper()
	m := aMessage(account, 1, 10)
	m.CallerID = fmt.Sprint("id", n)
	a := admitting(s, m, func([]*sms.Message) {})
	if done, _ := s.commit([]member{a}); len(done) != 1 {
		t.Fatal("it is not accepted")
	}
	id := sms.MakeID(at, 1, n)
	err := s.transaction(t.Context(), func(tx *Tx) error {
		if _, err := tx.Exec(`UPDATE message SET id = ?, state = 6, final_at = ?, expires_at = ? WHERE id = ?`,
			int64(id), at.UnixMilli(), at.UnixMilli(), int64(m.ID)); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE caller_id SET message_id = ? WHERE message_id = ?`, int64(id), int64(m.ID))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m.ID = id
	return m
}

// TestPartitions: weeks are made ahead; one in which nothing must be kept goes as a whole, one in which something waits
// stays with that.
func TestPartitions(t *testing.T) {
	s := openPG(t)
	account := credited(t, s, "acme", 1_000_000)
	now := time.Now()
	for _, week := range ahead(now) {
		if there, err := s.partitions(t.Context()); err != nil || !there[week.name()] || len(there) != partitionAhead+2 {
			t.Errorf("%s is not among %v, error %v", week.name(), there, err)
		}
	}
	first := weekOf(now.Add(-150 * 24 * time.Hour))
	if err := s.makePartitions(t.Context(), first.begin); err != nil {
		t.Fatal(err)
	}
	second := weekOf(first.end())
	for n := range 300 {
		endedAt(t, s, account, first.begin.Add(time.Hour), n)
		endedAt(t, s, account, second.begin.Add(time.Hour), 1000+n)
	}
	waits := endedAt(t, s, account, second.begin.Add(2*time.Hour), 5000)
	if err := s.transaction(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(`UPDATE message SET state = 2, final_at = NULL WHERE id = ?`, int64(waits.ID))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	start(t, s)

	busy, err := s.reader.BeginTx(t.Context(), nil) // somebody reads the week that could go
	if err != nil {
		t.Fatal(err)
	}
	if _, err := busy.Exec(`SELECT 1 FROM ` + first.name()); err != nil {
		t.Fatal(err)
	}
	r := NewRetention(s)
	for _, gone := range []bool{false, true} {
		if err := r.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		if there, err := s.partitions(t.Context()); err != nil || there[first.name()] == gone || !there[second.name()] {
			t.Errorf("want %s gone: %v; there are %v, error %v", first.name(), gone, there, err)
		}
		if err := busy.Rollback(); err != nil && gone == false {
			t.Fatal(err)
		}
	}
	if n := count(t, s, `SELECT COUNT(*) FROM message`); n != 1 {
		t.Errorf("%d messages are left, want the one that waits", n)
	}
	if n := count(t, s, `SELECT COUNT(*) FROM caller_id`); n != 1 {
		t.Errorf("%d ids of callers are left", n)
	}
}

// TestPartitionsArePruned: what runs for every group looks into the partitions of its messages only, and nothing that
// runs often reads a partition from end to end.
func TestPartitionsArePruned(t *testing.T) {
	s := openPG(t)
	start(t, s)
	now := time.Now()
	ids := []int64{int64(sms.MakeID(now, 1, 1)), int64(sms.MakeID(now, 1, 2))}
	least, most := ids[0], ids[1]
	number := s.dialect.number
	for name, query := range map[string]struct {
		sql    string
		args   []any
		pruned bool
	}{
		"outcomes":  {changeMessagesSQL, []any{ids, []int16{4, 4}, []bool{true, true}, []int32{1, 1}, []*int64{nil, nil}, []*int64{nil, nil}, []*int64{nil, nil}, [][]byte{nil, nil}, []*string{nil, nil}, least, most}, true},
		"foreseen":  {outcomesSQL, []any{ids, least, most}, true},
		"one":       {number(`SELECT ` + messageColumns + ` FROM message WHERE id = ?`), []any{least}, true},
		"reports":   {reportsSQL, []any{[]int64{1}, []string{"a"}}, false},
		"lanes":     {number(nextLaneSQL(s.dialect, `carrier_id = ? AND priority = ? AND account_id > ?`)), []any{1, 1, 1, 1}, false},
		"waiting":   {number(waitingSQL), []any{1, 1, 1, 1, least, 1000}, false},
		"due":       {number(dueSQL + s.dialect.skipLocked), []any{least, 1000}, false},
		"retention": {number(meetSQL), []any{1000, least, most, 1000}, true},
	} {
		plan := explain(t, s, query.sql, query.args...)
		weeks := map[string]bool{}
		for _, word := range strings.FieldsFunc(plan, func(r rune) bool { return strings.ContainsRune(" \n(),:.", r) }) {
			if strings.HasPrefix(word, "message_2") && !strings.Contains(word, "idx") && !strings.Contains(word, "pkey") {
				weeks[strings.SplitN(word, "_", 3)[1]] = true
			}
		}
		if query.pruned && len(weeks) != 1 {
			t.Errorf("%s looks into %d weeks:\n%s", name, len(weeks), plan)
		}
		if strings.Contains(plan, "Seq Scan on message") {
			t.Errorf("%s reads from end to end:\n%s", name, plan)
		}
	}
}

// explain is how PostgreSQL would do it if it had to use an index wherever one serves.
func explain(t *testing.T, s *Store, query string, args ...any) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.options.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `SET enable_seqscan = off`); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), `EXPLAIN (COSTS off) `+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(lines, "\n")
}
