package dispatch

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// shards is into how many parts the destinations of a carrier are divided; a carrier has at most as many sessions
// that get work.
const shards = 16

// shardSet is some of the shards, a bit for each.
type shardSet uint16

func shardOf(n sms.Number) int { return int(uint64(n) * 0x9e3779b97f4a7c15 >> 60) }

// lane is what one account has waiting for one carrier at one priority.
type lane struct {
	key     store.Lane
	fifos   [shards]fifo
	stocked shardSet        // the fifos that are not empty
	count   int             // messages in the fifos
	held    map[sms.ID]bool // those in the fifos, and (true) those that a session has taken

	// overflow: the store has messages of this lane after cursor that are not here; new ones queue behind them.
	overflow bool
	cursor   sms.ID
	reading  *reading
}

// tailLimit is how many messages that are committed during a read are kept for its end.
const tailLimit = 500

// reading is what happens to a lane while the store is read for it.
type reading struct {
	gone    map[sms.ID]struct{} // left memory meanwhile: what is read may be from before
	tail    []*sms.Message      // committed meanwhile, after the cursor
	more    bool                // the tail is not all
	missed  sms.ID              // the oldest that is not in it
	lowered bool                // the cursor was moved back: the end of this read is not the end of the lane
}

// spill notes that a message, and whatever is accepted after it, waits in the store.
func (l *lane) spill(id sms.ID) {
	if !l.overflow || id-1 < l.cursor {
		l.cursor = id - 1
		if l.reading != nil {
			l.reading.lowered = true
		}
	}
	l.overflow = true
}

// follow notes a committed message that waits in the store behind others.
func (l *lane) follow(m *sms.Message) {
	switch r := l.reading; {
	case r == nil:
	case len(r.tail) < tailLimit:
		r.tail = append(r.tail, m)
	case !r.more || m.ID < r.missed:
		r.more, r.missed = true, m.ID
	}
}

// wants says whether the lane has so few messages here that more should be read from the store.
func (l *lane) wants() bool { return l.overflow && l.reading == nil && l.count < lowWater }

func (l *lane) push(m *sms.Message) {
	shard := shardOf(m.Destination)
	l.fifos[shard].insert(m)
	l.stocked |= 1 << shard
	l.count++
}

// pop takes the oldest message among some shards; nil when they have none.
func (l *lane) pop(among shardSet) *sms.Message {
	best := -1
	for left := l.stocked & among; left != 0; left &= left - 1 {
		shard := bits.TrailingZeros16(uint16(left))
		if best < 0 || l.fifos[shard].head().ID < l.fifos[best].head().ID {
			best = shard
		}
	}
	if best < 0 {
		return nil
	}
	m := l.fifos[best].pop()
	if l.fifos[best].len() == 0 {
		l.stocked &^= 1 << best
	}
	l.count--
	return m
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
	at, _ := slices.BinarySearchFunc(f.items[f.start:], m, func(a, b *sms.Message) int { return cmp.Compare(a.ID, b.ID) })
	f.items = slices.Insert(f.items, f.start+at, m)
}
