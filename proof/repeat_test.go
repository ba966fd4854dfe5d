package proof

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// TestHundredEqualRequests: 100 clients send the same at once, by messageId and by Idempotency-Key. It is one message.
func TestHundredEqualRequests(t *testing.T) {
	w := newWorld(t, setting{credit: sms.Euro, price: 10_000})
	w.equalRequests([]string{w.server.Addr})
}

// … also when they come to two servers of a database.
func TestHundredEqualRequestsToTwoServers(t *testing.T) {
	c := newCluster(t, setting{credit: sms.Euro, price: 10_000, url: postgres(t, "max_connections=200").URL()}, 2)
	c.equalRequests([]string{c.nodes[0].Addr, c.nodes[1].Addr})
}

func (w *world) equalRequests(servers []string) {
	w.Helper()
	const clients = 100
	for round, how := range []string{"messageId", "Idempotency-Key"} {
		body, key := `{"destination":"+393401234567","sender":"Staffetta","body":"once"`, ""
		if how == "messageId" {
			body += `,"messageId":"once"`
		} else {
			key = "once"
		}
		replayed, ids, errs := make([]bool, clients), make([]string, clients), make([]error, clients)
		gun := make(chan struct{})
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				<-gun
				replayed[i], ids[i], errs[i] = w.sendEqual(servers[i%len(servers)], body+"}", key)
			})
		}
		close(gun)
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			w.Fatalf("%s: %v", how, err)
		}
		first := 0
		for i := range clients {
			if !replayed[i] {
				first++
			}
			if ids[i] != ids[0] {
				w.Errorf("%s: one is answered with %s, another with %s", how, ids[0], ids[i])
			}
		}
		if first != 1 {
			w.Errorf("%s: %d of %d are new", how, first, clients)
		}
		w.drain()
		if at := w.carrier.Journal.Len(); at != round+1 {
			w.Errorf("%s: %d messages at the carrier, want %d", how, at, round+1)
		}
		if b := w.balance(); b.Credit != sms.Euro-sms.Money(round+1)*10_000 || b.Reserved != 0 {
			w.Errorf("%s: %+v", how, b)
		}
	}
}

// sendEqual sends a body, and answers whether it was a repetition and the id.
func (w *world) sendEqual(server, body, key string) (replayed bool, id string, err error) {
	request, err := http.NewRequestWithContext(w.Context(), http.MethodPost, "http://"+server+"/api/message-server/sms/send", strings.NewReader(body))
	if err != nil {
		return false, "", err
	}
	request.Header.Set("X-Api-Key", w.account.APIKey)
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, "", err
	}
	defer response.Body.Close()
	var answer [4096]byte
	n, _ := response.Body.Read(answer[:])
	text := string(answer[:n])
	if response.StatusCode != http.StatusOK || !strings.Contains(text, `"accepted":true`) {
		return false, "", fmt.Errorf("%d %s", response.StatusCode, text)
	}
	_, id, _ = strings.Cut(text, `"messageId":"`)
	id, _, _ = strings.Cut(id, `"`)
	return response.Header.Get("Idempotent-Replayed") == "true", id, nil
}
