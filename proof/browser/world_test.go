package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/proof/server"
)

// What looks at the pages, and what judges them.
const (
	playwrightVersion = "1.65.1"
	axeVersion        = "4.14.1"
)

// built is the binary; the first test that needs it builds it.
var built struct {
	once   sync.Once
	folder string
	binary string
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

func binary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "staffetta-browser-"); built.err == nil {
			built.binary, built.err = server.Build(context.Background(), built.folder)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.binary
}

// tools is where the foreign programs are, as the scripts are told.
type tools struct {
	Chromium    string `json:"chromium"`
	Playwright  string `json:"playwright"`
	Axe         string `json:"axe"`
	Screenshots string `json:"screenshots"`
	Base        string `json:"base"`
}

func newTools(t *testing.T, address string) tools {
	t.Helper()
	found := tools{
		Chromium:    peertest.Program(t, "chromium", "chromium"),
		Playwright:  peertest.NodePackage(t, "playwright-core", playwrightVersion),
		Axe:         peertest.NodePackage(t, "axe-core", axeVersion),
		Screenshots: os.Getenv("STAFFETTA_SCREENSHOTS"),
		Base:        "http://" + address,
	}
	if found.Screenshots != "" && !filepath.IsAbs(found.Screenshots) {
		t.Fatal("STAFFETTA_SCREENSHOTS must be an absolute path")
	}
	return found
}

// patience is how long a script may take. One that hangs is stopped, and shows what it said so far.
const patience = 8 * time.Minute

// run runs a script of this folder with settings on its standard input, and returns its lines.
func run[Line any](t *testing.T, script string, settings any) (lines []Line) {
	t.Helper()
	input, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	node := exec.CommandContext(ctx, "node", script)
	node.Stdin = bytes.NewReader(input)
	node.WaitDelay = 10 * time.Second
	var stderr bytes.Buffer
	node.Stderr = &stderr
	output, err := node.Output()
	if err != nil {
		t.Fatalf("node %s: %v\n%s\n%s", script, err, output, stderr.Bytes())
	}
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		var line Line
		if err := decoder.Decode(&line); err != nil {
			t.Fatalf("%s says %q: %v", script, output, err)
		}
		lines = append(lines, line)
	}
	return lines
}

// start starts a server on a data folder of its own; it ends with the test.
func start(t *testing.T, flags ...string) *server.Server {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real program and a browser; not with -short")
	}
	s, err := server.New(t.Context(), binary(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.Flags = flags
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}
