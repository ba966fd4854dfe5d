// Package httpapi is the HTTP door: it turns requests of customers into calls of the steps, and what the steps
// answer into HTTP.
//
// What comes in: HTTP requests with an API key or Basic credentials, and JSON bodies of at most 1 MiB, or 16 MiB where
// they hold many messages. What goes out: an auth.Caller with an intake.Request, an intake.Bulk or a list of ids, and
// JSON answers of which api/openapi.yaml is the description. Read routes.go first: it holds every path.
//
// It judges form only (syntax, types, sizes); what a value may be is for intake to say. It never touches the
// store, never reads credentials from a URL, never logs a query, a header or a body, and never tells a customer
// the text of an internal error.
package httpapi
