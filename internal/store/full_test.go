package store

import (
	"fmt"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// TestDiskFull fills the database: callers are told at once, outcomes wait and are recorded when there is room again,
// and what was accepted before is all there.
func TestDiskFull(t *testing.T) {
	s := openIn(t, t.TempDir())
	account := credited(t, s, "acme", 1_000_000)
	var pages int
	if err := s.conn.QueryRowContext(t.Context(), `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	start(t, s)
	limitPages(t, s, pages+20)

	var stored []*sms.Message
	var refusal error
	for refusal == nil && len(stored) < 10_000 {
		m := aMessage(account, 1, 10)
		m.CallerID = fmt.Sprint("id", len(stored))
		if refusal = s.Accept(t.Context(), []*Admission{{Message: m}}, func([]*sms.Message) {}); refusal == nil {
			stored = append(stored, m)
		}
	}
	if sms.CodeOf(refusal) != sms.Unavailable || len(stored) == 0 {
		t.Fatalf("after %d messages: %v", len(stored), refusal)
	}
	if err := s.Ready(t.Context()); err != nil && sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("ready: %v", err)
	}
	done := make(chan error, len(stored))
	for i, m := range stored {
		parts := []sms.Part{{State: sms.Sent, Ref: fmt.Sprintf("a long id of the carrier, number %040d", i), At: m.Expires}}
		s.Record(sms.Outcome{Message: m, State: sms.Sent, Parts: parts, Carrier: 1, At: m.Expires}, nil, func(err error) { done <- err })
	}
	for err := error(nil); err == nil; { // the outcomes are in: the database takes nothing
		err = s.Accept(t.Context(), []*Admission{{Message: aMessage(account, 1, 10)}}, func([]*sms.Message) {})
	}
	if got := balanceOf(t, s, account); got.Reserved == 0 {
		t.Error("the outcomes found room: this test tests nothing")
	}
	limitPages(t, s, 1_000_000) // there is room again
	for range stored {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for _, m := range stored {
		if r := recordOf(t, s, m.ID); r.State != sms.Sent {
			t.Fatalf("message %d is %v", m.ID, r.State)
		}
	}
	if n := count(t, s, `SELECT COUNT(*) FROM message`); n < len(stored) {
		t.Errorf("%d messages of %d", n, len(stored))
	}
	charged := sms.Money(10 * len(stored))
	if b := balanceOf(t, s, account); b.Credit != 1_000_000-charged || b.Reserved != 10*sms.Money(count(t, s, `SELECT COUNT(*) FROM message WHERE state = 2`)) {
		t.Errorf("balance %+v after %d messages at 10", b, len(stored))
	}
}

// limitPages sets how large the database may become. The writing connection belongs to the commit loop: it does it.
func limitPages(t *testing.T, s *Store, pages int) {
	t.Helper()
	if err := s.wait(t.Context(), &pageLimit{pages: pages}); err != nil {
		t.Fatal(err)
	}
}

type pageLimit struct {
	answer
	pages int
}

func (p *pageLimit) alone() bool { return true }
func (p *pageLimit) apply(tx *Tx) error {
	var now int
	return tx.QueryRow(fmt.Sprintf(`PRAGMA max_page_count = %d`, p.pages)).Scan(&now)
}
