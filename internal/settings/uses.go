package settings

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/store"
)

// saveEvery is how long a last use may be known in memory only.
const saveEvery = 30 * time.Second

// UseStore keeps when keys were used last.
type UseStore interface {
	SaveKeyUses(ctx context.Context, uses []store.KeyUse) error
}

// Uses remembers when and from where each key was used last, and stores it now and then: a last use is worth no write
// of its own. After a crash those of the last half minute are not known. Safe for concurrent use.
type Uses struct {
	store UseStore

	mu    sync.Mutex
	news  map[string]store.KeyUse // not stored yet
	known map[string]store.KeyUse // being stored
}

// NewUses makes an empty memory of uses.
func NewUses(to UseStore) *Uses { return &Uses{store: to, news: map[string]store.KeyUse{}} }

// Note remembers that a key was just used.
func (u *Uses) Note(key string, from netip.Addr) {
	use := store.KeyUse{Key: key, At: time.Now(), From: from}
	u.mu.Lock()
	u.news[key] = use
	u.mu.Unlock()
}

// Last is the latest use that is not stored yet; false when there is none.
func (u *Uses) Last(key string) (store.KeyUse, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if use, ok := u.news[key]; ok {
		return use, true
	}
	use, ok := u.known[key]
	return use, ok
}

// Run stores uses every half minute, and a last time when ctx ends.
func (u *Uses) Run(ctx context.Context) error {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			u.save(last)
			return nil
		case <-tick.C:
			u.save(ctx)
		}
	}
}

// save stores what is new. When the store does not take it, it is new still, unless the key was used meanwhile.
func (u *Uses) save(ctx context.Context) {
	u.mu.Lock()
	u.known, u.news = u.news, map[string]store.KeyUse{}
	uses := make([]store.KeyUse, 0, len(u.known))
	for _, use := range u.known {
		uses = append(uses, use)
	}
	u.mu.Unlock()
	if len(uses) == 0 {
		return
	}
	err := u.store.SaveKeyUses(ctx, uses)
	u.mu.Lock()
	defer u.mu.Unlock()
	if err != nil {
		maps.Copy(u.known, u.news)
		u.news = u.known
	}
	u.known = nil
}
