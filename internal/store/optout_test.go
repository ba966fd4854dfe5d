package store

import (
	"context"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
)

// TestOptOutWords: what people write to a number, on both engines.
func TestOptOutWords(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { optOutWords(t, openIn(t, t.TempDir())) })
	t.Run("PostgreSQL", func(t *testing.T) {
		s, err := Open(t.Context(), Options{URL: pgtest.Start(t, "fsync=off").URL(), Node: 1, Secret: testSecret})
		if err != nil {
			t.Fatal(err)
		}
		optOutWords(t, s)
	})
}

// wishMember is a message from a handset whose transaction has nothing else.
type wishMember struct {
	answer
	store    *Store
	account  sms.AccountID
	to, text string
}

func (w *wishMember) apply(tx *Tx) error {
	return w.store.wish(tx, w.account, 393401234567, w.to, w.text)
}

// step is one text, and then: which senders are blocked, and what is answered.
type step struct {
	to, text string
	blocked  []sms.Sender
	free     []sms.Sender
	answer   string
}

var optOutSteps = []step{
	{"+393399957000", "Please stop it", nil, []sms.Sender{"+393399957000", "ACME"}, ""},
	{"+393399957000", " Stop. ", []sms.Sender{"393399957000", "+393399957000"}, []sms.Sender{"ACME", "48123"}, "You get no more messages."},
	{"393399957000", "UNSUBSCRIBE", []sms.Sender{"393399957000"}, nil, ""}, // said before: answered then
	{"393399957000", "start", nil, []sms.Sender{"393399957000"}, ""},
	{"393399957000", "Opt-out", []sms.Sender{"393399957000"}, nil, "You get no more messages."},
	{"48123", "stop", []sms.Sender{"48123", "Acme", "393399957000"}, []sms.Sender{"Other"}, "You get no more messages."}, // it stands for ACME
	{"48123", "UNSTOP", []sms.Sender{"393399957000"}, []sms.Sender{"48123", "ACME"}, ""},
	{"48123", "basta", []sms.Sender{"48123", "ACME"}, nil, "Non riceverai altri messaggi."},
	{"48123", "STOP ALL", []sms.Sender{"48123", "ACME", "Other"}, nil, "You get no more messages."},
	{"393399957000", "START", []sms.Sender{"48123", "Other", "ACME"}, []sms.Sender{"393399957000"}, ""},
	{"393399957000", "stopall", []sms.Sender{"48123", "Other", "393399957000"}, nil, ""},
	{"48123", "HELP", nil, nil, "Write to help@example.com."},
	{"48123", "help", nil, nil, "Write to help@example.com."},
	{"55555", "cancel", []sms.Sender{"55555"}, nil, ""}, // all are blocked still
	{"55555", "start", nil, []sms.Sender{"55555"}, ""},
	{"55555", "cancel", nil, []sms.Sender{"55555"}, ""}, // the word has another meaning there
}

func optOutWords(t *testing.T, s *Store) {
	t.Cleanup(start(t, s))
	account := &sms.Account{Name: "acme"}
	deed, ctx := Deed{Actor: "test"}, context.Background()
	first := First{User: sms.User{Name: "acme", Hash: "hash"}, Key: sms.Key{ID: "key", Hash: []byte("hash")}}
	for _, err := range []error{
		s.CreateAccount(ctx, deed, account, first),
		s.SetOptOutReply(ctx, deed, 1, sms.OptOutReply{Action: sms.Stop, Text: "You get no more messages."}),
		s.SetOptOutReply(ctx, deed, 1, sms.OptOutReply{Action: sms.Stop, Language: "it", Text: "Non riceverai altri messaggi."}),
		s.SetOptOutReply(ctx, deed, 1, sms.OptOutReply{Action: sms.Help, Text: "Write to help@example.com."}),
		s.SetOptOutWord(ctx, deed, 0, sms.OptOutRule{Word: "BASTA", Action: sms.Stop, Language: "it"}),
		s.SetOptOutWord(ctx, deed, 1, sms.OptOutRule{Word: "CANCEL", Number: "55555", Action: sms.Ignore}),
		s.SetOptOutAlias(ctx, deed, 1, "48123", []string{"acme"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range optOutSteps {
		if err := s.wait(ctx, &wishMember{store: s, account: account.ID, to: step.to, text: step.text}); err != nil {
			t.Fatal(err)
		}
		for _, sender := range step.blocked {
			wantUnwanted(t, s, step, account.ID, sender, true)
		}
		for _, sender := range step.free {
			wantUnwanted(t, s, step, account.ID, sender, false)
		}
		answers, err := s.OptOutAnswers(ctx, 10)
		if got := textOf(answers); err != nil || got != step.answer || len(answers) > 0 && (answers[0].Sender != step.to || answers[0].Number != 393401234567) {
			t.Errorf("%q to %s is answered %+v, want %q; error %v", step.text, step.to, answers, step.answer, err)
		}
		for _, a := range answers {
			if err := s.DropOptOutAnswer(ctx, a.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func textOf(answers []sms.OptOutAnswer) string {
	if len(answers) != 1 {
		return ""
	}
	return answers[0].Text
}

func wantUnwanted(t *testing.T, s *Store, after step, account sms.AccountID, sender sms.Sender, want bool) {
	t.Helper()
	said, err := s.Unwanted(context.Background(), []*sms.Message{{Account: account, Destination: 393401234567, Sender: sender}})
	if err != nil || said[0] != want {
		t.Errorf("after %q to %s, messages of %s are unwanted: %v, want %v; error %v", after.text, after.to, sender, said, want, err)
	}
}

// What one node stores, another enforces when it has read what is new, which it does each second.
func TestOptOutOnAnotherNode(t *testing.T) {
	server, ctx := pgtest.Start(t, "fsync=off"), context.Background()
	open := func(node int) *Store {
		s, err := Open(t.Context(), Options{URL: server.URL(), Node: node, Secret: testSecret})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(start(t, s))
		return s
	}
	one, other := open(1), open(2)
	first := First{User: sms.User{Name: "acme", Hash: "hash"}, Key: sms.Key{ID: "key", Hash: []byte("hash")}}
	if err := one.CreateAccount(ctx, Deed{Actor: "test"}, &sms.Account{Name: "acme"}, first); err != nil {
		t.Fatal(err)
	}
	before, err := other.Changes(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.wait(ctx, &wishMember{store: one, account: 1, to: "48123", text: "STOP"}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Changes(ctx, before.Revision); err != nil {
		t.Fatal(err)
	}
	m := &sms.Message{Account: 1, Destination: 393401234567, Sender: "48123", Expires: time.Now().Add(time.Hour)}
	if err := other.Accept(ctx, []*Admission{{Message: m}}, func([]*sms.Message) {}); err != nil || m.Refusal != Blocked {
		t.Errorf("refused for %q, error %v", m.Refusal, err)
	}
}
