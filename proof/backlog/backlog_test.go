package main

import "testing"

// TestBacklog is the proof with few messages. Memory is not held to the promise here: with few it would be kept anyway.
func TestBacklog(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	figures, err := prove(t.Context(), plan{messages: 50_000, accounts: 10, window: 100, folder: t.TempDir()})
	if figures != nil {
		t.Logf("\n%v", figures)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := figures.broken(); err != nil {
		t.Error(err)
	}
}
