// Package examples holds client programs in other languages. Its tests run each against a server of their own.
package examples

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
)

// world is a server with one account, and a carrier that confirms everything.
type world struct {
	server  *server.Server
	account server.Account
	carrier *sink.Sink
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	binary, err := server.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{}
	if w.carrier, err = sink.Listen(t.Context(), "127.0.0.1:0", sink.Options{Receipts: true}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = w.carrier.Run(ctx) })
	t.Cleanup(func() { stop(); serving.Wait() })
	if w.server, err = server.New(t.Context(), binary, dir); err != nil {
		t.Fatal(err)
	}
	if err := w.server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.server.Kill)
	if w.account, err = w.server.CreateAccount(t.Context(), "demo", 10*sms.Euro); err != nil {
		t.Fatal(err)
	}
	if err := w.server.AddCarrier(t.Context(), "main", w.carrier.Addr(), 10); err != nil {
		t.Fatal(err)
	}
	return w
}

// run runs a program with the interpreter that its name asks for.
func (w *world) run(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	var interpreter []string
	switch filepath.Ext(program) {
	case ".sh":
		peertest.Program(t, "curl", "curl")
		interpreter = []string{peertest.Program(t, "dash", "sh")}
	case ".mjs":
		interpreter = []string{peertest.Program(t, "nodejs", "node")}
	case ".py":
		interpreter = []string{python(t)}
	case ".php":
		interpreter = []string{php(t)}
	}
	command := exec.CommandContext(t.Context(), interpreter[0], append([]string{program}, arguments...)...)
	command.Env = append(os.Environ(), "STAFFETTA_URL=http://"+w.server.Addr, "STAFFETTA_KEY="+w.account.APIKey,
		"STAFFETTA_USERNAME="+w.account.Username, "STAFFETTA_PASSWORD="+w.account.Password)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", program, err, output, complaints.Bytes())
	}
	return string(output)
}

// await waits until the carrier has taken n messages.
func (w *world) await(t *testing.T, n int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for w.carrier.Journal.Len() < n {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the carrier has %d messages, want %d", w.carrier.Journal.Len(), n)
		}
	}
}

// python is the interpreter that has the requests library: Debian's, when another comes first in the path.
func python(t *testing.T) string {
	t.Helper()
	const debian = "/usr/bin/python3"
	if exec.CommandContext(t.Context(), debian, "-c", "import requests").Run() != nil {
		peertest.Install(t, "python3-requests")
	}
	return debian
}

// php is the interpreter with the curl extension.
func php(t *testing.T) string {
	t.Helper()
	found := peertest.Program(t, "php-cli", "php")
	if exec.CommandContext(t.Context(), found, "-r", "exit(extension_loaded('curl') ? 0 : 1);").Run() != nil {
		peertest.Install(t, "php-curl")
	}
	return found
}

func TestExamplesSendAndSeeTheirMessageDelivered(t *testing.T) {
	w := newWorld(t)
	programs := []string{"shell/send-with-key.sh", "shell/send-with-basic.sh", "node/send-with-key.mjs", "node/send-with-basic.mjs",
		"python/send_with_key.py", "python/send_with_basic.py", "php/send-with-key.php", "php/send-with-basic.php"}
	for i, program := range programs {
		t.Run(program, func(t *testing.T) {
			destination := fmt.Sprintf("+39340123450%d", i)
			output := w.run(t, program, destination, "Hello from "+filepath.Ext(program))
			lines := strings.Split(strings.TrimSpace(output), "\n")
			var status struct{ Destination, DeliveryStatus string }
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &status); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			if status.Destination != destination || status.DeliveryStatus != "DELIVERED" {
				t.Errorf("the last line is %s", lines[len(lines)-1])
			}
		})
	}
}

// One call to three destinations, of which one is none.
func TestExampleSendsMany(t *testing.T) {
	w := newWorld(t)
	output := w.run(t, "shell/send-many.sh", "Hello to all", "+393401234511", "12", "+393401234512")
	lines := strings.Split(strings.TrimSpace(output), "\n")
	var answer struct {
		ProcessedMessages int
		Results           []struct {
			ID         string
			StatusCode int
		}
	}
	if err := json.Unmarshal([]byte(lines[0]), &answer); err != nil || len(lines) != 2 || !strings.HasPrefix(lines[1], `{"credit":`) {
		t.Fatalf("%v\n%s", err, output)
	}
	if r := answer.Results; answer.ProcessedMessages != 2 || len(r) != 3 || r[0].StatusCode != 200 || r[1].StatusCode != 400 || r[2].ID == "" {
		t.Errorf("%s", lines[0])
	}
	w.await(t, 2)
}

// The document that the product started from shows eight programs, four languages with a key and with Basic. They
// must work with nothing changed but the host and the credentials.
func TestSeedProgramsReachTheCarrier(t *testing.T) {
	w := newWorld(t)
	programs, err := filepath.Glob("testdata/seed/*")
	if err != nil || len(programs) != 8 {
		t.Fatalf("%d programs, want 8: %v", len(programs), err)
	}
	credentials := w.account.Username + ":" + w.account.Password
	adapt := strings.NewReplacer(
		"https://lora-api.agiletelecom.com", "http://"+w.server.Addr,
		"YOUR_API_KEY", w.account.APIKey,
		"dXNlcm5hbWU6cGFzc3dvcmQ=", base64.StdEncoding.EncodeToString([]byte(credentials)),
		"username:password", credentials,
		`("username", "password")`, fmt.Sprintf("(%q, %q)", w.account.Username, w.account.Password),
	)
	for _, program := range programs {
		t.Run(filepath.Base(program), func(t *testing.T) {
			text, err := os.ReadFile(program)
			if err != nil {
				t.Fatal(err)
			}
			adapted := filepath.Join(t.TempDir(), filepath.Base(program))
			if err := os.WriteFile(adapted, []byte(adapt.Replace(string(text))), 0o600); err != nil {
				t.Fatal(err)
			}
			before := w.carrier.Journal.Len()
			output := w.run(t, adapted)
			if !strings.Contains(output, "messageId") {
				t.Fatalf("it printed %s", output)
			}
			w.await(t, before+1)
			sent := w.carrier.Journal.Entries()
			if len(sent) != before+1 || sent[before].Destination != 393401234567 {
				t.Errorf("the carrier has %+v", sent[before:])
			}
		})
	}
}
