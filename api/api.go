// Package api carries the description of the HTTP interface. It comes in as openapi.yaml, kept by hand, and goes
// out as bytes; nothing is generated from it, tests hold the server against it.
package api

import _ "embed"

// OpenAPI is openapi.yaml, OpenAPI 3.1. It must not be changed.
//
//go:embed openapi.yaml
var OpenAPI []byte
