package outbox

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/internal/sms"
)

// signed is one request as a receiver sees it.
type signed struct {
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// requests are those of one event: as it is, by the old secret of an overlap, and three that a receiver must refuse.
func requests(t *testing.T) (all []signed, want []string) {
	t.Helper()
	r := newReceiver(t, nil)
	fresh, old := newSecret(), newSecret()
	hook := &sms.Webhook{URL: r.URL, Secret: fresh, OldSecret: old, OldUntil: time.Now().Add(time.Hour)}
	body, err := (&Outbox{ids: testIDs}).body(&sms.Event{State: sms.Delivered, Message: &sms.Message{ID: 1 << 22, Sender: "Città €", Parts: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if got := newSender(true).post(t.Context(), hook, "evt_1", body); got.failure != "" {
		t.Fatal(got.failure)
	}
	got := r.next(t)
	add := func(secret []byte, body string, expect string) {
		headers := map[string]string{}
		for name := range got.header {
			headers[strings.ToLower(name)] = got.header.Get(name)
		}
		all, want = append(all, signed{ShownSecret(secret), headers, body}), append(want, expect)
	}
	add(fresh, string(got.body), "ok")
	add(old, string(got.body), "ok")
	add(newSecret(), string(got.body), "refused")
	add(fresh, strings.Replace(string(got.body), "DELIVERED", "EXPIRED", 1), "refused")
	add(fresh, string(got.body), "refused")
	all[len(all)-1].Headers["webhook-timestamp"] = "1700000000"
	return all, want
}

func TestPeer_standardwebhooks(t *testing.T) { verifyWith(t, "standardwebhooks", "1.1.1") }
func TestPeer_svix(t *testing.T)             { verifyWith(t, "svix", "2.5.0") }

// verifyWith has a package that others wrote verify our requests.
func verifyWith(t *testing.T, name, version string) {
	folder := peertest.NodePackage(t, name, version)
	all, want := requests(t)
	var lines bytes.Buffer
	for _, r := range all {
		if err := json.NewEncoder(&lines).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "standardwebhooks.mjs"), folder, name)
	node.Stdin = &lines
	output, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var got []string
	for line := range strings.Lines(string(output)) {
		verdict, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		got = append(got, verdict)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, output)
	}
}
