package smpp

import (
	"os"
	"strings"
	"testing"
)

// docs/carriers.md tells of every parameter of an address, with an example that can be read.
func TestDocs_have_every_parameter(t *testing.T) {
	page, err := os.ReadFile("../../../docs/carriers.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parameters {
		row := ""
		for line := range strings.Lines(string(page)) {
			if cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |"); strings.HasPrefix(line, "| ") && strings.Contains(cell, "`"+p.name+"`") {
				row = line
			}
		}
		cells := strings.Split(strings.TrimSpace(row), " | ")
		if len(cells) < 3 {
			t.Errorf("%s has no row", p.name)
			continue
		}
		example := strings.Trim(cells[len(cells)-1], "`| ")
		scheme := "smpp"
		if strings.HasPrefix(p.name, "tls_") {
			scheme = "smpps"
		}
		if _, err := ParseAddress(scheme + "://me@h?" + example); err != nil || !strings.Contains(example, p.name+"=") && !strings.Contains(p.name, "_npi") {
			t.Errorf("the example of %s: %s: %v", p.name, example, err)
		}
	}
}
