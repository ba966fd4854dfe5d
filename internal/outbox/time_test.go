package outbox

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Each retry comes when the schedule says, up to a fifth later and the second until the outbox looks; then the event has
// failed. Four attempts in a row that fail are no reason to rest, nine are: a second account keeps the endpoint working.
func TestSchedule(t *testing.T) {
	var first atomic.Value
	host := func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("Webhook-Id") == first.Load() {
			return status(500)(r)
		}
		return status(204)(r)
	}
	inBubble(t, endpoints{"a": host}, func(t *testing.T, f *fakeStore, o *Outbox) {
		f.add(1, "a", 1)
		first.Store(EventID(testIDs, f.events[0].ID))
		for range 100 * 60 { // an event that comes through every minute: the endpoint as such is well
			time.Sleep(time.Minute)
			f.add(1, "a", 1)
			if f.stage(1, sms.EventFailed) > 0 {
				break
			}
		}
		times := f.times()
		if len(times) != len(schedule)+1 {
			t.Fatalf("%d attempts at %v", len(times), times)
		}
		for i, wait := range schedule {
			if got := times[i+1] - times[i]; got < wait || got > wait+wait/5+2*time.Second {
				t.Errorf("retry %d after %v, want %v", i+1, got, wait)
			}
		}
		if o.Counters.Failed.Load() != 1 {
			t.Errorf("%d failed", o.Counters.Failed.Load())
		}
	})
}

// An endpoint that is dead costs an attempt now and then; its events are all there when it is back.
func TestDeadEndpointRests(t *testing.T) {
	var alive atomic.Bool
	var requests atomic.Int64
	host := func(r *http.Request) (*http.Response, error) {
		requests.Add(1)
		if alive.Load() {
			return status(200)(r)
		}
		return refusing(r)
	}
	inBubble(t, endpoints{"a": host}, func(t *testing.T, f *fakeStore, _ *Outbox) {
		f.add(1, "a", 1000)
		time.Sleep(24 * time.Hour)
		if n := requests.Load(); n < 24*60/5 || n > 24*60/5*3+50 {
			t.Errorf("%d requests in a day to an endpoint that is dead", n)
		}
		if h, _ := f.Webhook(t.Context(), 1); h.FailingSince.IsZero() || !h.DisabledAt.IsZero() {
			t.Errorf("%+v", h)
		}
		alive.Store(true)
		time.Sleep(25 * time.Hour)
		if n := f.stage(1, sms.EventDelivered); n != 1000 {
			t.Errorf("%d came through when it was back", n)
		}
		if h, _ := f.Webhook(t.Context(), 1); !h.FailingSince.IsZero() {
			t.Errorf("%+v", h)
		}
	})
}

func TestDisabledAfterFiveDays(t *testing.T) {
	inBubble(t, endpoints{"a": refusing}, func(t *testing.T, f *fakeStore, _ *Outbox) {
		f.add(1, "a", 1)
		began := time.Now()
		for time.Since(began) < 4*24*time.Hour+23*time.Hour {
			time.Sleep(time.Hour)
			f.add(1, "a", 1)
		}
		if h, _ := f.Webhook(t.Context(), 1); !h.DisabledAt.IsZero() {
			t.Fatalf("after %v: %+v", time.Since(began), h)
		}
		time.Sleep(2 * time.Hour)
		h, _ := f.Webhook(t.Context(), 1)
		if h.DisabledAt.IsZero() {
			t.Fatalf("%+v", h)
		}
		if n := f.stage(1, sms.EventWaiting); n != 0 {
			t.Errorf("%d events wait for nobody", n)
		}
	})
}

func TestGone(t *testing.T) {
	inBubble(t, endpoints{"a": status(410)}, func(t *testing.T, f *fakeStore, _ *Outbox) {
		f.add(1, "a", 1)
		time.Sleep(time.Minute)
		if h, _ := f.Webhook(t.Context(), 1); h.DisabledAt.IsZero() || len(f.times()) != 1 || f.stage(1, sms.EventFailed) != 1 {
			t.Errorf("%+v, attempts at %v", h, f.times())
		}
	})
}

