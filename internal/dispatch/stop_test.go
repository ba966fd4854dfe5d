package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/staffetta/staffetta/internal/store"
)

// brokenBacklog cannot be read.
type brokenBacklog struct{ Backlog }

func (brokenBacklog) Lanes(ctx context.Context) ([]store.Lane, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, errors.New("unreadable")
}

// A server that is told to stop while it starts has not failed; one that cannot read its store has.
func TestStoppedBeforeItBegan(t *testing.T) {
	d := New(nil, brokenBacklog{}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	if err := d.Run(ctx); err == nil {
		t.Error("an unreadable store is no error")
	}
	cancel()
	if err := d.Run(ctx); err != nil {
		t.Errorf("told to stop: %v", err)
	}
}
