package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/marker"
)

// reply is an answer of the door for sending.
type reply struct {
	status     int
	retryAfter string
	text       string
	accepted   bool
	reasons    []string
}

// send sends message n and reads the answer.
func (w *world) send(ctx context.Context, n uint64) (reply, error) {
	body := fmt.Sprintf(`{"destination":"+%d","sender":"Staffetta","body":%q,"messageId":%q}`,
		marker.Destination(n), marker.AppendText(nil, n), marker.ID(n))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.server.Addr+"/api/message-server/sms/send", strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("X-Api-Key", w.account.APIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	got := reply{status: response.StatusCode, retryAfter: response.Header.Get("Retry-After"), text: string(text)}
	if err != nil || got.status != http.StatusOK {
		return got, err
	}
	var answer struct {
		Results struct {
			SMS struct {
				Accepted bool
				Reasons  []string
			}
		}
	}
	err = json.Unmarshal(text, &answer)
	got.accepted, got.reasons = answer.Results.SMS.Accepted, answer.Results.SMS.Reasons
	return got, err
}

// TestHundredSpenders lets 100 clients spend at once what is enough for 50.
func TestHundredSpenders(t *testing.T) {
	const clients, enough = 100, 50
	price := 20 * sms.Euro / 1000
	w := newWorld(t, setting{credit: enough * price, price: price})
	replies, errs := make([]reply, clients), make([]error, clients)
	gun := make(chan struct{})
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			<-gun
			replies[i], errs[i] = w.send(t.Context(), uint64(i))
		})
	}
	close(gun)
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	accepted, refused := 0, 0
	for i, r := range replies {
		switch {
		case r.status == http.StatusOK && r.accepted:
			accepted++
		case r.status == http.StatusOK && len(r.reasons) == 1 && r.reasons[0] == "INSUFFICIENT_CREDIT":
			refused++
		default:
			t.Errorf("client %d: %d %s", i, r.status, r.text)
		}
	}
	if accepted != enough || refused != clients-enough {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
	w.drain()
	if balance := w.balance(); balance != (sms.Balance{}) {
		t.Errorf("credit left: %+v", balance)
	}
	if at := w.carrier.Journal.Len(); at != enough {
		t.Errorf("%d at the carrier", at)
	}
}
