package outbox

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/peertest"
)

// language is how an example of docs/webhooks.md is made a program that reads an array of signed and prints true or false
// for each.
type language struct {
	fence, program, file, before, after string
	run                                 []string
}

var languages = []language{
	{"js", "node", "v.cjs", "", `
for (const r of JSON.parse(require("fs").readFileSync(0))) console.log(verify(r.secret, r.headers, r.body));`, nil},
	{"python", "python3", "v.py", "import json, sys\n", `
for r in json.load(sys.stdin):
    print(str(verify(r["secret"], r["headers"], r["body"].encode())).lower())`, nil},
	{"php", "php", "v.php", "<?php\n", `
foreach (json_decode(file_get_contents('php://stdin'), true) as $r)
    echo verify($r['secret'], $r['headers'], $r['body']) ? "true\n" : "false\n";`, nil},
	{"go", "go", "v.go", `package main

import ("crypto/hmac"; "crypto/sha256"; "encoding/base64"; "encoding/json"; "fmt"; "net/http"; "os"; "strconv"; "strings"; "time")
`, `
func main() {
	var all []struct { Secret, Body string; Headers map[string]string }
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil { panic(err) }
	for _, r := range all {
		h := http.Header{}
		for name, value := range r.Headers { h.Set(name, value) }
		fmt.Println(verify(r.Secret, h, []byte(r.Body)))
	}
}`, []string{"run"}},
}

// The examples of docs/webhooks.md take what we send, by the new secret and the old one, and refuse what was changed.
func TestExamplesVerify(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "webhooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	all, want := requests(t)
	for i := range want {
		want[i] = map[bool]string{true: "true", false: "false"}[want[i] == "ok"]
	}
	input, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range languages {
		t.Run(l.fence, func(t *testing.T) {
			if _, err := exec.LookPath(l.program); err != nil {
				peertest.Absent(t, l.program, err)
			}
			_, rest, _ := strings.Cut(string(page), "```"+l.fence+"\n")
			example, _, found := strings.Cut(rest, "```")
			if !found {
				t.Fatal("there is no example")
			}
			file := filepath.Join(t.TempDir(), l.file)
			if err := os.WriteFile(file, []byte(l.before+example+l.after), 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), l.program, append(l.run, file)...)
			command.Stdin = strings.NewReader(string(input))
			output, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			if diff := cmp.Diff(want, strings.Fields(string(output))); diff != "" {
				t.Errorf("%s\n%s", diff, output)
			}
		})
	}
}
