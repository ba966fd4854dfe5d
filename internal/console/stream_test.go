package console

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/staffetta/staffetta/internal/sms"
)

// events is a stream that a browser listens to.
type events struct {
	t     *testing.T
	body  *bufio.Reader
	close func()
}

func (b *browser) listen(path string) *events {
	t := b.w.t
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := *b.client
	client.Timeout = 0
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	closing := func() { cancel(); _ = response.Body.Close() }
	t.Cleanup(closing)
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("%d %v", response.StatusCode, response.Header)
	}
	return &events{t, bufio.NewReader(response.Body), closing}
}

// next is the next event: its name, and the parts that it brings. The name is "over" when the stream has ended.
func (e *events) next() (name string, parts map[string]string) {
	e.t.Helper()
	for {
		line, err := e.body.ReadString('\n')
		if err != nil {
			return "over", nil
		}
		if event, ok := strings.CutPrefix(line, "event: "); ok {
			name = strings.TrimSpace(event)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(data), &parts); err != nil {
				e.t.Fatalf("%q: %v", data, err)
			}
			return name, parts
		}
	}
}

func TestStreamSendsWhatChanges(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t, goleak.IgnoreCurrent()) })
	w := open(t, nil)
	w.deliver("acme", "a")
	for _, listener := range []struct{ events, figure string }{{"/overview/events", "2"}, {"/operator/events", "3"}} {
		b := w.as(sms.RoleOwner)
		if listener.events == "/operator/events" {
			b = w.as(sms.RoleOperator)
		}
		s := b.listen(listener.events)
		_, first := s.next()
		for _, id := range []string{"live-problems", "live-figures", "live-hours", "live-days", "live-carriers"} {
			if first[id] == "" {
				t.Errorf("%s does not bring %s at first", listener.events, id)
			}
		}
		w.deliver("acme", listener.events)
		_, second := s.next()
		if !strings.Contains(second["live-figures"], `<p class="value">`+listener.figure+`</p>`) {
			t.Errorf("%s: %v", listener.events, second)
		}
		if second["live-problems"] != "" {
			t.Errorf("what has not changed comes again: %v", second)
		}
		s.close()
	}
}

func TestStreamEndsWithTheSession(t *testing.T) {
	w := open(t, nil)
	s := w.as(sms.RoleViewer).listen("/overview/events")
	s.next()
	w.sessions.mu.Lock()
	delete(w.sessions.known, "token-of-"+sms.RoleViewer.String())
	w.sessions.mu.Unlock()
	if name, _ := s.next(); name != "end" {
		t.Errorf("%q", name)
	}
	if name, _ := s.next(); name != "over" {
		t.Errorf("%q", name)
	}
}

func TestStreamEndsWithTheServer(t *testing.T) {
	w := open(t, nil)
	s := w.as(sms.RoleViewer).listen("/overview/events")
	s.next()
	w.console.EndStreams()
	if name, _ := s.next(); name != "over" {
		t.Errorf("%q", name)
	}
	if got := w.as(sms.RoleViewer).get("/overview/events"); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new one: %d", got.StatusCode)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleViewer)
	var open []*events
	for range streamsEach {
		open = append(open, b.listen("/overview/events"))
	}
	got := b.get("/overview/events")
	got.wants(t, http.StatusServiceUnavailable)
	if got.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	w.as(sms.RoleOwner).listen("/overview/events").close() // others are not kept out
	open[0].close()
	for w.console.streams.open(sms.PersonID(sms.RoleViewer)) == streamsEach {
	}
	b.listen("/overview/events")
}

func TestStreamsInAllAreBounded(t *testing.T) {
	s := newStreams()
	defer s.end()
	var leave func()
	for i := range streamsMost {
		var ok bool
		if leave, ok = s.enter(sms.PersonID(i)); !ok {
			t.Fatalf("number %d is kept out", i)
		}
	}
	if _, ok := s.enter(streamsMost); ok {
		t.Error("one too many")
	}
	leave()
	if _, ok := s.enter(streamsMost); !ok {
		t.Error("the place of one that has gone is not free")
	}
}

// open is how many streams a person has.
func (s *streams) open(person sms.PersonID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.each[person]
}

// TestStreamOutlivesTheLimitsOfRequests: a server ends requests that take long; a stream is none of them.
func TestStreamOutlivesTheLimitsOfRequests(t *testing.T) {
	w := open(t, nil)
	w.server = httptest.NewUnstartedServer(w.console)
	w.server.Config.ReadTimeout, w.server.Config.WriteTimeout = time.Second, time.Second
	w.server.StartTLS()
	t.Cleanup(w.server.Close)
	t.Cleanup(w.console.EndStreams)
	s := w.as(sms.RoleViewer).listen("/overview/events")
	for _, ref := range []string{"a", "b"} { // each two seconds after the one before
		if _, parts := s.next(); parts["live-figures"] == "" {
			t.Fatalf("%v", parts)
		}
		w.deliver("acme", ref)
	}
	if name, parts := s.next(); parts["live-figures"] == "" {
		t.Errorf("%q %v", name, parts)
	}
}
