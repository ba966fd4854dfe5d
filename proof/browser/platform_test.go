package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/server"
)

// platform is a server with an account that has something on every page, and somebody of each role.
type platform struct {
	*testing.T
	*server.Server
	account server.Account
	people  map[string]*person // by role
	hook    *hook

	invitation     string // the token of a link that is open
	keyID, eventID string
}

// password is everybody's; no page shows it.
const password = "correct-horse-battery"

// newPlatform makes one. The server allows webhooks to this machine.
func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{T: t, Server: start(t, "--webhook-allow-private"), people: map[string]*person{}, hook: newHook(t)}
	p.do("carrier", "add", "practice", "--practice", "--default")
	p.do("price", "set", "+39", "0.035")
	var err error
	if p.account, err = p.CreateAccount(t.Context(), "acme", 100*sms.Euro); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"owner", "developer", "sender", "viewer"} {
		p.let(role, "--account", "acme", "--role", role)
	}
	p.let("operator", "--operator")
	made := p.do("user", "create", "invited@example.com", "--account", "acme", "--role", "viewer", "--url", "http://"+p.Addr)
	_, after, _ := strings.Cut(made, "token=")
	p.invitation = strings.Fields(after + " ")[0]
	return p
}

// let lets somebody of a role sign in.
func (p *platform) let(role string, flags ...string) {
	p.Helper()
	somebody := &person{Email: role + "@example.com", Password: password}
	p.with(strings.NewReader(password+"\n"), append([]string{"user", "create", somebody.Email, "--password-stdin"}, flags...)...)
	p.people[role] = somebody
}

// do runs a command, which must succeed.
func (p *platform) do(args ...string) string {
	p.Helper()
	return p.with(nil, args...)
}

func (p *platform) with(in io.Reader, args ...string) string {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, p.Binary, append(args, "--data", p.Data)...)
	command.Env, command.Stdin = []string{"PATH=" + os.Getenv("PATH")}, in
	out, err := command.CombinedOutput()
	if err != nil {
		p.Fatalf("staffetta %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// call makes a request of the API with the account's key, which must be answered well.
func (p *platform) call(method, path string, body any) map[string]any {
	p.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		p.Fatal(err)
	}
	request, err := http.NewRequestWithContext(p.Context(), method, "http://"+p.Addr+path, bytes.NewReader(content))
	if err != nil {
		p.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", p.account.APIKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		p.Fatalf("%s %s: %s %v\n%s", method, path, response.Status, err, answer)
	}
	if bytes.HasPrefix(answer, []byte("[")) { // of an array, the first
		var all []map[string]any
		if err := json.Unmarshal(answer, &all); err != nil || len(all) == 0 {
			p.Fatalf("%s %s: %v\n%s", method, path, err, answer)
		}
		return all[0]
	}
	var object map[string]any
	_ = json.Unmarshal(answer, &object) // perhaps nothing: then nobody asked for it
	return object
}

// send sends a message and answers its id.
func (p *platform) send(fields map[string]any) (id string) {
	p.Helper()
	message := map[string]any{"sender": "MyCompany", "destination": "+393401234567", "body": "Hello"}
	for name, value := range fields {
		message[name] = value
	}
	return p.call(http.MethodPost, "/api/message-server/sms/send", message)["messageId"].(string)
}

// furnish puts something on every page. It answers the id of a message whose life has much to tell.
func (p *platform) furnish() (message string) {
	p.Helper()
	p.do("account", "create", "other", "--credit", "2.5", "--plan", "trial")
	p.do("account", "create", "closed", "--credit", "0")
	p.do("account", "suspend", "closed")
	p.do("carrier", "add", "north", "--smpp", "smpp://staffetta:secret@127.0.0.1:9/") // nobody listens: it is down
	p.do("route", "add", "--carrier", "north", "--prefix", "+41", "--priority", "10")
	p.do("number", "add", "48883", "acme")
	p.do("opt-out", "add", "acme", "+393409999999")
	p.do("sender", "add", "acme", "MyCompany", "--country", "IT,DE")
	p.do("sender-rule", "set", "US", "numeric", "--note", "handbook of the carrier")
	p.do("price", "set", "--account", "acme", "+39340", "0.0312")
	p.do("key", "create", "acme", "--name", "web shop", "--operations", "SMS", "--expires", "90d")
	p.call(http.MethodPost, "/api/partner-gateway/v1/webhooks/delivery-status", map[string]any{"callbackUrl": p.hook.url + "/hook"})
	for i := range 24 {
		p.send(map[string]any{"destination": fmt.Sprintf("+3934012345%02d", i%12), "campaignId": "spring",
			"body": fmt.Sprintf("Your order %d is on its way.", 1000+i)})
	}
	p.send(map[string]any{"destination": "+393401234509", "sender": "48883", "body": "Is Tuesday fine? Answer with yes or no."})
	p.send(map[string]any{"destination": "+393409999999", "body": "refused: opted out"})
	p.send(map[string]any{"destination": "+41791234567", "body": "waits for its carrier"})
	p.send(map[string]any{"body": "later", "scheduledDate": time.Now().Add(48 * time.Hour).Format(time.RFC3339)})
	message = p.send(map[string]any{"destination": "+393401234505", "campaignId": "spring", "priority": "high",
		"body": "Gentile cliente, l’ordine è in consegna… " + strings.Repeat("Grazie per la fiducia. ", 5)})
	p.await(message)
	p.keyID = p.call(http.MethodGet, "/api/partner-gateway/v1/authentication", nil)["id"].(string)
	p.eventID = p.call(http.MethodGet, "/api/partner-gateway/v1/webhooks/delivery-status/events?status=DELIVERED", nil)["eventId"].(string)
	return message
}

// await waits until a message has its last status.
func (p *platform) await(id string) {
	p.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); <-tick.C {
		found, err := p.Messages(p.Context(), p.account.APIKey, []string{id})
		if err != nil {
			p.Fatal(err)
		}
		if len(found) == 1 && found[0].Status != "SENT" && found[0].Status != "RECEIVED" {
			return
		}
	}
	p.Fatalf("message %s has no last status", id)
}

// hook is a receiver of webhooks that can be broken.
type hook struct {
	url    string
	broken atomic.Bool
	took   atomic.Int64
}

// newHook makes one: events go to /hook, a POST to /mend mends it, and /took says how many events it has taken.
func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hook", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if h.broken.Load() {
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		h.took.Add(1)
	})
	mux.HandleFunc("POST /mend", func(http.ResponseWriter, *http.Request) { h.broken.Store(false) })
	mux.HandleFunc("GET /took", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, h.took.Load()) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}
