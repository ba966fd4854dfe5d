package console

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/internal/traffic"
)

// deliver has an account send a message that arrives four seconds later.
func (w *world) deliver(account string, ref string) *sms.Message {
	w.t.Helper()
	m := &sms.Message{Account: w.account(account).ID, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "hello", Parts: 1, PartPrice: sms.Euro,
		Priority: sms.Normal, Expires: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond), Digest: 1}
	if err := w.store.Accept(context.Background(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
		w.t.Fatal(err)
	}
	parts, done := []sms.Part{{State: sms.Sent, Ref: ref, At: time.Now()}}, make(chan error, 1)
	w.store.Record(sms.Outcome{Message: m, State: sms.Sent, Parts: parts, Carrier: 1, At: time.Now()}, nil, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
	w.store.Report(sms.Report{Carrier: 1, Ref: ref, State: sms.Delivered, At: m.ID.Time().Add(4 * time.Second)}, func(err error) { done <- err })
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
	return m
}

func TestOverviewOfANewAccount(t *testing.T) {
	w := open(t, nil)
	got := w.as(sms.RoleOwner).get("/")
	got.wants(t, 200, "Everything is running.", "First steps", "Create an API key", `href="/send"`, `href="/settings/webhook"`, "100.00\u00a0€")
	viewer := w.as(sms.RoleViewer).get("/")
	viewer.wants(t, 200, "Send a first message")
	for _, path := range []string{`href="/send"`, `href="/settings/keys"`, `href="/settings/webhook"`} {
		if strings.Contains(viewer.body, path) {
			t.Errorf("a viewer is led to %s", path)
		}
	}
}

func TestOverviewShowsToday(t *testing.T) {
	w := open(t, nil)
	w.deliver("acme", "a")
	w.deliver("other", "b")
	w.deliver("other", "c")
	got := w.as(sms.RoleViewer).get("/")
	got.wants(t, 200, `<p class="name">Accepted today</p><p class="value">1</p>`, "100.0\u00a0%", "Today by hour", "Today by carrier", "99.00\u00a0€")
	for _, absent := range []string{"First steps", "other"} {
		if strings.Contains(got.body, absent) {
			t.Errorf("the page says %q", absent)
		}
	}
	operator := w.as(sms.RoleOperator)
	operator.get("/operator").wants(t, 200, "Platform overview", `<p class="name">Accepted today</p><p class="value">3</p>`,
		`href="/operator/accounts/other"`, "197.00\u00a0€", "There is no carrier")
	if got := operator.get("/"); got.StatusCode != 303 {
		t.Errorf("an operator who works in no account: %d", got.StatusCode)
	}
	if got := w.as(sms.RoleOwner).get("/operator"); got.StatusCode != 404 {
		t.Errorf("an owner on the platform's page: %d", got.StatusCode)
	}
}

func TestOverviewSpeaksItalian(t *testing.T) {
	w := open(t, nil)
	w.deliver("acme", "a")
	b := w.as(sms.RoleOwner)
	b.give(languageCookie, "it")
	b.give(zoneCookie, "Europe/Rome")
	b.get("/").wants(t, 200, "Tutto funziona.", "Accettati oggi", "99,00\u00a0€", "Europe/Rome")
}

func TestEveryProblemHasWords(t *testing.T) {
	for kind, of := range map[traffic.Kind]traffic.Problem{
		traffic.CarrierDown: {Detail: "timeout"}, traffic.CarrierPartly: {}, traffic.CarrierRefuses: {}, traffic.CarrierBroken: {}, traffic.CarrierThrottles: {},
		traffic.NoCarrier: {}, traffic.WebhookFails: {Account: "acme"}, traffic.WebhookOff: {}, traffic.CreditLow: {}, traffic.CreditGone: {}, traffic.Waiting: {Subject: "north"},
		traffic.KeyExpires: {}, traffic.Suspended: {}, traffic.CallersRefused: {}, traffic.BacklogNearLimit: {}, traffic.BacklogFull: {},
	} {
		t.Run(string(kind), func(t *testing.T) {
			w := open(t, func(w *world) {
				of.Kind, of.Severity, of.Since = kind, traffic.Bad, time.Now().Add(-time.Hour)
				w.parts.Overviews = fixedProblems{w.parts.Overviews, []traffic.Problem{of}}
			})
			got := w.as(sms.RoleOperator).get("/operator")
			got.wants(t, 200, "What is wrong", `class="badge bad"`, "since")
			if strings.Contains(got.body, "%!") || kind != traffic.BacklogNearLimit && strings.Contains(got.body, "messages wait, of at most") {
				t.Error(got.body)
			}
		})
	}
}

// fixedProblems are always the same.
type fixedProblems struct {
	Overviews
	problems []traffic.Problem
}

func (f fixedProblems) Problems(context.Context, sms.AccountID) ([]traffic.Problem, error) {
	return f.problems, nil
}
