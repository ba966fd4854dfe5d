package httpapi

import (
	"strconv"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

func plan(minute, second int) func(*world) {
	return func(w *world) { w.account().Plan = sms.Plan{PerMinute: minute, PerSecond: second} }
}

// Every answer after authentication says what the minute rule leaves, whatever the answer is.
func TestRateLimitHeaders(t *testing.T) {
	w := open(t, plan(100, 50))
	for i, c := range []struct {
		method, target, body string
		want                 int
	}{
		{"POST", sendPath, goodBody, 200}, {"POST", sendPath, "{", 400}, {"POST", sendPath, "", 400},
		{"GET", statusPath + "/m-1?channel=SMS", "", 404}, {"GET", statusPath + "?ids=a&channel=SMS", "", 200},
	} {
		a := w.do(w.request(c.method, c.target, c.body))
		if a.status != c.want || a.header.Get("X-RateLimit-Limit") != "100" ||
			a.header.Get("X-RateLimit-Remaining") != strconv.Itoa(99-i) || a.header.Get("X-RateLimit-Reset") != "60" {
			t.Errorf("%s %s: %d %v", c.method, c.target, a.status, a.header)
		}
	}
}

func TestNoRateLimitHeaders(t *testing.T) {
	for name, prepare := range map[string]func(*world){"no limit": plan(0, 0), "only a second rule": plan(0, 5)} {
		a := open(t, prepare).send(goodBody)
		for _, header := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
			if a.status != 200 || a.header.Get(header) != "" {
				t.Errorf("%s: %d, %s is %q", name, a.status, header, a.header.Get(header))
			}
		}
	}
}

func TestLimited(t *testing.T) {
	for _, c := range []struct {
		name  string
		plan  func(*world)
		retry int
		left  string
	}{
		{"minute rule", plan(2, 0), 60, "0"},
		{"second rule", plan(0, 2), 1, ""},
		{"both, the second decides", plan(5, 2), 1, "3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, c.plan)
			w.send(goodBody)
			w.send(goodBody)
			a := w.send("{ bad body, judged after the limit")
			p := a.problem(t)
			if a.status != 429 || p.RetryAfter == nil || *p.RetryAfter != c.retry || a.header.Get("Retry-After") != strconv.Itoa(c.retry) {
				t.Errorf("%d %v %s", a.status, a.header, a.body)
			}
			if a.header.Get("X-RateLimit-Remaining") != c.left {
				t.Errorf("remaining %q", a.header.Get("X-RateLimit-Remaining"))
			}
			w.clock.advance(time.Duration(c.retry) * time.Second)
			if a := w.send(goodBody); a.status != 200 {
				t.Errorf("after waiting as told: %d", a.status)
			}
			if n := w.intake.calls(); n != 3 {
				t.Errorf("%d messages came in", n)
			}
		})
	}
}

// Each key and each user has a limit of its own; what is refused before the limit does not count.
func TestLimitsAreApart(t *testing.T) {
	w := open(t, plan(1, 0))
	other := w.addKey(func(*sms.Key) {})
	powerless := w.addKey(func(k *sms.Key) { k.Operations = nil })
	for range 5 {
		w.send(goodBody, wrongKey(w)...)
		w.send(goodBody, "X-Api-Key", powerless)
	}
	for name, headers := range map[string][]string{"key": {}, "other key": {"X-Api-Key", other},
		"user": {"X-Api-Key", "", "Authorization", basic(username, password)}} {
		first, second := w.send(goodBody, headers...), w.send(goodBody, headers...)
		if first.status != 200 || second.status != 429 {
			t.Errorf("%s: %d, then %d", name, first.status, second.status)
		}
	}
}

func TestWholeSeconds(t *testing.T) {
	for d, want := range map[time.Duration]int64{0: 0, 1: 1, time.Second: 1, time.Second + 1: 2, -time.Hour: 0} {
		if got := wholeSeconds(d); got != want {
			t.Errorf("%v: %d, want %d", d, got, want)
		}
	}
}
