package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/peertest"
)

// TestGuides runs the commands of each guide, as one script, and looks for what the guide says will be answered.
func TestGuides(t *testing.T) {
	for guide, want := range map[string][]string{
		"send.md":           {`"simulation":true`, `"encoding":"GSM-7"`, `"accepted":true`, `"deliveryStatus":"DELIVERED"`},
		"batch.md":          {`"id":"s-1","accepted":true,"statusCode":200`, `"accepted":false,"statusCode":400`, `"customerMessageId":"s-2"`},
		"schedule.md":       {`"scheduledDate":`, `cancelled`},
		"receive.md":        {"48123 coffee is demo's", `"secret":"whsec_`},
		"verify-webhook.md": {`"secret":"whsec_`, `"replayed":0`},
	} {
		t.Run(guide, func(t *testing.T) {
			w := newWorld(t)
			output := w.run(t, w.script(t, guide))
			for _, text := range want {
				if !strings.Contains(output, text) {
					t.Errorf("%s is not in what it answers:\n%s", text, output)
				}
			}
		})
	}
}

// script is the blocks of a guide for the shell, in a folder where `staffetta` is the program under test.
func (w *world) script(t *testing.T, guide string) string {
	t.Helper()
	peertest.Program(t, "curl", "curl")
	page, err := os.ReadFile(filepath.Join("..", "docs", "guides", guide))
	if err != nil {
		t.Fatal(err)
	}
	text := "set -eu\nstaffetta() { '" + w.server.Binary + "' \"$@\" --data '" + w.server.Data + "'; }\n"
	blocks := strings.Split(string(page), "```sh\n")
	if len(blocks) < 2 {
		t.Fatal("there is no block for the shell")
	}
	for _, block := range blocks[1:] {
		commands, _, closed := strings.Cut(block, "```")
		if !closed {
			t.Fatal("a block has no end")
		}
		text += commands + "echo\n"
	}
	script := filepath.Join(t.TempDir(), "guide.sh")
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return script
}
