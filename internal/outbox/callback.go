package outbox

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// The form callback of the contract, section 7.
const (
	callbackLimit    = 30 * time.Second // from the look-up of the name to the end of the answer
	callbackAgain    = 15 * time.Minute
	callbackAttempts = 3
	callbackWord     = "+OK" // what the answer must contain
	callbackWidest   = 16    // requests at once
	callbackLayout   = "20060102150405"
)

// call sends some messages from handsets as forms and answers whether more may be due. An endpoint that fails is tried no
// less for it, as each message has three attempts only; it delays nobody else, for these have a queue of their own.
func (l *lane) call(ctx context.Context) (more bool, err error) {
	to, err := l.outbox.store.InboundCallback(ctx, l.queue.Account)
	if err != nil {
		return false, err
	}
	if to == "" { // the account wants them another way meanwhile
		_, err := l.outbox.store.ResendInbound(ctx, l.queue.Account, store.Resend{})
		return false, err
	}
	width := min(l.width, callbackWidest)
	events, err := l.claim(ctx, width) // each must end within the lease: one page, no second row
	if err != nil || len(events) == 0 {
		return false, err
	}
	var calls, stored sync.WaitGroup
	for i := range events {
		stored.Add(1)
		calls.Go(func() {
			l.outbox.store.SettleEvent(l.callOnce(ctx, to, &events[i]), func(error) { stored.Done() })
		})
	}
	calls.Wait()
	stored.Wait()
	l.width = min(2*width, callbackWidest)
	return true, nil
}

// callOnce makes one attempt and says what came of it.
func (l *lane) callOnce(ctx context.Context, to string, e *sms.Event) sms.Attempt {
	a := sms.Attempt{Event: e.ID, Number: e.Attempts, At: time.Now()}
	counters := &l.outbox.Callback
	if e.Inbound == nil {
		a.Stage, a.Error = sms.EventFailed, "the message is not kept any more"
		counters.Failed.Add(1)
		return a
	}
	answer := l.outbox.sender.postForm(ctx, to, formOf(e.Inbound))
	if answer.failure != "" && ctx.Err() != nil { // the server stops: nobody knows whether it arrived
		a.Void, a.Due = true, time.Now()
		return a
	}
	a.Duration, a.Status, a.Error, a.Response = time.Since(a.At), answer.status, answer.failure, answer.body
	counters.Attempts.Add(1)
	switch {
	case answer.failure == "":
		a.Stage = sms.EventDelivered
		counters.Delivered.Add(1)
		return a
	case e.Tries >= callbackAttempts:
		a.Stage = sms.EventFailed
		counters.Failed.Add(1)
	default:
		a.Due = time.Now().Add(callbackAgain)
	}
	counters.AttemptsFailed.Add(1)
	return a
}

func formOf(m *sms.InboundMessage) url.Values {
	return url.Values{"originator": {m.Source}, "destination": {m.Destination}, "date_time": {m.At.UTC().Format(callbackLayout)}, "text": {m.Text}}
}

// postForm makes one attempt.
func (s sender) postForm(ctx context.Context, to string, form url.Values) answer {
	ctx, cancel := context.WithTimeout(ctx, callbackLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{failure: "the URL cannot be used"}
	}
	request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}, "User-Agent": {"Staffetta"}}
	response, err := s.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return answer{failure: "no answer within 30 seconds"}
		}
		return answer{failure: reason(err)}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyRead))
	a := answer{status: response.StatusCode, body: body[:min(len(body), bodyKept)]}
	switch {
	case a.status < 200 || a.status > 299:
		a.failure = refusal(a.status)
	case bytes.Contains(body, []byte(callbackWord)):
	case err != nil:
		a.failure = "the answer did not end within 30 seconds"
	default:
		a.failure = "the answer does not contain " + callbackWord
	}
	return a
}
