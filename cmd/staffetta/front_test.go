package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/staffetta/staffetta/internal/console"
)

// TestProgramsAndPeopleShareAPort: a path of the console is the console's, a page that a browser misses too; all else is the API's.
func TestProgramsAndPeopleShareAPort(t *testing.T) {
	pages, err := console.New(console.Parts{})
	if err != nil {
		t.Fatal(err)
	}
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "api") })
	server := httptest.NewServer(front{pages, api})
	defer server.Close()
	for _, test := range []struct {
		method, path, accept string
		api                  bool
	}{
		{http.MethodGet, "/static/none", "*/*", false},
		{http.MethodGet, "/api/nothing", "text/html", true},
		{http.MethodPost, "/api/message-server/sms/send", "application/json", true},
		{http.MethodGet, "/nothing", "*/*", true},
		{http.MethodGet, "/docs", "text/html", true},
	} {
		r, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", test.accept)
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || (string(body) == "api") != test.api {
			t.Errorf("%s %s for %q: %d %.40q, %v", test.method, test.path, test.accept, response.StatusCode, body, err)
		}
	}
}
