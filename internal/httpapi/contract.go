package httpapi

import (
	"net/http"

	"github.com/staffetta/staffetta/api"
	"github.com/staffetta/staffetta/internal/apidocs"
)

// contract serves the OpenAPI description of this door.
func (d *Door) contract(c *call) error {
	c.answer(http.StatusOK, "application/yaml", api.OpenAPI)
	return nil
}

// docsPolicy lets the page load its style sheet and nothing else.
const docsPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docs serves the description as a page to read.
func (d *Door) docs(c *call) error {
	page, err := apidocs.Page()
	if err != nil {
		return err
	}
	c.set("Content-Security-Policy", docsPolicy)
	c.answer(http.StatusOK, "text/html; charset=utf-8", page)
	return nil
}

func (d *Door) docsStyle(c *call) error {
	c.answer(http.StatusOK, "text/css; charset=utf-8", apidocs.Style())
	return nil
}
