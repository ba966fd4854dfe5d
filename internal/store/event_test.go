package store

import (
	"errors"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// hookedIn makes an account with a webhook; the commit loop must not run.
func hookedIn(t *testing.T, s *Store) sms.AccountID {
	t.Helper()
	account := credited(t, s, "acme", 1000)
	s.wanted.learn(map[sms.AccountID]wishes{account: {events: true, version: 1}})
	return account
}

// expire ends messages, each as a member of a group.
func expire(s *Store, messages []*sms.Message) (group []member) {
	now := time.Now().UTC()
	for _, m := range messages {
		group = append(group, &outcomeMember{store: s, done: func(error) {}, outcome: sms.Outcome{Message: m, State: sms.Expired, Carrier: 1, At: now,
			Parts: []sms.Part{{State: sms.Expired, At: now}}}})
	}
	return group
}

// A group that is rolled back because of one member and made again tells each event once.
func TestEventIsNotWrittenTwiceByAGroupMadeAgain(t *testing.T) {
	s := openIn(t, t.TempDir())
	defer func() { _ = s.Close() }()
	account := hookedIn(t, s)
	var messages []*sms.Message
	var admissions []member
	for range 10 {
		m := aMessage(account, 1, 1)
		m.Notify = true
		messages = append(messages, m)
		admissions = append(admissions, admitting(s, m, func([]*sms.Message) {}))
	}
	commit(s, admissions)
	group := append(expire(s, messages), &failing{err: errors.New("impossible"), times: -1})
	commit(s, group)
	if n := count(t, s, `SELECT COUNT(*) FROM event`); n != 10 {
		t.Errorf("%d events of 10 messages", n)
	}
	if n := count(t, s, `SELECT COUNT(*) FROM message m JOIN event e ON e.message_id = m.id WHERE m.state = 7`); n != 10 {
		t.Errorf("%d events fit", n)
	}
}

// While nobody has a webhook, a status costs no statement more.
func TestNoWebhookNoStatement(t *testing.T) {
	s := openIn(t, t.TempDir())
	defer func() { _ = s.Close() }()
	account := credited(t, s, "acme", 1000)
	m := aMessage(account, 1, 1)
	m.Notify = true
	commit(s, []member{admitting(s, m, func([]*sms.Message) {})})
	commit(s, expire(s, []*sms.Message{m}))
	for query := range s.write.direct {
		if len(query) > len(insertEventSQL) && query[:len(insertEventSQL)] == insertEventSQL {
			t.Errorf("%s was prepared", query)
		}
	}
	if recordOf(t, s, m.ID).State != sms.Expired {
		t.Error("the message did not end")
	}
}

func TestTidyEvents(t *testing.T) {
	s := openIn(t, t.TempDir())
	start(t, s)
	old, young := time.Now().Add(-eventLife-time.Minute).UnixMilli(), time.Now().Add(-eventLife+time.Minute).UnixMilli()
	err := s.Change(t.Context(), "test", func(tx *Tx) error {
		for id := range 3 * eventStep {
			ended := any(old)
			switch id % 3 {
			case 1:
				ended = young
			case 2:
				ended = nil
			}
			if _, err := tx.Exec(insertEventSQL+` VALUES (?, 1, ?, 0, 5, 0, '', '', 0, 0, 0, 0, 0)`, id+1, id+1); err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE event SET ended_at = ?, due_at = CASE WHEN ? = 2 THEN 0 END WHERE id = ?`, ended, id%3, id+1); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO attempt VALUES (?, 1, 0, 0, 200, '', '', '')`, id+1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	removed, err := s.TidyEvents(t.Context())
	if err != nil || removed != eventStep {
		t.Errorf("%d removed, %v", removed, err)
	}
	if n := count(t, s, `SELECT COUNT(*) FROM attempt`); n != 2*eventStep {
		t.Errorf("%d attempts are left", n)
	}
	if n := count(t, s, `SELECT COUNT(*) FROM event WHERE ended_at <= ?`, old); n != 0 {
		t.Errorf("%d old events are left", n)
	}
}
