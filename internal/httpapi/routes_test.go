package httpapi

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/api"
)

// One table for what each method and path answers, without credentials.
func TestMethodsAndPaths(t *testing.T) {
	for _, c := range []struct {
		method, target string
		want           int
		allow          string
	}{
		{"GET", sendPath, 405, "POST, OPTIONS"},
		{"HEAD", sendPath, 405, "POST, OPTIONS"},
		{"PUT", sendPath, 405, "POST, OPTIONS"},
		{"DELETE", sendPath, 405, "POST, OPTIONS"},
		{"TRACE", sendPath, 405, "POST, OPTIONS"},
		{"FOO", sendPath, 405, "POST, OPTIONS"},
		{"post", sendPath, 405, "POST, OPTIONS"},
		{"OPTIONS", sendPath, 204, "POST, OPTIONS"},
		{"POST", statusPath, 405, "GET, HEAD, OPTIONS"},
		{"POST", statusPath + "/m-1", 405, "GET, HEAD, OPTIONS"},
		{"OPTIONS", statusPath + "/m-1", 204, "GET, HEAD, OPTIONS"},
		{"GET", statusPath + "/m-1", 401, ""},
		{"HEAD", statusPath + "/m-1", 401, ""},
		{"POST", "/healthz", 405, "GET, HEAD, OPTIONS"},
		{"GET", "/healthz", 200, ""},
		{"HEAD", "/healthz", 200, ""},
		{"HEAD", "/readyz", 200, ""},
		{"HEAD", "/api/openapi.yaml", 200, ""},
		{"GET", "/", 404, ""},
		{"POST", "/", 404, ""},
		{"OPTIONS", "/", 404, ""},
		{"GET", "/api", 404, ""},
		{"GET", "/healthz/", 404, ""},
		{"POST", sendPath + "/", 404, ""},
		{"POST", "/" + sendPath, 404, ""},
		{"POST", "/api//message-server/sms/send", 404, ""},
		{"POST", "/api/../api/message-server/sms/send", 404, ""},
		{"POST", "/./api/message-server/sms/send", 404, ""},
		{"POST", strings.ToUpper(sendPath), 404, ""},
		{"POST", "/api/message-server/sms%2Fsend", 404, ""},
		{"GET", statusPath + "/a/b", 404, ""},
		{"GET", "/.well-known/x", 404, ""},
		{"GET", "/metrics", 404, ""},
	} {
		t.Run(c.method+" "+c.target, func(t *testing.T) {
			w := open(t, nil)
			a := w.do(w.request(c.method, c.target, "", "X-Api-Key", ""))
			if a.status != c.want || a.header.Get("Allow") != c.allow {
				t.Errorf("%d, Allow %q; want %d, %q", a.status, a.header.Get("Allow"), c.want, c.allow)
			}
			if c.method == "HEAD" && a.body != "" {
				t.Errorf("a body with HEAD: %s", a.body)
			}
			if a.header.Get("Location") != "" {
				t.Errorf("a redirect to %s", a.header.Get("Location"))
			}
		})
	}
}

// HEAD says what GET would: the same headers, the length included.
func TestHeadOfStatus(t *testing.T) {
	w := open(t, withMessages)
	get := w.do(w.request(http.MethodGet, statusPath+"/m-1?channel=SMS", ""))
	head := w.do(w.request(http.MethodHead, statusPath+"/m-1?channel=SMS", ""))
	if head.status != 200 || head.body != "" || head.header.Get("Content-Length") != get.header.Get("Content-Length") || get.header.Get("Content-Length") == "" {
		t.Errorf("HEAD %d %v\nGET %d %v", head.status, head.header, get.status, get.header)
	}
}

func TestOpenAPIIsServed(t *testing.T) {
	w := open(t, nil)
	a := w.do(w.request(http.MethodGet, "/api/openapi.yaml", "", "X-Api-Key", ""))
	if a.status != 200 || a.header.Get("Content-Type") != "application/yaml" || !bytes.Equal([]byte(a.body), api.OpenAPI) {
		t.Errorf("%d %v with %d octets", a.status, a.header, len(a.body))
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	seen := make(map[string]bool)
	for range 10_000 {
		id := newRequestID()
		if len(id) != 16 || seen[id] || strings.Trim(id, requestIDAlphabet) != "" {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}

// The client's own X-Request-Id is not taken over: it could forge lines of the log.
func TestRequestIDIsOurs(t *testing.T) {
	w := open(t, nil)
	if a := w.send(goodBody, "X-Request-Id", "aaaaaaaaaaaaaaaa"); a.header.Get("X-Request-Id") == "aaaaaaaaaaaaaaaa" {
		t.Error("the client chose the id")
	}
}
