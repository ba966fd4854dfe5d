package dispatch

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/store"
)

// paceLook is how often a session that waits for its tokens looks again: the pace may have grown, or the share.
const paceLook = 250 * time.Millisecond

// batch is how many parts are marked at once: a window, but not so many that what comes meanwhile waits long behind them.
func (f *feeder) batch() int {
	n := f.window
	if f.own != nil {
		n = min(n, f.own.burst(1, time.Now()))
	}
	if !f.queue.pace.free.Load() {
		fraction, _ := f.dispatcher.portion(f.queue)
		n = min(n, f.queue.pace.burst(fraction, time.Now()))
	}
	return n
}

// awaitPace waits until so many parts may leave on this session: first by its own pace, then by its carrier's.
func (f *feeder) awaitPace(ctx context.Context, mark *store.Mark, parts int) error {
	for parts > 0 && (f.own != nil || !f.queue.pace.free.Load()) {
		n := min(parts, f.batch())
		if err := f.awaitOwn(ctx, mark, n); err != nil {
			return err
		}
		if err := f.awaitTurn(ctx, mark, n); err != nil {
			return err
		}
		parts -= n
	}
	return nil
}

func (f *feeder) awaitOwn(ctx context.Context, mark *store.Mark, n int) error {
	if f.own == nil {
		return nil
	}
	return f.awaitTokens(ctx, mark, func() time.Duration { return f.own.take(n, 1, time.Now()) })
}

// awaitTurn waits for the other sessions that wait, so that none is left out, and then for the tokens.
func (f *feeder) awaitTurn(ctx context.Context, mark *store.Mark, n int) error {
	p := f.queue.pace
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.turn }()
	return f.awaitTokens(ctx, mark, func() time.Duration {
		fraction, ok := f.dispatcher.portion(f.queue)
		if !ok {
			return shareWait
		}
		return p.take(n, fraction, time.Now())
	})
}

// awaitTokens waits until take waits no more, or nothing of the mark may leave.
func (f *feeder) awaitTokens(ctx context.Context, mark *store.Mark, take func() time.Duration) error {
	for wait := take(); wait > 0; wait = take() {
		pause(ctx, min(wait, paceLook))
		if err := ctx.Err(); err != nil {
			return err
		}
		if !f.mayLeave(mark) {
			return errFenced
		}
	}
	return nil
}
