package outbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// TestOfAWebhook: what is shown is what was sent and what came back, and nothing is kept but the line in the audit log.
func TestOfAWebhook(t *testing.T) {
	w := newWorld(t)
	account := w.account()
	there := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write(bytes.Repeat([]byte("x"), 2000))
	})
	hook := w.hook(account, there.URL+"/sms?token=hidden")
	came, err := NewHooks(w.Store, testIDs, true).Test(t.Context(), By{"somebody"}, account)
	if err != nil {
		t.Fatal(err)
	}
	got := there.next(t)
	if came.Status != 500 || len(came.Response) != 512 || came.Error != "answered with status 500" || came.Duration <= 0 {
		t.Errorf("came back: %+v", came)
	}
	var event map[string]any
	if err := json.Unmarshal(got.body, &event); err != nil || event["eventType"] != "TEST" || event["channel"] != "SMS" {
		t.Errorf("sent %s, error %v", got.body, err)
	}
	if !bytes.Equal(got.body, came.Body) || got.header.Get("Webhook-Signature") != came.Header.Get("Webhook-Signature") {
		t.Error("what is shown is not what was sent")
	}
	id, at := got.header.Get("Webhook-Id"), came.At
	if want := signature(hook, id, at, got.body); got.header.Get("Webhook-Signature") != want || !strings.HasPrefix(id, "test_") {
		t.Errorf("signature %q of %q, want %q", got.header.Get("Webhook-Signature"), id, want)
	}
	lines, err := w.Audit(t.Context(), store.AuditPage{Account: account.Name, Limit: 1})
	if err != nil || len(lines) != 1 || lines[0].Action != "webhook test" || lines[0].Actor != "somebody" || lines[0].Detail != there.URL+"/sms" {
		t.Errorf("audit %+v, error %v", lines, err)
	}
	if after, err := w.Webhook(t.Context(), account.ID); err != nil || !after.FailingSince.IsZero() {
		t.Errorf("the webhook counts as failing: %+v, error %v", after, err)
	}
	if events, err := w.Events(t.Context(), account.ID, store.EventPage{Limit: 9}); err != nil || len(events) != 0 {
		t.Errorf("events %+v, error %v", events, err)
	}
}

// TestOfAWebhookInside: a test reaches no address inside of a network either.
func TestOfAWebhookInside(t *testing.T) {
	w := newWorld(t)
	account := w.account()
	there := newReceiver(t, nil)
	w.hook(account, there.URL)
	came, err := NewHooks(w.Store, testIDs, false).Test(t.Context(), By{"somebody"}, account)
	if err != nil || came.Status != 0 || came.Error != errInside.Error() || len(there.got) != 0 {
		t.Errorf("came back: %+v, error %v, %d requests", came, err, len(there.got))
	}
	if _, err := NewHooks(w.Store, testIDs, true).Test(t.Context(), By{"somebody"}, w.account()); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("without a webhook: %v", err)
	}
}

// TestEventWithItsBody: the body of an event can be made again, for its account only.
func TestEventWithItsBody(t *testing.T) {
	w := newWorld(t)
	account, other := w.account(), w.account()
	there := newReceiver(t, nil)
	w.hook(account, there.URL)
	w.send(true)
	w.report(sms.Delivered, w.sent(account, 1)...)
	got := there.next(t)
	hooks := NewHooks(w.Store, testIDs, true)
	id := got.header.Get("Webhook-Id")
	e, body, err := hooks.Event(t.Context(), account, id)
	if err != nil || hooks.ID(e.ID) != id || !bytes.Equal(body, got.body) {
		t.Errorf("event %+v with %s, want %s; error %v", e, body, got.body, err)
	}
	for _, no := range []string{"evt_x", "", testIDs.Format(e.ID)} {
		if _, _, err := hooks.Event(t.Context(), account, no); sms.CodeOf(err) != sms.NotFound {
			t.Errorf("%q: %v", no, err)
		}
	}
	if _, _, err := hooks.Event(t.Context(), other, id); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("of another account: %v", err)
	}
	w.await("the event is told", func() bool {
		n, err := hooks.ReplayBy(t.Context(), By{"somebody"}, account, Replay{EventID: id})
		return err == nil && n == 1
	})
	there.next(t)
	lines, err := w.Audit(t.Context(), store.AuditPage{Account: account.Name, Limit: 1})
	if err != nil || len(lines) != 1 || lines[0].Action != "webhook replay" || lines[0].Detail != id+": 1 events" {
		t.Errorf("audit %+v, error %v", lines, err)
	}
}
