package load

import (
	"encoding/json"
	"fmt"
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

// A call counts only when all of its destinations were accepted, and calls share none.
func TestLegacyCallsCountWhole(t *testing.T) {
	type call struct {
		Messages []struct {
			Destinations, IDs []string
			Sender, Body      string
		}
	}
	var mu sync.Mutex
	seen := map[string]bool{}
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c call
		mu.Lock()
		defer mu.Unlock()
		if err := json.NewDecoder(r.Body).Decode(&c); err != nil || len(c.Messages) != 1 || len(c.Messages[0].IDs) != 3 || c.Messages[0].Body == "" {
			t.Errorf("%v, %+v", err, c)
		}
		for i, to := range c.Messages[0].Destinations {
			if seen[to] || seen[c.Messages[0].IDs[i]] {
				t.Errorf("%s twice", to)
			}
			seen[to], seen[c.Messages[0].IDs[i]] = true, true
		}
		calls++
		_, _ = fmt.Fprintf(w, `{"processedMessages":%d,"accepted":true}`, 2+calls%2)
	}))
	defer server.Close()
	target := Legacy(strings.TrimPrefix(server.URL, "http://"), "key", 3, true)
	result, err := Run(t.Context(), target, Plan{Connections: 2, Rate: 500, Duration: 100 * time.Millisecond})
	if err != nil || calls < 2 || len(result.Accepted) != (calls+1)/2 || result.Status[200] != calls/2 || len(seen) != 6*calls {
		t.Errorf("%v, %d calls, %+v, %d seen", err, calls, result, len(seen))
	}
}
