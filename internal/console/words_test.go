package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/console/words"
)

// TestEveryTextHasItsTranslation finds each text that is said through T, in handlers and templates, and in the menu.
func TestEveryTextHasItsTranslation(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("templates/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range slices.Concat(files, more) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, text := range said(t, file) {
			found++
			if !words.Italian.Known(text) {
				t.Errorf("%s says %q, which has no Italian", file, text)
				continue
			}
			if got, want := verbs(words.Italian.Say(text)), verbs(text); !slices.Equal(got, want) {
				t.Errorf("%q has the verbs %v, its Italian %v", text, want, got)
			}
		}
	}
	for _, m := range menus {
		for _, text := range append([]string{m.title}, titles(m.entries)...) {
			if text != "" && !words.Italian.Known(text) {
				t.Errorf("the menu says %q, which has no Italian", text)
			}
		}
	}
	if found < 20 {
		t.Fatalf("only %d texts found: the search is broken", found)
	}
}

func titles(entries []menuEntry) (all []string) {
	for _, e := range entries {
		all = append(all, e.title)
	}
	return all
}

// said is the literal first argument of every call of a method T in a file.
func said(t *testing.T, file string) (texts []string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || method.Sel.Name != "T" {
			return true
		}
		if literal, ok := call.Args[0].(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				texts = append(texts, text)
			}
		}
		return true
	})
	return texts
}

var verb = regexp.MustCompile(`%(\[\d+\])?[a-z]|\{\d+\}`)

// verbs are those of a format, in order, without the numbers of their arguments.
func verbs(text string) []string {
	all := verb.FindAllString(strings.ReplaceAll(text, "%%", ""), -1)
	for i, v := range all {
		all[i] = "%" + v[len(v)-1:]
		if strings.HasPrefix(v, "{") {
			all[i] = v
		}
	}
	slices.Sort(all)
	return all
}
