package proof

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/server"
)

const (
	contractFile   = "../api/openapi.yaml"
	portmanFile    = "../api/portman.json"
	collectionFile = "../api/staffetta.postman_collection.json"
)

var update = flag.Bool("update", false, "write api/staffetta.postman_collection.json anew")

// TestPeer_redocly has the description of the API judged by a linter.
func TestPeer_redocly(t *testing.T) {
	folder := peertest.NodePackage(t, "@redocly/cli", "1.34.5")
	lint := exec.CommandContext(t.Context(), filepath.Join(folder, "node_modules/.bin/redocly"), "lint", "--max-problems=1000",
		"--config", "../api/redocly.yaml", contractFile)
	lint.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	output, err := lint.CombinedOutput()
	if err != nil || bytes.Contains(output, []byte("warning")) {
		t.Fatalf("%v\n%s", err, output)
	}
}

// TestPeer_portman sends every request of the description to the real program, and requests that lack a field or have a
// wrong key; Portman makes them of the description and judges the answers by it, newman sends them.
func TestPeer_portman(t *testing.T) {
	folder := peertest.NodePackage(t, "@apideck/portman", "1.33.0", "tslib@2.8.1")
	contract, config := absolute(t, contractFile), absolute(t, portmanFile)
	s, err := server.New(t.Context(), binary(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	account, err := s.CreateAccount(t.Context(), "contract", 1000*sms.Euro)
	if err != nil {
		t.Fatal(err)
	}
	portman := exec.CommandContext(t.Context(), filepath.Join(folder, "node_modules/.bin/portman"), "-l", contract,
		"-b", "http://"+s.Addr, "-c", config, "-o", "collection.json", "-n")
	portman.Dir = t.TempDir()
	portman.Env = append(os.Environ(), "PORTMAN_API_KEY="+account.APIKey)
	output, err := portman.CombinedOutput()
	passed, failed := bytes.Count(output, []byte("✓")), failures.FindAllString(string(output), -1)
	if err != nil || len(failed) > 0 || passed < 200 {
		t.Fatalf("%v; %d passed; failed: %s\n%s", err, passed, strings.Join(failed, "\n"), output)
	}
	t.Logf("%d assertions passed", passed)
}

// failures are the lines in which newman names what failed.
var failures = regexp.MustCompile(`(?m)^ +\d+\. .*$`)

func absolute(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

// TestPostmanCollection holds the collection for Postman to the description that it is made of.
func TestPostmanCollection(t *testing.T) {
	folder := peertest.NodePackage(t, "openapi-to-postmanv2", "6.3.3")
	made := filepath.Join(t.TempDir(), "collection.json")
	convert := exec.CommandContext(t.Context(), filepath.Join(folder, "node_modules/.bin/openapi2postmanv2"), "-s", contractFile,
		"-o", made, "-O", "folderStrategy=Tags,parametersResolution=Example")
	if output, err := convert.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var collection map[string]any
	text, err := os.ReadFile(made)
	if err == nil {
		err = json.Unmarshal(text, &collection)
	}
	if err != nil {
		t.Fatal(err)
	}
	strip(collection)
	collection["variable"] = []any{
		map[string]any{"key": "baseUrl", "value": "http://127.0.0.1:8080"},
		map[string]any{"key": "apiKey", "value": ""},
	}
	want, err := json.MarshalIndent(collection, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(collectionFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(collectionFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("make it anew: go test -run TestPostmanCollection ./proof -update\n%s", diff)
	}
}

// strip takes away what differs each time, and the examples of answers, which the description has.
func strip(value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range []string{"id", "_postman_id", "response"} {
			delete(v, name)
		}
		for _, member := range v {
			strip(member)
		}
	case []any:
		for _, member := range v {
			strip(member)
		}
	}
}
