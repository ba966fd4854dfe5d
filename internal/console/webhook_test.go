package console

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// endpoint is where events go; it answers as it is told.
type endpoint struct {
	*httptest.Server
	status atomic.Int64
	got    chan string
}

func newEndpoint(t *testing.T) *endpoint {
	e := &endpoint{got: make(chan string, 100)}
	e.status.Store(http.StatusOK)
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(int(e.status.Load()))
		_, _ = w.Write([]byte("<b>thank you</b>"))
		e.got <- string(body)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) next(t *testing.T) string {
	t.Helper()
	select {
	case body := <-e.got:
		return body
	case <-time.After(20 * time.Second):
		t.Fatal("no request came")
		return ""
	}
}

var shownHookSecret = regexp.MustCompile(`whsec_[0-9A-Za-z+/]{30,}=*`)

func TestWebhookIsMadeAndItsSecretShownOnce(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	b.get("/settings/webhook").wants(t, http.StatusOK, "There is no webhook yet")
	b.post("/settings/webhook", "url", "ftp://example.com").wants(t, http.StatusUnprocessableEntity, "must begin with https://", `value="ftp://example.com"`)
	made := b.post("/settings/webhook", "url", "https://example.com/sms?token=hidden", "interim", "yes")
	made.wants(t, http.StatusOK, "shown this once", "Node.js", "Python", "PHP")
	first := made.value(t, shownHookSecret)
	s.audit("webhook create", "https://example.com/sms")
	without(t, b.get("/settings/webhook"), first, "There is no webhook")

	b.redirects(b.post("/settings/webhook", "url", "https://example.com/other"), "/settings/webhook", "https://example.com/other")
	s.audit("webhook set", "https://example.com/other")
	if hook, err := s.hooks.Find(t.Context(), s.account("acme")); err != nil || hook.Interim || hook.URL != "https://example.com/other" {
		t.Errorf("the webhook is %+v, error %v", hook, err)
	}
	rotated := b.post("/settings/webhook/rotate", "overlap", "24h")
	rotated.wants(t, http.StatusOK, "The secret before signs too until")
	second := rotated.value(t, shownHookSecret)
	if second == first {
		t.Error("the secret is the one before")
	}
	s.audit("webhook secret rotate", "overlap 24h")
	page := b.get("/settings/webhook")
	page.wants(t, http.StatusOK, "The secret before signs too until")
	without(t, page, first, second)
	b.post("/settings/webhook/rotate", "overlap", "9y").wants(t, http.StatusUnprocessableEntity)
	for _, secret := range []string{first, second} {
		if strings.Contains(s.log.String(), secret) {
			t.Error("the log has a secret")
		}
	}

	b.post("/settings/webhook/remove", "confirm", "other").wants(t, http.StatusUnprocessableEntity, "This is not the name of the account.")
	b.redirects(b.post("/settings/webhook/remove", "confirm", "acme"), "/settings/webhook", "There is no webhook yet")
	s.audit("webhook delete", "")
	b.post("/settings/webhook/test").wants(t, http.StatusNotFound)
	b.post("/settings/webhook/enable").wants(t, http.StatusNotFound)
	b.post("/settings/webhook/rotate", "overlap", "0").wants(t, http.StatusNotFound)
}

func TestWebhookIsTested(t *testing.T) {
	s, e := openSettings(t), newEndpoint(t)
	b := s.as(sms.RoleDeveloper)
	b.post("/settings/webhook", "url", e.URL)
	b.post("/settings/webhook/test").wants(t, http.StatusOK, "It arrived: status 200", "&lt;b&gt;thank you&lt;/b&gt;", "TEST", "webhook-signature: v1,", e.URL)
	if body := e.next(t); !strings.Contains(body, `"eventType":"TEST"`) {
		t.Errorf("sent %s", body)
	}
	if lines := s.audited("webhook test"); len(lines) != 1 || lines[0] != "developer@example.com acme: "+e.URL {
		t.Errorf("audit %q", lines)
	}
	e.status.Store(http.StatusInternalServerError)
	b.post("/settings/webhook/test").wants(t, http.StatusOK, "It did not arrive: answered with status 500", "HTTP 500")
	e.Close()
	b.post("/settings/webhook/test").wants(t, http.StatusOK, "It did not arrive: the connection", "No answer came.") // refused, or a kept one was cut
}

