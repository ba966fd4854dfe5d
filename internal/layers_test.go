// Package internal_test holds the rules of the house about all packages: who may import whom, and how large a file
// and a function may be.
package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/staffetta/staffetta"

// graph is what each package of the module imports; packages of the module without its path in front, "internal/sms".
type graph map[string][]string

// The layers, as far as they exist. A package below one of them belongs to it.
var (
	pure    = []string{"gsm", "smpp", "internal/sms"}
	library = []string{"gsm", "smpp"} // of use to programs other than this one
	doors   = []string{"internal/httpapi", "internal/smppapi", "internal/console"}
	steps   = []string{"internal/intake", "internal/dispatch", "internal/receipt", "internal/outbox", "internal/status", "internal/settings", "internal/route", "internal/export", "internal/optout", "internal/lookup", "internal/people", "internal/traffic"}
	top     = []string{"cmd", "proof", "examples"} // programs: nothing imports them
)

// aids are packages of tests; no program may contain them.
var aids = []string{"smpp/smpptest", "internal/store/storetest", "internal/pgtest", "internal/peertest"}

// rule says why one package may not import another; the empty text: it may.
type rule func(from, to string) string

var rules = []rule{
	func(from, to string) string {
		return forbid(isIn(from, pure) && !standard(to) && !isIn(to, []string{root(from, pure)}), "imports the standard library only")
	},
	func(from, to string) string {
		return forbid(isIn(from, library) && strings.HasPrefix(to, "internal"), "is of use to other programs and imports nothing internal")
	},
	func(from, to string) string {
		return forbid(isIn(from, doors) && isIn(to, doors) && root(from, doors) != root(to, doors), "is a door, and doors know nothing of each other")
	},
	func(from, to string) string {
		return forbid(isIn(from, doors) && isIn(to, []string{"internal/store"}), "is a door, and doors do not know the store")
	},
	func(from, to string) string {
		return forbid(isIn(from, doors) && isIn(to, []string{"internal/carrier"}), "is a door, and doors do not know carriers")
	},
	func(from, to string) string {
		return forbid(isIn(from, steps) && isIn(to, doors), "is a step, and steps know no door")
	},
	func(from, to string) string {
		return forbid(isIn(from, steps) && isIn(to, []string{"internal/carrier"}), "is a step, and steps know no kind of carrier")
	},
	func(from, to string) string {
		return forbid(isIn(from, []string{"internal/store"}) && (isIn(to, steps) || isIn(to, doors) || isIn(to, []string{"internal/auth", "internal/carrier", "internal/admin"})),
			"is the store, which knows no step, no door and no carrier")
	},
	func(from, to string) string {
		return forbid(isIn(from, []string{"internal/directory"}) && !standard(to) && !slices.Contains([]string{"internal/sms", "internal/country"}, to), "is vocabulary: it imports sms only")
	},
	func(from, to string) string {
		return forbid(isIn(to, top) && root(from, top) != root(to, top), "imports a program; only cmd imports everything, and nothing imports cmd")
	},
	func(from, to string) string {
		return forbid(isIn(to, aids) && !isIn(from, aids) && !isIn(from, top), "imports an aid of tests outside of a test")
	},
	func(from, to string) string {
		return forbid(isIn(to, aids) && isIn(from, []string{"cmd"}), "is a program and imports an aid of tests")
	},
	func(from, to string) string {
		return forbid(!isIn(from, []string{"internal/store"}) && (to == "database/sql" || strings.Contains(to, "sqlite") || strings.Contains(to, "pgx")) && !isIn(from, top) && !isIn(from, aids),
			"knows which database there is; only the store does")
	},
}

func forbid(broken bool, why string) string {
	if broken {
		return why
	}
	return ""
}

// root is the layer's member to which a package belongs; empty: none.
func root(path string, layer []string) string {
	for _, member := range layer {
		if path == member || strings.HasPrefix(path, member+"/") {
			return member
		}
	}
	return ""
}

func isIn(path string, layer []string) bool { return root(path, layer) != "" }

// ours reports whether a path is of this module: they were cut, so it is one of the folders at its top.
func ours(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains([]string{"api", "cmd", "examples", "gsm", "internal", "proof", "smpp"}, first)
}

// standard reports whether a package is of the standard library: its path does not begin with a host.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !ours(path) && !strings.Contains(first, ".")
}

// violations names every import that a rule forbids, in order.
func violations(g graph) (broken []string) {
	for from, imports := range g {
		for _, to := range imports {
			for _, r := range rules {
				if why := r(from, to); why != "" {
					broken = append(broken, fmt.Sprintf("%s imports %s: it %s", from, to, why))
				}
			}
		}
	}
	slices.Sort(broken)
	return slices.Compact(broken)
}

