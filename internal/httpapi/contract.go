package httpapi

import (
	"net/http"

	"github.com/staffetta/staffetta/api"
)

// contract serves the OpenAPI description of this door.
func (d *Door) contract(c *call) error {
	c.answer(http.StatusOK, "application/yaml", api.OpenAPI)
	return nil
}
