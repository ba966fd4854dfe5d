package apidocs

import (
	"html/template"
	"regexp"
	"strings"
)

var (
	code = regexp.MustCompile("`([^`]+)`")
	bold = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// markdown shows what the description uses of it: paragraphs, lists, code and bold words.
func markdown(text string) template.HTML {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(strings.TrimSpace(paragraph), "\n")
		if lines[0] == "" {
			continue
		}
		if !strings.HasPrefix(lines[0], "- ") {
			b.WriteString("<p>" + inline(strings.Join(lines, " ")) + "</p>\n")
			continue
		}
		items := strings.Split(strings.TrimPrefix(strings.Join(lines, "\n"), "- "), "\n- ")
		b.WriteString("<ul>")
		for _, item := range items {
			b.WriteString("<li>" + inline(strings.Join(strings.Fields(item), " ")) + "</li>")
		}
		b.WriteString("</ul>\n")
	}
	return template.HTML(b.String()) //nolint:gosec // escaped by inline, from a file of ours
}

func inline(text string) string {
	text = template.HTMLEscapeString(text)
	return bold.ReplaceAllString(code.ReplaceAllString(text, "<code>$1</code>"), "<strong>$1</strong>")
}
