package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"modernc.org/sqlite"
)

func TestBadMemberHarmsNobody(t *testing.T) {
	s := openIn(t, t.TempDir())
	account := credited(t, s, "acme", 100)
	var order []sms.ID
	accepted := func(messages []*sms.Message) {
		for _, m := range messages {
			order = append(order, m.ID)
		}
	}
	var told error
	bad := &failing{err: errors.New("impossible"), times: -1, settled: func(err error) { told = err }}
	var group []member
	var good []*acceptMember
	for i := range 20 {
		if i == 7 {
			group = append(group, bad)
		}
		good = append(good, admitting(s, aMessage(account, 1, 1), accepted))
		group = append(group, good[i])
	}
	before := s.Counters.Commits.Load()
	if left := commit(s, group); len(left) != 0 {
		t.Fatalf("%d members left", len(left))
	}
	if told == nil {
		t.Error("the bad member was told nothing")
	}
	for i, g := range good {
		if err := <-g.err; err != nil {
			t.Errorf("neighbour %d: %v", i, err)
		}
	}
	if len(order) != 20 || !ascending(order) {
		t.Errorf("accepted in the order %v", order)
	}
	if got := balanceOf(t, s, account); got.Reserved != 20 {
		t.Errorf("reserved %d for 20 messages at 1", got.Reserved)
	}
	if commits := s.Counters.Commits.Load() - before; commits > 2 {
		t.Errorf("%d commits: the neighbours must stay together", commits)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Credit that a member took which then did not commit must be there for its neighbour.
func TestBadMemberTakesNoCredit(t *testing.T) {
	s := openIn(t, t.TempDir())
	defer s.Close()
	account := credited(t, s, "acme", 1)
	greedy := &onlyOnce{acceptMember: admitting(s, aMessage(account, 1, 1), nil)}
	modest := admitting(s, aMessage(account, 1, 1), func([]*sms.Message) {})
	commit(s, []member{greedy, modest, &failing{err: errors.New("impossible"), times: -1}})
	if err := <-greedy.err; err == nil {
		t.Error("the greedy member is stored")
	}
	a := modest.admissions[0]
	if err := <-modest.err; err != nil || a.Result != Stored || a.Message.Refusal != "" {
		t.Errorf("the neighbour: result %d, refusal %q, error %v", a.Result, a.Message.Refusal, err)
	}
}

// onlyOnce takes credit in the group and fails when it is applied again.
type onlyOnce struct {
	*acceptMember
	applied int
}

func (o *onlyOnce) apply(tx *Tx) error {
	if o.applied++; o.applied > 1 {
		return errors.New("only once")
	}
	return o.acceptMember.apply(tx)
}

// A member that fails only in company is tried again alone.
func TestMemberThatFailsOnce(t *testing.T) {
	s := openIn(t, t.TempDir())
	defer s.Close()
	account := credited(t, s, "acme", 10)
	told := errors.New("not told")
	shy := &failing{err: errors.New("not in company"), times: 1, settled: func(err error) { told = err }}
	neighbour := admitting(s, aMessage(account, 1, 1), func([]*sms.Message) {})
	commit(s, []member{shy, neighbour})
	if err := <-neighbour.err; err != nil || told != nil {
		t.Errorf("neighbour: %v, the member itself: %v", err, told)
	}
}

func TestStoreWideRefusal(t *testing.T) {
	var log bytes.Buffer
	s := openIn(t, t.TempDir())
	s.log = slog.New(slog.NewTextHandler(&log, nil))
	defer s.Close()
	full := sqliteError(t)
	told := 0
	var group []member
	for i := range 50 {
		group = append(group, &failing{err: full, times: -1, mustKeep: i%2 == 0, settled: func(err error) {
			told++
			if e, ok := errors.AsType[*sms.Error](err); !ok || e.Code != sms.Unavailable || e.RetryAfter <= 0 {
				t.Errorf("told %v", err)
			}
		}})
	}
	left := commit(s, group)
	if len(left) != 25 || told != 25 {
		t.Errorf("%d kept, %d told; want 25 and 25", len(left), told)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1 {
		t.Errorf("one refusal is logged in %d lines", lines)
	}
}

// sqliteError makes the driver's own error of a full database.
func sqliteError(t *testing.T) error {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`PRAGMA max_page_count = 3; CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))`)
	if refusal, ok := errors.AsType[*sqlite.Error](err); !ok || refusal.Code() != resultFull {
		t.Fatalf("not the error of a full database: %v", err)
	}
	return err
}

// A transaction that was left open must not make every later one fail.
func TestTransactionLeftOpen(t *testing.T) {
	s := openIn(t, t.TempDir())
	defer s.Close()
	account := credited(t, s, "acme", 10)
	if _, err := s.conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	first := admitting(s, aMessage(account, 1, 1), func([]*sms.Message) {})
	commit(s, []member{first})
	if err := <-first.err; err != nil && sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("a refusal that is nobody's fault is told as %v", err)
	}
	second := admitting(s, aMessage(account, 1, 1), func([]*sms.Message) {})
	commit(s, []member{second})
	if err := <-second.err; err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// Whatever is put into the queue gets an answer, also when it comes while Run ends.
func TestRunAnswersEverybody(t *testing.T) {
	opened := openIn(t, t.TempDir())
	for round := range 200 {
		s := &Store{log: opened.log, dialect: opened.dialect, conn: opened.conn, write: opened.write}
		s.queue.init()
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		answers := make(chan error, 40)
		for range 4 {
			go func() {
				for range 10 {
					s.enqueue(&failing{settled: func(err error) { answers <- err }})
				}
			}()
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			select {
			case <-answers:
			case <-time.After(5 * time.Second):
				t.Fatalf("round %d: %d of 40 members have an answer", round, i)
			}
		}
	}
	if err := opened.Close(); err != nil {
		t.Error(err)
	}
}

// What the database did not take until the end is told, so that nobody waits for ever.
func TestRunEndsWithRefusals(t *testing.T) {
	s := openIn(t, t.TempDir())
	told := make(chan error, 1)
	s.enqueue(&failing{err: fmt.Errorf("disk: %w", sqliteError(t)), times: -1, mustKeep: true, settled: func(err error) { told <- err }})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Run(ctx); err == nil {
		t.Error("Run says nothing of an outcome that is not recorded")
	}
	select {
	case err := <-told:
		if err == nil {
			t.Error("told that it is recorded")
		}
	default:
		t.Error("the kept member was told nothing")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestKeptMemberIsTriedAgain(t *testing.T) {
	s := openIn(t, t.TempDir())
	start(t, s)
	told := make(chan error, 1)
	s.enqueue(&failing{err: sqliteError(t), times: 2, mustKeep: true, settled: func(err error) { told <- err }})
	if err := <-told; err != nil {
		t.Error(err)
	}
}

func ascending(ids []sms.ID) bool {
	for i := 1; i < len(ids); i++ {
		if ids[i] <= ids[i-1] {
			return false
		}
	}
	return true
}

// commit works a group off as Run does, and returns what is left.
func commit(s *Store, group []member) (left []member) {
	done, left := s.commit(group)
	err := s.sync()
	for _, m := range done {
		m.settle(err)
	}
	return left
}

// What waits for a commit stands in memory: beyond a limit callers are asked to come back.
func TestTooManyWaiting(t *testing.T) {
	s := openIn(t, t.TempDir())
	for range acceptLimit {
		s.enqueue(&failing{settled: func(error) {}})
	}
	err := s.Accept(t.Context(), []*Admission{{Message: aMessage(1, 1, 1)}}, nil)
	if e, ok := errors.AsType[*sms.Error](err); !ok || e.Code != sms.Unavailable || e.RetryAfter == 0 {
		t.Errorf("with %d waiting: %v", acceptLimit, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
