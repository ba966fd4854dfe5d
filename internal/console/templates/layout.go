package templates

import (
	"github.com/a-h/templ"

	"github.com/staffetta/staffetta/internal/console/words"
)

// htmxConfig keeps htmx within the Content-Security-Policy (no eval, no style elements), and shows the answers that
// say what is wrong with a form.
const htmxConfig = `{"allowEval":false,"includeIndicatorStyles":false,"historyCacheSize":0,"responseHandling":[` +
	`{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"...","swap":true,"error":true}]}`

func themed(f *Frame) templ.Attributes {
	if f.Theme == "" {
		return nil
	}
	return templ.Attributes{"data-theme": f.Theme}
}

func here(f *Frame, e MenuEntry) templ.Attributes {
	if !f.current(e.Path) {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

func languages() []struct {
	Code words.Language
	Name string
} {
	return words.Languages
}