// What an endpoint asks for by Retry-After holds for all that it gets.
func TestRetryAfter(t *testing.T) {
	var requests atomic.Int64
	host := func(r *http.Request) (*http.Response, error) {
		if requests.Add(1) == 1 {
			return status(503, "Retry-After", "120")(r)
		}
		return status(200)(r)
	}
	inBubble(t, endpoints{"a": host}, func(t *testing.T, f *fakeStore, _ *Outbox) {
		f.add(1, "a", 1)
		time.Sleep(2 * time.Second)
		f.add(1, "a", 5)
		time.Sleep(110 * time.Second)
		if n := requests.Load(); n != 1 {
			t.Errorf("%d requests within the time", n)
		}
		time.Sleep(20 * time.Second)
		if n := f.stage(1, sms.EventDelivered); n != 6 {
			t.Errorf("%d came through after it", n)
		}
	})
}

func TestSlowAnswerIsNone(t *testing.T) {
	inBubble(t, endpoints{"a": silent}, func(t *testing.T, f *fakeStore, _ *Outbox) {
		f.add(1, "a", 1)
		time.Sleep(7 * time.Second)
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.attempts) != 1 || f.attempts[0].Duration != answerLimit || f.attempts[0].Error != "no answer within 5 seconds" {
			t.Errorf("%+v", f.attempts)
		}
	})
}

// Twenty endpoints that never answer and twenty where nobody listens, each with many events, do not delay a quick one:
// all it gets is there by the next look of the outbox.
func TestOthersDelayNobody(t *testing.T) {
	hosts := endpoints{"silent": silent, "dead": refusing, "quick": status(200)}
	inBubble(t, hosts, func(t *testing.T, f *fakeStore, _ *Outbox) {
		for i := range 20 {
			f.add(sms.AccountID(10+i), "silent", 400)
			f.add(sms.AccountID(50+i), "dead", 400)
		}
		time.Sleep(time.Minute)
		for round := range 5 {
			f.add(1, "quick", 300)
			time.Sleep(1100 * time.Millisecond)
			if n := f.stage(1, sms.EventDelivered); n != 300*(round+1) {
				t.Errorf("round %d: %d came through", round, n)
			}
		}
		for i := range 20 {
			if n := f.claims[sms.AccountID(50+i)]; n > 300 {
				t.Errorf("%d events of a dead endpoint were taken", n)
			}
		}
	})
}

// TestField_callbacks_lost_at_rate: an endpoint that takes 20 requests in a second and refuses the rest gets every event of a
// burst all the same, each once, within a day.
func TestField_callbacks_lost_at_rate(t *testing.T) {
	var mu sync.Mutex
	var second time.Time
	inSecond, taken := 0, map[string]int{}
	host := func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now().Truncate(time.Second); !now.Equal(second) {
			second, inSecond = now, 0
		}
		if inSecond++; inSecond > 20 {
			return status(429)(r)
		}
		taken[r.Header.Get("Webhook-Id")]++
		return status(200)(r)
	}
	inBubble(t, endpoints{"a": host}, func(t *testing.T, f *fakeStore, o *Outbox) {
		const n = 1000
		f.add(1, "a", n)
		time.Sleep(24 * time.Hour)
		if delivered := f.stage(1, sms.EventDelivered); delivered != n || len(taken) != n {
			t.Errorf("%d delivered, %d arrived", delivered, len(taken))
		}
		if o.Counters.AttemptsFailed.Load() == 0 {
			t.Error("nothing was refused")
		}
		for id, times := range taken {
			if times != 1 {
				t.Errorf("%s was taken %d times", id, times)
			}
		}
	})
}

func TestTwoSignatures(t *testing.T) {
	h := &sms.Webhook{Secret: []byte("new"), OldSecret: []byte("old"), OldUntil: time.Now().Add(time.Minute)}
	now, body := time.Now(), []byte("{}")
	if got, want := signature(h, "evt_1", now, body), sign(h.Secret, "evt_1", now, body)+" "+sign(h.OldSecret, "evt_1", now, body); got != want {
		t.Errorf("%q", got)
	}
	if got := signature(h, "evt_1", h.OldUntil, body); got != sign(h.Secret, "evt_1", h.OldUntil, body) {
		t.Errorf("after the overlap: %q", got)
	}
}

func TestRetryAfterHeader(t *testing.T) {
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "-5": 0, "soon": 0, "99999999": longestWait, "Mon, 03 Feb 2031 04:06:06 GMT": time.Minute,
		"Mon, 03 Feb 2031 04:00:00 GMT": 0, "Mon, 03 Feb 2041 04:00:00 GMT": longestWait,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
