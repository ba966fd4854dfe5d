// Package apidocs makes a page to read of the description of the HTTP interface.
//
// What comes in: api.OpenAPI. What goes out: one HTML page and its style sheet, made once. The page needs no script and
// loads nothing from elsewhere. It describes nothing that the description does not say.
package apidocs

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"sync"

	"github.com/staffetta/staffetta/api"
)

//go:embed page.html
var pageTemplate string

//go:embed style.css
var style []byte

// Style is the style sheet of the page. It must not be changed.
func Style() []byte { return style }

// Page is the page, made at the first call. The error says what of the description cannot be shown.
var Page = sync.OnceValues(func() ([]byte, error) { return render(api.OpenAPI) })

func render(description []byte) ([]byte, error) {
	root, err := parse(description)
	if err != nil {
		return nil, fmt.Errorf("the description of the interface: %w", err)
	}
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = t.Execute(&page, pageOf(root))
	return page.Bytes(), err
}
