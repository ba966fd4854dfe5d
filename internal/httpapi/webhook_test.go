package httpapi

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const hookPath = webhookRoute

type shownHook struct {
	ID, CallbackURL, Status                             string
	InterimEvents                                       bool
	CreatedAt, FailingSince, DisabledAt, OldSecretUntil *string
	Secret                                              string
}

// The life of a webhook over HTTP: made once, shown without its secret, changed, its secret rotated, removed.
func TestLifeOfAWebhook(t *testing.T) {
	p := openPlatform(t)
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if a := p.ask(method, hookPath, map[bool]string{true: `{"callbackUrl":"https://example.com/a"}`}[method == "PUT"]); a.status != 404 {
			t.Errorf("%s before there is one: %d %s", method, a.status, a.body)
		}
	}
	made := decodeTo[shownHook](t, p.ask("POST", hookPath, `{"callbackUrl":"https://example.com/a","more":1}`), 201)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(made.Secret, "whsec_"))
	if err != nil || len(raw) != 32 || made.Status != "ACTIVE" || made.ID == "" || made.CreatedAt == nil || made.InterimEvents {
		t.Fatalf("%+v %v", made, err)
	}
	if a := p.ask("POST", hookPath, `{"callbackUrl":"https://example.com/b"}`); a.status != 409 {
		t.Errorf("a second one: %d %s", a.status, a.body)
	}
	shown := decodeTo[shownHook](t, p.ask("GET", hookPath, ""), 200)
	if shown.Secret != "" || shown.ID != made.ID || shown.CallbackURL != "https://example.com/a" {
		t.Errorf("%+v", shown)
	}
	changed := decodeTo[shownHook](t, p.ask("PUT", hookPath, `{"callbackUrl":"https://example.com/b","interimEvents":true}`), 200)
	if changed.CallbackURL != "https://example.com/b" || !changed.InterimEvents || changed.Secret != "" || changed.ID != made.ID {
		t.Errorf("%+v", changed)
	}
	rotated := decodeTo[shownHook](t, p.ask("POST", hookPath+"/secret/rotate", ""), 200)
	if rotated.Secret == made.Secret || rotated.Secret == "" || rotated.OldSecretUntil == nil {
		t.Errorf("%+v", rotated)
	}
	if h, err := p.store.Webhook(t.Context(), p.account(t)); err != nil || string(h.OldSecret) != string(raw) {
		t.Errorf("the old secret is not kept: %v", err)
	}
	at := decodeTo[shownHook](t, p.ask("POST", hookPath+"/secret/rotate", `{"overlapSeconds":0}`), 200)
	if at.OldSecretUntil != nil || at.Secret == rotated.Secret {
		t.Errorf("%+v", at)
	}
	if a := p.ask("DELETE", hookPath, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := p.ask("GET", hookPath, ""); a.status != 404 {
		t.Errorf("after it: %d %s", a.status, a.body)
	}
	again := decodeTo[shownHook](t, p.ask("POST", hookPath, `{"callbackUrl":"https://example.com/c"}`), 201)
	if again.ID == made.ID || again.Secret == made.Secret {
		t.Errorf("%+v", again)
	}
	if text := p.logged.String(); strings.Contains(text, "whsec_") {
		t.Error("a secret is in the log")
	}
}

