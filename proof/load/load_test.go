package load

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/marker"
)

// gate answers like a gateway and remembers what it accepted.
type gate struct {
	mu       sync.Mutex
	accepted []uint64
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, after, _ := strings.Cut(string(body), `"body":"`)
	n, ok := marker.Parse([]byte(after))
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case !ok || r.Header.Get("X-Api-Key") != "key":
		w.WriteHeader(http.StatusBadRequest)
	case n%10 == 3:
		w.WriteHeader(http.StatusServiceUnavailable)
	case n%10 == 4:
		_, _ = io.WriteString(w, `{"results":{"sms":{"accepted":false}}}`)
	case n%10 == 5:
		panic(http.ErrAbortHandler)
	default:
		g.accepted = append(g.accepted, n)
		_, _ = io.WriteString(w, `{"results":{"sms":{"accepted":true}}}`)
	}
}

func TestOnlyAcceptedAnswersCount(t *testing.T) {
	g := &gate{}
	server := httptest.NewServer(g)
	defer server.Close()
	target := Staffetta(strings.TrimPrefix(server.URL, "http://"), "key", true)
	result, err := Run(t.Context(), target, Plan{Connections: 4, Rate: 2000, Duration: 300 * time.Millisecond, First: 100, Reconnect: true})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(result.Accepted)
	slices.Sort(g.accepted)
	if len(g.accepted) == 0 || !slices.Equal(result.Accepted, g.accepted) {
		t.Errorf("%d accepted here, %d there", len(result.Accepted), len(g.accepted))
	}
	known := len(result.Accepted) + result.Broken + result.Status[503] + result.Status[200]
	if result.First != 100 || known != result.Begun || result.Broken == 0 || result.Status[503] == 0 || result.Status[200] == 0 {
		t.Errorf("begun %d, known %d: %+v broken %d", result.Begun, known, result.Status, result.Broken)
	}
	if result.Latency.Count() != uint64(len(result.Accepted)) {
		t.Errorf("%d latencies", result.Latency.Count())
	}
}

func TestBrokenConnectionEndsARunThatMayNotReconnect(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer server.Close()
	target := Staffetta(strings.TrimPrefix(server.URL, "http://"), "key", false)
	result, err := Run(t.Context(), target, Plan{Connections: 1, Duration: 5 * time.Second})
	if err == nil || result.Broken != 1 || len(result.Accepted) != 0 {
		t.Errorf("error %v, broken %d", err, result.Broken)
	}
}
