package outbox

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// An event as the contract has it, its headers, and what is kept of the attempt.
func TestDelivery(t *testing.T) {
	w := newWorld(t)
	a := w.account()
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat("x", 600))) })
	hook := w.hook(a, r.URL+"/sms?k=v")
	w.send(true)
	m := w.sent(a, 1)[0]
	w.report(sms.Delivered, m)
	got := r.next(t)
	var event *sms.Event
	w.await("the attempt", func() bool {
		events, err := w.Events(context.Background(), a.ID, store.EventPage{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		event = &events[0]
		return event.Stage == sms.EventDelivered
	})
	id := testIDs.Format(m.ID)
	want := fmt.Sprintf(`{"eventType":"DELIVERY","channel":"SMS","messageId":%q,"customerMessageId":%q,"destination":"+393401234567","sender":"ACME",`+
		`"campaignId":null,"statusCode":3,"statusDescription":"Delivered","description":"Delivered","status":"DELIVERED","errorCode":null,"price":0.035,`+
		`"numPart":1,"totalParts":1,"timestamp":%q,"eventDate":%q}`, id, id, event.ID.Time().Format(timeLayout), event.At.Format(timeLayout))
	if diff := cmp.Diff(want, string(got.body)); diff != "" {
		t.Error(diff)
	}
	if got.header.Get("Webhook-Id") != EventID(testIDs, event.ID) || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", got.header)
	}
	if err := verify(hook, got); err != "" {
		t.Error(err)
	}
	attempts, err := w.Attempts(context.Background(), a.ID, store.EventPage{Limit: 10})
	if err != nil || len(attempts) != 1 || attempts[0].Status != 200 || len(attempts[0].Response) != bodyKept {
		t.Errorf("%+v, %v", attempts, err)
	}
}

// verify checks a request with its webhook's secret, as its receiver would.
func verify(h *sms.Webhook, r received) string {
	var seconds int64
	if _, err := fmt.Sscan(r.header.Get("Webhook-Timestamp"), &seconds); err != nil || time.Since(time.Unix(seconds, 0)).Abs() > time.Minute {
		return "the timestamp is wrong"
	}
	if want := sign(h.Secret, r.header.Get("Webhook-Id"), time.Unix(seconds, 0), r.body); want != r.header.Get("Webhook-Signature") {
		return "the signature is wrong"
	}
	return ""
}

// TestField_fire_and_forget_enqueue: what was not told when the server stopped is told after it.
func TestField_fire_and_forget_enqueue(t *testing.T) {
	const n = 1500
	w := newWorld(t)
	a := w.account()
	var taken atomic.Int64
	half := make(chan struct{})
	r := newReceiver(t, func(http.ResponseWriter, *http.Request) {
		if taken.Add(1) == n/2 {
			close(half)
		}
	})
	w.hook(a, r.URL)
	w.send(true)
	w.report(sms.Delivered, w.sent(a, n)...)
	<-half
	w.stop()
	w.open()
	w.send(true)
	seen := map[string]int{}
	for len(seen) < n {
		seen[r.next(t).header.Get("Webhook-Id")]++
	}
	if total := taken.Load(); total > n+widest {
		t.Errorf("%d requests for %d events", total, n)
	}
}

// A redirect is not followed: it is a failure.
func TestRedirect(t *testing.T) {
	elsewhere := newReceiver(t, nil)
	r := newReceiver(t, func(w http.ResponseWriter, request *http.Request) {
		http.Redirect(w, request, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	got := newSender(true).post(t.Context(), &sms.Webhook{URL: r.URL, Secret: newSecret()}, "evt_1", []byte("{}"))
	if got.status != 307 || !strings.Contains(got.failure, "redirect") {
		t.Errorf("%+v", got)
	}
	if len(elsewhere.got) != 0 {
		t.Error("it was followed")
	}
}

// A name that leads inside is refused when it is connected to, and nothing arrives.
func TestNothingReachesPrivateAddresses(t *testing.T) {
	r := newReceiver(t, nil)
	named := strings.Replace(r.URL, "127.0.0.1", "localhost", 1)
	for _, url := range []string{r.URL, named} {
		got := newSender(false).post(t.Context(), &sms.Webhook{URL: url, Secret: newSecret()}, "evt_1", []byte("{}"))
		if got.failure != errInside.Error() {
			t.Errorf("%s: %+v", url, got)
		}
	}
	if len(r.got) != 0 {
		t.Error("something arrived")
	}
	if got := newSender(true).post(t.Context(), &sms.Webhook{URL: named, Secret: newSecret()}, "evt_1", []byte("{}")); got.failure != "" {
		t.Errorf("when it is allowed: %+v", got)
	}
}

func TestReasons(t *testing.T) {
	broken := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	broken.Config.ErrorLog = nil
	defer broken.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for url, want := range map[string]string{
		broken.URL:                "the certificate is not valid",
		gone.URL:                  "the connection was refused",
		"http://nobody.invalid/":  "the name could not be resolved",
		"http://127.0.0.1:99999/": "the connection failed",
	} {
		if got := newSender(true).post(t.Context(), &sms.Webhook{URL: url, Secret: newSecret()}, "evt_1", nil); got.failure != want || got.status != 0 {
			t.Errorf("%s: %+v, want %q", url, got, want)
		}
	}
}