// tellOne makes a message that was delivered, and has the outbox tell it.
func (s *settled) tellOne(account string) *sms.Message {
	t := s.t
	t.Helper()
	m := &sms.Message{Account: s.world.account(account).ID, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "hello", Parts: 1, PartPrice: 35_000,
		Notify: true, Expires: time.Now().Add(time.Hour)}
	if err := s.store.Accept(t.Context(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
		t.Fatal(err)
	}
	mark, err := s.store.Mark(t.Context(), []*sms.Message{m})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	s.store.Record(sms.Outcome{Message: m, State: sms.Sent, Carrier: 1, At: time.Now(), Parts: []sms.Part{{State: sms.Sent, Ref: fmt.Sprint(m.ID), At: time.Now()}}}, mark, func(err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	s.store.Report(sms.Report{Carrier: 1, Ref: fmt.Sprint(m.ID), State: sms.Delivered, Code: "000", At: time.Now()}, func(err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFailingWebhookIsFoundMendedAndReplayed: what the endpoint answers can be read, and what failed is told again.
func TestFailingWebhookIsFoundMendedAndReplayed(t *testing.T) {
	s, e := openSettings(t), newEndpoint(t)
	b := s.as(sms.RoleOwner)
	b.get("/settings/webhook/events").wants(t, http.StatusOK, "Nothing was told yet")
	b.post("/settings/webhook", "url", e.URL)
	e.status.Store(http.StatusGone)
	o := outbox.New(outbox.Options{Store: s.store, IDs: sms.NewPublicIDs(secret), AllowPrivate: true, Log: slog.New(slog.DiscardHandler)})
	done := make(chan error, 1)
	go func() { done <- o.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	m := s.tellOne("acme")
	body := e.next(t)
	s.waitFor(func() bool { return strings.Contains(b.get("/settings/webhook").body, "The webhook is off since") })

	list := b.get("/settings/webhook/events?status=FAILED")
	list.wants(t, http.StatusOK, "DELIVERED", "/messages/"+sms.NewPublicIDs(secret).Format(m.ID))
	path := between(t, list.body, `href="`+"/settings/webhook/events/", `"`)
	page := b.get("/settings/webhook/events/" + path)
	page.wants(t, http.StatusOK, path, "answered with status 410", "HTTP 410", "&lt;b&gt;thank you&lt;/b&gt;", "Tell it again", "&#34;messageId&#34;: &#34;"+between(t, body, `"messageId":"`, `"`))

	b.post("/settings/webhook/events/"+path+"/replay").wants(t, http.StatusConflict, "the webhook is off: turn it on first")
	e.status.Store(http.StatusOK)
	b.redirects(b.post("/settings/webhook/enable"), "/settings/webhook", "The webhook is on again.")
	b.redirects(b.post("/settings/webhook/events/"+path+"/replay"), "/settings/webhook/events/"+path, "The event is told again.")
	if again := e.next(t); again != body {
		t.Errorf("told again: %s, want %s", again, body)
	}
	s.audit("webhook replay", path+": 1 events")
	s.waitFor(func() bool { return strings.Contains(b.get("/settings/webhook/events/"+path).body, "Arrived") })

	day := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02T15:04") }
	b.redirects(b.post("/settings/webhook/replay", "from", day(-time.Hour), "to", day(time.Hour), "delivered", "yes"), "/settings/webhook/events", "1 events are told again.")
	e.next(t)
	b.post("/settings/webhook/replay", "from", day(time.Hour), "to", day(-time.Hour)).wants(t, http.StatusUnprocessableEntity, "must not be before the beginning")
	b.post("/settings/webhook/replay", "from", "x", "to", "").wants(t, http.StatusUnprocessableEntity, "must be a day and a time")
	b.get("/settings/webhook/events?status=ODD").wants(t, http.StatusUnprocessableEntity)
}

// waitFor waits until a page is as it shall be; a commit passes between two looks.
func (s *settled) waitFor(ready func() bool) {
	s.t.Helper()
	for limit := time.Now().Add(20 * time.Second); !ready(); {
		if time.Now().After(limit) {
			s.t.Fatal("not in 20 seconds")
		}
		if err := s.store.Ready(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestEventsOfOthers: the event of another account is not found.
func TestEventsOfOthers(t *testing.T) {
	s := openSettings(t)
	if _, err := s.hooks.Create(t.Context(), outbox.By{Actor: "test"}, s.world.account("other"), outbox.Change{URL: "https://example.com"}); err != nil {
		t.Fatal(err)
	}
	s.tellOne("other")
	events, _, err := s.hooks.Events(t.Context(), s.world.account("other"), outbox.Page{Limit: 1})
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	b := s.as(sms.RoleOwner)
	path := "/settings/webhook/events/" + s.hooks.ID(events[0].ID)
	b.get(path).wants(t, http.StatusNotFound)
	b.post(path+"/replay").wants(t, http.StatusNotFound)
	without(t, b.get("/settings/webhook/events"), path)
	b.get("/settings/webhook").wants(t, http.StatusOK, "There is no webhook yet")
}

// TestVerifySnippetsAreThoseOfTheDocs: what the console shows is what docs/webhooks.md has, which is tried there.
func TestVerifySnippetsAreThoseOfTheDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range templates.VerifySnippets {
		if !strings.Contains(string(docs), "\n"+c.Text+"\n```") {
			t.Errorf("docs/webhooks.md does not have the lines of %s", c.Language)
		}
	}
}
