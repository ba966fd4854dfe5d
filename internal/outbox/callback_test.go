package outbox

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

func (f *fakeStore) InboundCallback(context.Context, sms.AccountID) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.callback, nil
}

func (f *fakeStore) ResendInbound(_ context.Context, account sms.AccountID, _ store.Resend) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resent++
	clear(f.open)
	return 1, nil
}

// calls sets the callback of every account.
func (f *fakeStore) calls(url string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.callback = url
}

// receive makes messages from handsets that wait for a form callback.
func (f *fakeStore) receive(account sms.AccountID, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue := store.EventQueue{Account: account, Way: sms.ByCallback}
	for i := range n {
		id := sms.MakeID(time.Now(), 1, 0) + sms.ID(len(f.events))
		e := &sms.Event{ID: id, Account: account, MessageID: id, Kind: sms.InboundEvent, Way: sms.ByCallback, Part: sms.WholeMessage, Due: time.Now(),
			Inbound: &sms.InboundMessage{ID: id, Source: "+393401234567", Destination: "48883", Text: fmt.Sprint("perché ", i), Ports: sms.NoPorts,
				Parts: 1, Came: 1, At: time.Date(2031, 2, 3, 8, 45, 1, 0, time.FixedZone("", 3600))}}
		f.events, f.open[queue] = append(f.events, e), append(f.open[queue], e)
	}
}

// says is a host that answers with a body.
func says(code int, body string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// The form is that of the contract, and +OK anywhere in the answer counts.
func TestFormCallback(t *testing.T) {
	var got atomic.Value
	host := func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded; charset=utf-8" {
			t.Errorf("%s, %v, error %v", r.Method, r.Header, err)
		}
		got.Store(string(body))
		return says(200, "Status: +OK\r\n")(r)
	}
	inBubble(t, endpoints{"a": host}, func(t *testing.T, f *fakeStore, o *Outbox) {
		f.calls("https://a/in?key=1")
		f.receive(1, 1)
		time.Sleep(2 * time.Second)
		form, err := url.ParseQuery(got.Load().(string))
		want := url.Values{"originator": {"+393401234567"}, "destination": {"48883"}, "date_time": {"20310203074501"}, "text": {"perché 0"}}
		if diff := cmp.Diff(want, form); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if f.stage(1, sms.EventDelivered) != 1 || o.Callback.Delivered.Load() != 1 {
			t.Error("it has not arrived")
		}
	})
}

// Whatever is not a +OK within 30 seconds is tried again after 15 minutes, three times in all.
func TestFormCallbackIsTriedThreeTimes(t *testing.T) {
	for name, c := range map[string]struct {
		host func(*http.Request) (*http.Response, error)
		want string
		took time.Duration
	}{
		"another answer": {says(200, "OK"), "the answer does not contain +OK", 0},
		"refused":        {says(500, "+OK"), "answered with status 500", 0},
		"redirected":     {says(302, "+OK"), "answered with a redirect (302), which is not followed", 0},
		"nobody there":   {refusing, "the connection failed", 0},
		"silent":         {silent, "no answer within 30 seconds", 30 * time.Second},
		"too late a +OK": {says(200, strings.Repeat(" ", bodyRead)+"+OK"), "the answer does not contain +OK", 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, endpoints{"a": c.host}, func(t *testing.T, f *fakeStore, o *Outbox) {
				f.calls("https://a/")
				f.receive(1, 1)
				time.Sleep(2 * time.Hour)
				times := f.times()
				if len(times) != 3 || f.stage(1, sms.EventFailed) != 1 || o.Callback.Failed.Load() != 1 {
					t.Fatalf("%d attempts at %v", len(times), times)
				}
				for i, at := range times {
					if least := time.Duration(i) * (callbackAgain + c.took); at < least || at > least+3*time.Second {
						t.Errorf("attempt %d after %v", i+1, at)
					}
				}
				f.mu.Lock()
				defer f.mu.Unlock()
				if a := f.attempts[0]; a.Error != c.want || a.Duration != c.took {
					t.Errorf("%+v", a)
				}
			})
		})
	}
}

// A callback that is dead delays neither the account's webhook nor another account, and all its messages have their turns.
func TestDeadCallbackDelaysNobody(t *testing.T) {
	inBubble(t, endpoints{"a": silent, "b": status(200)}, func(t *testing.T, f *fakeStore, _ *Outbox) {
		f.calls("https://a/")
		f.receive(1, 100)
		time.Sleep(time.Minute)
		f.add(1, "b", 50)
		f.add(2, "b", 50)
		time.Sleep(5 * time.Second)
		if one, two := f.stage(1, sms.EventDelivered), f.stage(2, sms.EventDelivered); one != 50 || two != 50 {
			t.Errorf("%d and %d came through", one, two)
		}
		time.Sleep(2 * time.Hour)
		if n := f.stage(1, sms.EventFailed); n != 100 {
			t.Errorf("%d of 100 have had their attempts", n)
		}
	})
}

// What waits when the account wants no form any more goes the other way.
func TestCallbackIsNotWantedAnyMore(t *testing.T) {
	inBubble(t, endpoints{}, func(t *testing.T, f *fakeStore, _ *Outbox) {
		f.receive(1, 1)
		time.Sleep(5 * time.Second)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.resent != 1 || len(f.attempts) != 0 {
			t.Errorf("given another way %d times, attempts %v", f.resent, f.attempts)
		}
	})
}

// A callback reaches no address inside of a network either.
func TestCallbackIsGuarded(t *testing.T) {
	for _, wrong := range []string{"http://example.com/", "https://127.0.0.1/", "https://localhost/", "https://u:p@example.com/", "ftp://x", ""} {
		if err := CheckCallback(wrong, false); sms.CodeOf(err) != sms.Invalid {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if err := CheckCallback("http://127.0.0.1:3000/in", true); err != nil {
		t.Error(err)
	}
	answer := newSender(false).postForm(t.Context(), "http://127.0.0.1:1/", url.Values{})
	if answer.failure != errInside.Error() {
		t.Errorf("%+v", answer)
	}
}
