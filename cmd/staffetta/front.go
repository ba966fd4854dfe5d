package main

import (
	"net/http"

	"github.com/staffetta/staffetta/internal/console"
)

// front is what stands at the HTTP port: pages for people, and the API for programs.
type front struct {
	console *console.Console
	api     http.Handler
}

func (f front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.console.Owns(r) {
		f.console.ServeHTTP(w, r)
		return
	}
	f.api.ServeHTTP(w, r)
}
