package smpp

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// A carrier repeats a message from a handset when it is not sure that the last delivery was taken, and a person may well
// send the same word twice: only what became of the last answer tells the two apart. An answer is sure to have arrived
// when it came soon, and the connection went on.
const (
	soonAnswer = 2 * time.Second  // a later one may have come when the carrier had given up waiting
	goingOn    = 10 * time.Second // how long a connection that ended must have lived after the answer
	nobodyAsks = 5 * time.Second  // sooner nobody sends the same again
)

// memory is what is known of the last deliveries of a carrier, over all of its sessions. It holds two generations, the
// younger being filled, so that it is bounded by itself.
type memory struct {
	mu           sync.Mutex
	young, old   map[[sha256.Size]byte]*delivery
	begun        time.Time // of the younger one
	largest      int
	longestSpell time.Duration
}

const (
	memoryLargest = 20_000
	memoryLongest = 24 * time.Hour
)

func newMemory() *memory {
	return &memory{young: map[[sha256.Size]byte]*delivery{}, begun: time.Now(), largest: memoryLargest, longestSpell: memoryLongest}
}

// line is one connection.
type line struct {
	followed sync.Once
	ended    atomic.Int64 // Unix nanoseconds; 0: it lives
}

// follow notes when the connection ends; ctx ends with it.
func (l *line) follow(ctx context.Context) {
	l.followed.Do(func() { context.AfterFunc(ctx, func() { l.ended.Store(time.Now().UnixNano()) }) })
}

// delivery is one, and how it was answered.
type delivery struct {
	line     *line
	came     time.Time
	answered time.Time // that it is taken; zero: it was not
}

// sure reports whether the carrier has the answer.
func (d *delivery) sure(now time.Time) bool {
	if d.answered.IsZero() || d.answered.Sub(d.came) > soonAnswer || now.Sub(d.answered) < nobodyAsks {
		return false
	}
	ended := d.line.ended.Load()
	return ended == 0 || time.Unix(0, ended).Sub(d.answered) >= goingOn
}

// meet says in in.Before what is known of an equal delivery, and remembers this one; seen is to be called when it is
// answered.
func (m *memory) meet(in *sms.Inbound, l *line) (seen func(error)) {
	digest := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d %d %x", in.Source, in.Destination, in.Mark, in.ESMClass, in.DataCoding, in.Octets))
	d := &delivery{line: l, came: in.At}
	m.mu.Lock()
	defer m.mu.Unlock()
	last := m.young[digest]
	if last == nil {
		last = m.old[digest]
	}
	switch {
	case last == nil:
	case last.sure(in.At):
		in.Before = sms.BeforeAnswered
	default:
		in.Before = sms.BeforeDoubtful
	}
	if len(m.young) >= m.largest || in.At.Sub(m.begun) >= m.longestSpell {
		m.old, m.young, m.begun = m.young, map[[sha256.Size]byte]*delivery{}, in.At
	}
	m.young[digest] = d
	return func(err error) {
		if err != nil {
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		d.answered = time.Now()
	}
}
