package smppapi

import (
	"sync"
	"time"
)

// bucket lets so many segments a second through, and a second's worth at once.
type bucket struct {
	mu    sync.Mutex
	level float64 // segments that may go now
	at    time.Time
}

// take asks for segments. A message that is larger than a second's worth goes when the bucket is full, and leaves a debt.
func (b *bucket) take(segments, perSecond int, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	full := float64(perSecond)
	if b.at.IsZero() {
		b.level = full
	} else {
		b.level = min(full, b.level+now.Sub(b.at).Seconds()*full)
	}
	b.at = now
	if b.level < min(float64(segments), full) {
		return false
	}
	b.level -= float64(segments)
	return true
}
