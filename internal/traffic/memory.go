package traffic

import (
	"context"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// What is read of all accounts takes tens of milliseconds where there are many; it may be some seconds old.
const (
	busiestLife = 10 * time.Second
	useLife     = 5 * time.Minute
)

// memory keeps what took long to read.
type memory struct {
	mu      sync.Mutex
	busiest remembered[[]store.AccountTraffic]
	use     remembered[map[sms.AccountID]store.Spending]
}

// remembered is an answer, and to what.
type remembered[T any] struct {
	of    time.Time
	until time.Time
	value T
}

// busiest are the accounts with most messages today.
func (r *Reader) busiest(ctx context.Context, today, next time.Time) ([]store.AccountTraffic, error) {
	return remember(r, &r.kept.busiest, today, busiestLife, func() ([]store.AccountTraffic, error) {
		return r.parts.Store.Busiest(ctx, today, next, shownAccounts)
	})
}

// use is what each account paid in the last seven days.
func (r *Reader) use(ctx context.Context) (map[sms.AccountID]store.Spending, error) {
	return remember(r, &r.kept.use, time.Time{}, useLife, func() (map[sms.AccountID]store.Spending, error) {
		all, err := r.parts.Store.Spending(ctx, AllAccounts, r.now().Add(-usedDays*24*time.Hour), r.now().Add(-24*time.Hour))
		use := map[sms.AccountID]store.Spending{}
		for _, a := range all {
			use[a.Account] = a
		}
		return use, err
	})
}

// remember answers what is kept, or reads it. Who comes meanwhile waits: nothing is read twice at a time.
func remember[T any](r *Reader, kept *remembered[T], of time.Time, life time.Duration, read func() (T, error)) (T, error) {
	r.kept.mu.Lock()
	defer r.kept.mu.Unlock()
	if now := r.now(); now.Before(kept.until) && kept.of.Equal(of) {
		return kept.value, nil
	}
	value, err := read()
	if err == nil {
		*kept = remembered[T]{of, r.now().Add(life), value}
	}
	return value, err
}
