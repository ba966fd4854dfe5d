package httpapi

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestReady(t *testing.T) {
	up := Component{Name: "carrier/practice", Up: true, Detail: "1 of 1 sessions bound"}
	down := Component{Name: "carrier/north", Detail: "0 of 2 sessions bound"}
	for _, c := range []struct {
		name       string
		store      error
		components []Component
		want       int
		body       string
	}{
		{"all up", nil, []Component{up}, 200,
			`{"status":"ready","components":[{"name":"store","status":"up"},{"name":"carrier/practice","status":"up","detail":"1 of 1 sessions bound"}]}`},
		{"carriers down", nil, []Component{down, {Name: "routes"}}, 200,
			`{"status":"ready","components":[{"name":"store","status":"up"},{"name":"carrier/north","status":"down","detail":"0 of 2 sessions bound"},{"name":"routes","status":"down"}]}`},
		{"no carriers", nil, nil, 200, `{"status":"ready","components":[{"name":"store","status":"up"}]}`},
		{"store away", errors.New("unable to open /srv/data"), []Component{up}, 503,
			`{"status":"unavailable","components":[{"name":"store","status":"down","detail":"does not take writes"},{"name":"carrier/practice","status":"up","detail":"1 of 1 sessions bound"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, func(w *world) { w.ready.store, w.ready.components = c.store, c.components })
			a := w.do(w.request(http.MethodGet, "/readyz", "", "X-Api-Key", ""))
			if a.status != c.want || a.body != c.body || (a.header.Get("Retry-After") != "") != (c.want == 503) {
				t.Errorf("%d %v %s", a.status, a.header, a.body)
			}
		})
	}
}

// The store is away, yet the process lives.
func TestHealthKnowsNoStore(t *testing.T) {
	w := open(t, func(w *world) { w.ready.store = errors.New("away") })
	if a := w.do(w.request(http.MethodGet, "/healthz", "", "X-Api-Key", "")); a.status != 200 || a.body != `{"status":"ok"}` {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestMetricsAreLocal(t *testing.T) {
	for _, c := range []struct {
		name, peer string
		proxies    func(*world)
		headers    []string
		want       int
	}{
		{"loopback", "127.0.0.1:1", nil, nil, 200},
		{"loopback, mapped", "[::ffff:127.0.0.9]:1", nil, nil, 200},
		{"IPv6 loopback", "[::1]:1", nil, nil, 200},
		{"another machine", peerHere, nil, nil, 403},
		{"another machine that claims to be local", peerHere, nil, []string{"X-Forwarded-For", "127.0.0.1"}, 403},
		{"through a proxy that nobody named", "127.0.0.1:1", nil, []string{"X-Forwarded-For", "203.0.113.9"}, 403},
		{"through one that writes Forwarded", "127.0.0.1:1", nil, []string{"Forwarded", "for=203.0.113.9"}, 403},
		{"through one that writes X-Real-IP", "127.0.0.1:1", nil, []string{"X-Real-Ip", "203.0.113.9"}, 403},
		{"through a named proxy", "127.0.0.1:1", named("127.0.0.1"), []string{"X-Forwarded-For", "203.0.113.9"}, 403},
		{"local through a named proxy", "192.0.2.10:1", named("192.0.2.10"), []string{"X-Forwarded-For", "::1"}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, func(w *world) {
				w.peer, w.metrics = c.peer, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
					_, _ = io.WriteString(w, "staffetta_up 1\n")
				})
				if c.proxies != nil {
					c.proxies(w)
				}
			})
			a := w.do(w.request(http.MethodGet, "/metrics", "", append([]string{"X-Api-Key", ""}, c.headers...)...))
			if a.status != c.want || strings.Contains(a.body, "staffetta_up") != (c.want == 200) {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
}
