package dispatch

import (
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// shards is into how many parts the destinations of a carrier are divided; a carrier has at most as many sessions
// that get work.
const shards = 16

func shardOf(n sms.Number) int { return int(uint64(n) * 0x9e3779b97f4a7c15 >> 60) }

// lane is what one account has waiting for one carrier at one priority.
type lane struct {
	key   store.Lane
	fifos [shards]fifo
	count int                 // messages in the fifos
	held  map[sms.ID]struct{} // those in the fifos and those on their way

	// overflow: the store has messages of this lane after cursor that are not here; new ones queue behind them.
	overflow bool
	cursor   sms.ID
	missed   bool // something was committed after cursor since the last read began
	loading  bool
}

// spill notes that a message, and whatever is accepted after it, waits in the store.
func (l *lane) spill(id sms.ID) {
	if !l.overflow || id-1 < l.cursor {
		l.cursor = id - 1
	}
	l.overflow, l.missed = true, true
}

// pop takes the oldest message among the shards that a session owns.
func (l *lane) pop(owns *[shards]bool) *sms.Message {
	best := -1
	for shard := range l.fifos {
		f := &l.fifos[shard]
		if owns[shard] && f.len() > 0 && (best < 0 || f.head().ID < l.fifos[best].head().ID) {
			best = shard
		}
	}
	if best < 0 {
		return nil
	}
	return l.fifos[best].pop()
}

// fifo holds messages in order of acceptance.
type fifo struct {
	items []*sms.Message
	start int
}

func (f *fifo) len() int           { return len(f.items) - f.start }
func (f *fifo) head() *sms.Message { return f.items[f.start] }

func (f *fifo) pop() *sms.Message {
	m := f.items[f.start]
	f.items[f.start] = nil
	f.start++
	if f.start == len(f.items) {
		f.items, f.start = f.items[:0], 0
	}
	return m
}

// insert puts a message where its id belongs; almost always that is the end.
func (f *fifo) insert(m *sms.Message) {
	if n := len(f.items); n == f.start || f.items[n-1].ID < m.ID {
		if f.start > 64 && f.start > n/2 {
			f.items, f.start = slices.Delete(f.items, 0, f.start), 0
		}
		f.items = append(f.items, m)
		return
	}
	at, _ := slices.BinarySearchFunc(f.items[f.start:], m, func(a, b *sms.Message) int {
		return int(min(max(a.ID-b.ID, -1), 1))
	})
	f.items = slices.Insert(f.items, f.start+at, m)
}