func (p *platform) account(t *testing.T) (id sms.AccountID) {
	t.Helper()
	err := p.store.View(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(`SELECT id FROM account WHERE name = 'demo'`).Scan(&id) })
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestWebhookRefusals(t *testing.T) {
	p := openPlatform(t)
	for body, status := range map[string]int{
		`{"callbackUrl":"http://example.com/"}`: 400, `{"callbackUrl":"https://10.0.0.1/"}`: 400, `{"callbackUrl":"https://localhost/"}`: 400,
		`{"callbackUrl":"https://u:p@example.com/"}`: 400, `{"callbackUrl":7}`: 400, `{}`: 400, `[]`: 400, ``: 400,
		`{"callbackUrl":"https://example.com/","interimEvents":"yes"}`: 400,
	} {
		if a := p.ask("POST", hookPath, body); a.status != status {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	for path, status := range map[string]int{
		"/events?status=LOST": 400, "/events?limit=0": 400, "/events?limit=1001": 400, "/events?cursor=x": 400, "/attempts?eventId=x": 400,
		"/attempts?cursor=x.1": 400, "/events": 200, "/attempts": 200, "/events?status=FAILED&limit=1000": 200,
	} {
		if a := p.ask("GET", hookPath+path, ""); a.status != status || status == 200 && a.body != "[]" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	replay := hookPath + "/replay"
	if a := p.ask("POST", replay, `{"from":"2031-02-03T00:00:00Z","to":"2031-02-04T00:00:00Z"}`); a.status != 404 {
		t.Errorf("without a webhook: %d %s", a.status, a.body)
	}
	decodeTo[shownHook](t, p.ask("POST", hookPath, `{"callbackUrl":"https://example.com/"}`), 201)
	unknown := "evt_" + sms.NewPublicIDs(secret).Format(sms.MakeID(time.Now(), 1, 1))
	for body, status := range map[string]int{
		`{}`: 400, `{"from":"2031-02-03T00:00:00Z"}`: 400, `{"from":"yesterday","to":"2031-02-04T00:00:00Z"}`: 400, `{"eventId":"x"}`: 400,
		`{"eventId":"` + unknown + `"}`: 404, `{"eventId":"` + unknown + `","from":"2031-02-03T00:00:00Z","to":"2031-02-04T00:00:00Z"}`: 400,
		`{"from":"2031-02-03T00:00:00Z","to":"2031-02-04T00:00:00+01:00"}`: 202,
	} {
		if a := p.ask("POST", replay, body); a.status != status {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	if a := p.ask("POST", hookPath+"/secret/rotate", `{"overlapSeconds":604801}`); a.status != 400 {
		t.Errorf("%d %s", a.status, a.body)
	}
	key := decodeTo[shownKey](t, p.ask("POST", keysPath, `{"operations":["SMS"]}`), 201)
	if a := p.ask("GET", hookPath, "", "X-Api-Key", key.APIKey); a.status != 403 {
		t.Errorf("a key without PLATFORM: %d %s", a.status, a.body)
	}
}

// failedEvents makes events that have failed, each of a message that a carrier refused.
func (p *platform) failedEvents(t *testing.T, n int) (ids []string) {
	return p.failed(t, n, sms.ByWebhook, sms.Attempt{Status: 500, Error: "answered with status 500", Response: []byte("no\xff")})
}

func (p *platform) failed(t *testing.T, n int, way sms.Way, came sms.Attempt) (ids []string) {
	t.Helper()
	ctx, account := context.Background(), p.account(t)
	public := sms.NewPublicIDs(secret)
	for range n {
		m := &sms.Message{Account: account, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "x", Parts: 1, Notify: way == sms.ByWebhook, Expires: time.Now().Add(time.Hour)}
		if way == sms.BySMPP {
			m.Submission.Receipts = sms.ReceiptFailed
		}
		if err := p.store.Accept(ctx, []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		p.store.Record(sms.Outcome{Message: m, State: sms.Failed, Carrier: 1, At: time.Now(), Parts: []sms.Part{{State: sms.Failed, At: time.Now()}}}, nil,
			func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	events, err := p.store.ClaimEvents(ctx, store.EventQueue{Account: account, Way: way}, n)
	if err != nil || len(events) != n {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for _, e := range events {
		done := make(chan error, 1)
		came.Event, came.Number, came.At, came.Stage = e.ID, e.Attempts, time.Now(), sms.EventFailed
		p.store.SettleEvent(came, func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		ids = append(ids, "evt_"+public.Format(e.ID))
	}
	return ids
}

type shownEvent struct {
	EventID, MessageID, DeliveryStatus, Way, Status string
	NumPart                                         *int
	Attempts                                        int
}

type shownAttempt struct {
	EventID        string
	Number         int
	ResponseStatus *int
	Error          *string
	Receiver       *string
	Response       string
}

// What has failed is listed page by page, with what came of each attempt, and told again, one or all of a time.
func TestFailedEventsAreListedAndReplayed(t *testing.T) {
	p := openPlatform(t)
	decodeTo[shownHook](t, p.ask("POST", hookPath, `{"callbackUrl":"https://example.com/"}`), 201)
	ids := p.failedEvents(t, 5)
	var listed []string
	for next := hookPath + "/events?status=FAILED&limit=2"; next != ""; {
		a := p.ask("GET", next, "")
		for _, e := range decodeTo[[]shownEvent](t, a, 200) {
			listed = append(listed, e.EventID)
			if e.DeliveryStatus != "ERROR" || e.Status != "FAILED" || e.Attempts != 1 || e.NumPart == nil || *e.NumPart != 1 {
				t.Errorf("%+v", e)
			}
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
	}
	if len(listed) != 5 || listed[0] != ids[4] || listed[4] != ids[0] {
		t.Errorf("%v, want %v in the other order", listed, ids)
	}
	tried := decodeTo[[]shownAttempt](t, p.ask("GET", hookPath+"/attempts?limit=3", ""), 200)
	if len(tried) != 3 || tried[0].EventID != ids[4] || *tried[0].ResponseStatus != 500 || *tried[0].Error == "" || tried[0].Response != "no\ufffd" {
		t.Errorf("%+v", tried)
	}
	if tried = decodeTo[[]shownAttempt](t, p.ask("GET", hookPath+"/attempts?eventId="+ids[1], ""), 200); len(tried) != 1 || tried[0].Number != 1 {
		t.Errorf("%+v", tried)
	}
	for _, step := range []struct {
		body string
		want int
	}{
		{`{"eventId":"` + ids[2] + `"}`, 1},
		{`{"from":"2020-01-01T00:00:00Z","to":"2090-01-01T00:00:00Z"}`, 4},
		{`{"from":"2020-01-01T00:00:00Z","to":"2090-01-01T00:00:00Z"}`, 0},
	} {
		if a := p.ask("POST", hookPath+"/replay", step.body); a.status != 202 || a.body != `{"replayed":`+strconv.Itoa(step.want)+`}` {
			t.Errorf("%s: %d %s", step.body, a.status, a.body)
		}
	}
	if waiting := decodeTo[[]shownEvent](t, p.ask("GET", hookPath+"/events?status=WAITING", ""), 200); len(waiting) != 5 {
		t.Errorf("%d wait", len(waiting))
	}
}

// Receipts that went by SMPP are listed in the same place, and told again whether there is a webhook or not.
func TestReceiptsAreListedAndReplayed(t *testing.T) {
	p := openPlatform(t)
	ids := p.failed(t, 2, sms.BySMPP, sms.Attempt{Status: 0x65, Error: "answered with ESME_RX_P_APPN", Receiver: "acme from 192.0.2.1"})
	listed := decodeTo[[]shownEvent](t, p.ask("GET", hookPath+"/events", ""), 200)
	if len(listed) != 2 || listed[0].EventID != ids[1] || listed[0].Way != "SMPP" || listed[0].NumPart != nil || listed[0].DeliveryStatus != "ERROR" {
		t.Errorf("%+v", listed)
	}
	tried := decodeTo[[]shownAttempt](t, p.ask("GET", hookPath+"/attempts", ""), 200)
	if len(tried) != 2 || *tried[0].ResponseStatus != 0x65 || tried[0].Receiver == nil || *tried[0].Receiver != "acme from 192.0.2.1" {
		t.Errorf("%+v", tried)
	}
	again := func(body string, status, want int) {
		t.Helper()
		if a := p.ask("POST", hookPath+"/replay", body); a.status != status || status == 202 && a.body != `{"replayed":`+strconv.Itoa(want)+`}` {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	const all = `{"from":"2020-01-01T00:00:00Z","to":"2090-01-01T00:00:00Z"}`
	again(`{"eventId":"`+ids[0]+`"}`, 202, 1)
	again(`{"eventId":"`+ids[0]+`"}`, 404, 0) // it waits
	again(all, 202, 1)
	again(all, 404, 0) // there is neither a receipt nor a webhook
}
