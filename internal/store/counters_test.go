package store

import (
	"errors"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// A message is counted in each state it comes to, and only once that is committed.
func TestReachedStatesAreCounted(t *testing.T) {
	s := openIn(t, t.TempDir())
	account := credited(t, s, "acme", 100)
	m := aMessage(account, 1, 10)
	commit(s, []member{admitting(s, m, func([]*sms.Message) {}), &failing{err: errors.New("impossible"), times: -1, settled: func(error) {}}})
	parts := []sms.Part{{State: sms.Sent, Ref: "a", At: m.Expires}}
	told := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	commit(s, []member{&outcomeMember{store: s, done: told, outcome: sms.Outcome{Message: m, State: sms.Sent, Parts: parts, Carrier: 1, At: m.Expires}}})
	report := sms.Report{Carrier: 1, Ref: "a", Destination: m.Destination, State: sms.Delivered, At: m.Expires}
	commit(s, []member{&reportMember{store: s, report: report, done: told}, &reportMember{store: s, report: report, done: told}})
	for _, state := range []sms.State{sms.Queued, sms.Sent, sms.Delivered, sms.Failed} {
		want := int64(1)
		if state == sms.Failed {
			want = 0
		}
		if got := s.Counters.Reached[state].Load(); got != want {
			t.Errorf("%v: %d, want %d", state, got, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