// listed is what `go list` says of a package. Imports are not those of its tests: these may have any aid.
type listed struct {
	ImportPath string
	Dir        string
	Doc        string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) (all []listed) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Doc,GoFiles,Imports", "./...")
	command.Dir = ".."
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
}

func cutModule(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

func TestWhoMayImportWhom(t *testing.T) {
	g := graph{}
	for _, p := range packages(t) {
		from := cutModule(p.ImportPath)
		if !ours(from) {
			t.Errorf("the rules do not know where %q stands", p.ImportPath)
		}
		for _, to := range p.Imports {
			g[from] = append(g[from], cutModule(to))
		}
	}
	for _, known := range []string{"gsm", "smpp", "internal/sms", "internal/intake", "internal/store", "internal/httpapi", "cmd/staffetta"} {
		if len(g[known]) == 0 {
			t.Errorf("the package %s is not found: the rules hold of nothing", known)
		}
	}
	for _, broken := range violations(g) {
		t.Error(broken)
	}
}

func TestTheRulesCanBeBroken(t *testing.T) {
	for _, test := range []struct{ from, to, why string }{
		{"gsm", "golang.org/x/text/width", "standard library only"},
		{"gsm", "internal/sms", "nothing internal"},
		{"smpp", "gsm", "standard library only"},
		{"smpp/smpptest", "internal/sms", "nothing internal"},
		{"internal/sms", "gsm", "standard library only"},
		{"internal/httpapi", "internal/smppapi", "each other"},
		{"internal/console", "internal/httpapi", "each other"},
		{"internal/httpapi", "internal/store", "do not know the store"},
		{"internal/smppapi", "internal/store/storetest", "do not know the store"},
		{"internal/httpapi", "internal/carrier/smpp", "do not know carriers"},
		{"internal/intake", "internal/httpapi", "steps know no door"},
		{"internal/status", "internal/console", "steps know no door"},
		{"internal/outbox", "internal/smppapi", "steps know no door"},
		{"internal/dispatch", "internal/carrier/smpp", "no kind of carrier"},
		{"internal/store", "internal/intake", "knows no step"},
		{"internal/store", "internal/httpapi", "no door"},
		{"internal/store/storetest", "internal/receipt", "knows no step"},
		{"internal/directory", "internal/store", "imports sms only"},
		{"internal/admin", "cmd/staffetta", "imports a program"},
		{"cmd/staffetta", "proof/load", "imports a program"},
		{"internal/store", "smpp/smpptest", "aid of tests"},
		{"cmd/staffetta", "smpp/smpptest", "aid of tests"},
		{"internal/admin", "database/sql", "which database"},
		{"internal/intake", "modernc.org/sqlite", "which database"},
		{"internal/admin", "github.com/jackc/pgx/v5", "which database"},
	} {
		got := strings.Join(violations(graph{test.from: {"fmt", test.to}}), "\n")
		if !strings.Contains(got, test.from+" imports "+test.to) || !strings.Contains(got, test.why) || strings.Contains(got, "imports fmt") {
			t.Errorf("%s → %s is reported as %q, want %q", test.from, test.to, got, test.why)
		}
	}
}

func TestTheRulesAllowTheDesign(t *testing.T) {
	allowed := graph{
		"gsm": {"unicode/utf8", "errors"}, "smpp": {"net", "encoding/binary"}, "smpp/smpptest": {"smpp", "net"}, "internal/sms": {"crypto/hmac"},
		"internal/store":         {"internal/sms", "internal/directory", "database/sql", "modernc.org/sqlite", "github.com/pressly/goose/v3"},
		"internal/directory":     {"internal/sms", "sync"},
		"internal/intake":        {"internal/store", "internal/auth", "internal/sms", "gsm"},
		"internal/dispatch":      {"internal/store"},
		"internal/carrier/smpp":  {"internal/dispatch", "smpp", "gsm"},
		"internal/httpapi":       {"internal/intake", "internal/status", "internal/auth", "api"},
		"internal/httpapi/other": {"internal/httpapi"},
		"internal/admin":         {"internal/store", "internal/intake", "internal/carrier/smpp"},
		"cmd/staffetta":          {"internal/store", "internal/httpapi", "internal/carrier", "internal/dispatch"},
		"proof":                  {"proof/load", "smpp/smpptest", "database/sql"},
	}
	for _, broken := range violations(allowed) {
		t.Error(broken)
	}
}
