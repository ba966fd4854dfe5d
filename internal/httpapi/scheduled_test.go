package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const scheduledPath = "/api/message-server/sms/scheduled/"

// keep stores a message of an account, due in so long; zero: it waits for its carrier.
func (p *platform) keep(account sms.AccountID, callerID string, due time.Duration) *sms.Message {
	p.t.Helper()
	m := &sms.Message{Account: account, Carrier: 1, CallerID: callerID, Destination: 393401234567, Sender: "ACME", Text: "hello", Parts: 1,
		Priority: sms.Normal, Expires: time.Now().Add(time.Hour)}
	if due != 0 {
		m.Due = time.Now().Add(due)
		m.Expires = m.Due.Add(time.Hour)
	}
	if err := p.store.Accept(p.t.Context(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil || m.Refusal != "" {
		p.t.Fatalf("refusal %q, error %v", m.Refusal, err)
	}
	return m
}

func (p *platform) state(id sms.ID) *sms.Record {
	p.t.Helper()
	r, err := p.store.Message(p.t.Context(), id)
	if err != nil || r == nil {
		p.t.Fatalf("%v, error %v", r, err)
	}
	return r
}

// accountID is the key of one of the two accounts.
func (p *platform) accountID(name string) sms.AccountID {
	p.t.Helper()
	accounts, err := p.store.Accounts(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, a := range accounts {
		if a.Name == name {
			return a.ID
		}
	}
	p.t.Fatalf("no account %q", name)
	return 0
}

func TestCancelScheduled(t *testing.T) {
	p := openPlatform(t)
	ids, demo, others := sms.NewPublicIDs(secret), p.accountID("demo"), p.accountID("others")
	held, named, queued := p.keep(demo, "", time.Hour), p.keep(demo, "my id/1", time.Hour), p.keep(demo, "", 0)
	theirs, sent := p.keep(others, "", time.Hour), p.keep(demo, "sent", 0)
	mark, err := p.store.Mark(t.Context(), []*sms.Message{sent})
	if err != nil {
		t.Fatal(err)
	}

	for _, id := range []string{ids.Format(held.ID), url.PathEscape("my id/1"), ids.Format(queued.ID)} {
		if a := p.ask(http.MethodDelete, scheduledPath+id, ""); a.status != 204 || a.body != "" {
			t.Errorf("%s: %d %s", id, a.status, a.body)
		}
	}
	for _, m := range []*sms.Message{held, named, queued} {
		if state := p.state(m.ID).State; state != sms.Cancelled {
			t.Errorf("message %d is %v", m.ID, state)
		}
	}
	for id, want := range map[string]int{ids.Format(held.ID): 409, ids.Format(theirs.ID): 404, "nobody": 404, "%00": 400, "sent": 409} {
		if a := p.ask(http.MethodDelete, scheduledPath+id, ""); a.status != want {
			t.Errorf("%s: %d %s, want %d", id, a.status, a.body, want)
		} else if want == 409 && !strings.Contains(a.body, "it is cancelled") && !strings.Contains(a.body, "it is sending") {
			t.Errorf("%s: %s does not say its state", id, a.body)
		}
	}
	if state := p.state(theirs.ID).State; state != sms.Scheduled {
		t.Errorf("the message of another account is %v", state)
	}
	done := make(chan error, 1)
	p.store.Unmark(mark, sent, func(err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestReschedule(t *testing.T) {
	p := openPlatform(t)
	demo := p.accountID("demo")
	m, queued := p.keep(demo, "m-1", time.Hour), p.keep(demo, "m-2", 0)
	date := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Millisecond)
	a := p.ask(http.MethodPatch, scheduledPath+"m-1", `{"scheduledDate":"`+date.Format(time.RFC3339Nano)+`"}`)
	if want := `{"messageId":"m-1","scheduledDate":"` + date.Format(timeLayout) + `","parts":1}`; a.status != 200 || a.body != want {
		t.Errorf("%d %s, want %s", a.status, a.body, want)
	}
	if r := p.state(m.ID); !r.Message.Due.Equal(date) || !r.Message.Expires.Equal(date.Add(time.Hour)) {
		t.Errorf("due %v, expires %v", r.Message.Due, r.Message.Expires)
	}
	soon := `{"scheduledDate":"` + time.Now().Add(time.Hour).Format("2006-01-02 15:04:05.000-0700") + `"}`
	for _, c := range []struct {
		id, body string
		want     int
	}{
		{"m-1", `{}`, 400}, {"m-1", `{"scheduledDate":"tomorrow"}`, 400}, {"m-1", `{"scheduledDate":"2001-02-03T04:05:06Z"}`, 400},
		{"m-1", `{"scheduledDate":7}`, 400}, {"m-2", soon, 409}, {"m-3", soon, 404}, {"m-1", soon, 200},
	} {
		if a := p.ask(http.MethodPatch, scheduledPath+c.id, c.body); a.status != c.want {
			t.Errorf("%s %s: %d %s, want %d", c.id, c.body, a.status, a.body, c.want)
		}
	}
	if state := p.state(queued.ID).State; state != sms.Queued {
		t.Errorf("the queued message is %v", state)
	}
}
