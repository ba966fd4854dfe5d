package templates

import (
	"bytes"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/a-h/templ/generator"
	"github.com/a-h/templ/parser/v2"
)

// TestTemplatesAreGenerated: each *_templ.go is what the generator makes of its .templ file now.
func TestTemplatesAreGenerated(t *testing.T) {
	sources, err := filepath.Glob("*.templ")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	for _, source := range sources {
		want := generated(t, source)
		made := strings.TrimSuffix(source, ".templ") + "_templ.go"
		got, err := os.ReadFile(made)
		if err != nil {
			t.Fatal(err)
		}
		// Where the generator was started stands in the names of files.
		if strings.ReplaceAll(string(got), "`internal/console/templates/", "`") != want {
			t.Errorf("%s is not what %s makes: run `go generate ./internal/console/templates`", made, source)
		}
	}
}

func generated(t *testing.T, source string) string {
	t.Helper()
	parsed, err := parser.Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	var b bytes.Buffer
	if _, err := generator.Generate(parsed, &b, generator.WithFileName(source), generator.WithVersion(templ.Version())); err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	code, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return string(code)
}
