package apidocs

import (
	"regexp"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/api"
)

// TestPageShowsEveryOperation: each is there with its path and summary, and nothing is loaded from elsewhere.
func TestPageShowsEveryOperation(t *testing.T) {
	html, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	page := string(html)
	ids := regexp.MustCompile(`(?m)^      operationId: (\w+)$`).FindAllStringSubmatch(string(api.OpenAPI), -1)
	if len(ids) < 30 {
		t.Fatalf("only %d operations", len(ids))
	}
	for _, id := range ids {
		if !strings.Contains(page, `<h3 id="`+id[1]+`">`) {
			t.Errorf("the operation %s is not on the page", id[1])
		}
	}
	for _, path := range regexp.MustCompile(`(?m)^  (/\S+):$`).FindAllStringSubmatch(string(api.OpenAPI), -1) {
		if !strings.Contains(page, "<code>"+path[1]+"</code>") {
			t.Errorf("the path %s is not on the page", path[1])
		}
	}
	if loads := regexp.MustCompile(`(src|href)="[^#"]*"`).FindAllString(page, -1); len(loads) != 2 {
		t.Errorf("it refers to %v", loads)
	}
	if size := len(html) + len(Style()); size > 150_000 {
		t.Errorf("%d octets in all", size)
	} else {
		t.Logf("%d octets in all", size)
	}
}

func TestMarkdown(t *testing.T) {
	got := markdown("One `a<b>` and\n**two**.\n\n- first\n  line\n- second\n\nEnd & out")
	want := "<p>One <code>a&lt;b&gt;</code> and <strong>two</strong>.</p>\n<ul><li>first line</li><li>second</li></ul>\n<p>End &amp; out</p>\n"
	if string(got) != want {
		t.Errorf("%s", got)
	}
}

func TestWhatCannotBeShown(t *testing.T) {
	for _, text := range []string{"", ":\n:", "- [}"} {
		if _, err := render([]byte(text)); err == nil {
			t.Errorf("%q is shown", text)
		}
	}
}
