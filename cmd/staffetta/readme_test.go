package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/carrier/practice"
)

const root = "../.."

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The README and `practice-carrier --help` tell the same of the practice carrier.
func TestReadmeHasThePracticeCarriersTable(t *testing.T) {
	text, help := readme(t), practiceCarrierCommand{}.Help()
	var table strings.Builder
	for _, o := range practice.Outcomes() {
		fmt.Fprintf(&table, "| %s | %s |\n", o.Digits, o.Words)
		if line := fmt.Sprintf("    %-7s %s\n", o.Digits, o.Words); !strings.Contains(help, line) {
			t.Errorf("practice-carrier --help does not say %q", line)
		}
	}
	if !strings.Contains(text, "\n|---|---|\n"+table.String()+"\n") {
		t.Errorf("the README has not this table:\n%s", table.String())
	}
}

var (
	promiseRow  = regexp.MustCompile("(?m)^\\| .* \\| `([a-z/.]+)`: (.*) \\|$")
	testInProse = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)(?:/([a-z-]+))?`")
)

// Every row of the promise table names tests that are in the package that it names.
func TestReadmePromisesAreTested(t *testing.T) {
	_, table, found := strings.Cut(readme(t), "## Promises\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := promiseRow.FindAllStringSubmatch(table, -1)
	if lines := strings.Count(table, "\n|") - 2; !found || len(rows) < 20 || len(rows) != lines {
		t.Fatalf("%d of %d rows can be read", len(rows), lines)
	}
	for _, row := range rows {
		tests := testInProse.FindAllStringSubmatch(row[2], -1)
		if len(tests) == 0 {
			t.Errorf("no test in %s", row[0])
		}
		code := testsOf(t, row[1])
		for _, test := range tests {
			if !strings.Contains(code, "\nfunc "+test[1]+"(") {
				t.Errorf("there is no %s in %s", test[1], row[1])
			}
			if page := filepath.Join(root, row[1], "testdata", test[2]+".txtar"); test[2] != "" {
				if _, err := os.Stat(page); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// testsOf is the text of all test files of a package.
func testsOf(t *testing.T, folder string) (code string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", folder, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code += string(text)
	}
	return code
}
