package outbox

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/staffetta/staffetta/internal/sms"
)

// Trial is a test event that was sent, and what came back.
type Trial struct {
	URL      string
	At       time.Time
	Header   http.Header
	Body     []byte
	Duration time.Duration
	Status   int    // of HTTP; 0: no answer came
	Response []byte // its first 512 octets
	Error    string // why it does not count; empty: the event has arrived
}

// Test sends a test event now, signed and guarded like every other, and answers what came back. It says TEST where others
// say what they are, and is about no message. It is no event: nothing is kept of it, it is not tried again, and it changes
// nothing about the webhook, which may be disabled. sms.NotFound when there is none.
func (h *Hooks) Test(ctx context.Context, by By, account *sms.Account) (Trial, error) {
	hook, err := h.Find(ctx, account)
	if err != nil {
		return Trial{}, err
	}
	if err := h.store.Note(ctx, by.deed("webhook test", account, shownURL(hook.URL))); err != nil {
		return Trial{}, err
	}
	t := Trial{URL: hook.URL, At: time.Now()}
	if t.Body, err = trialBody(t.At); err != nil {
		return Trial{}, err
	}
	t.Header = signedHeader(hook, "test_"+rand.Text(), t.At, t.Body)
	came := h.trial.postSigned(ctx, hook.URL, t.Header.Clone(), t.Body)
	t.Duration, t.Status, t.Response, t.Error = time.Since(t.At), came.status, came.body, came.failure
	return t, nil
}

// trialBody has every member of a delivery event, so that what reads it is tried too.
func trialBody(at time.Time) ([]byte, error) {
	const nobody = "00000000-0000-7000-8000-000000000000"
	part, moment := 1, at.UTC().Format(timeLayout)
	return json.Marshal(delivery{EventType: "TEST", Channel: "SMS", MessageID: nobody, CustomerMessageID: nobody, Destination: "+393401234567", Sender: "TEST",
		StatusCode: codeDelivered, StatusDescription: "Delivered", Description: "A test: no message was sent", Status: "DELIVERED",
		Price: jsontext.Value("0"), NumPart: &part, TotalParts: 1, Timestamp: moment, EventDate: moment})
}
