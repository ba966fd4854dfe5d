package people

import (
	"sync"
	"time"
)

// knownFor is how long a session is answered from memory: so long another node's change may be unseen here.
const knownFor = 1500 * time.Millisecond

// mostKnown bounds the sessions in memory, each of about 1 KiB.
const mostKnown = 10_000

// known remembers sessions that were just read.
type known struct {
	mu       sync.Mutex
	age      int // grows with every change made here
	sessions map[string]recalled
}

type recalled struct {
	session Session
	until   time.Time
}

func newKnown() *known { return &known{sessions: map[string]recalled{}} }

// get answers a session by its id, and the age that keep wants when there is none.
func (k *known) get(id string, now time.Time) (_ Session, age int, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.sessions[id]
	return r.session, k.age, ok && now.Before(r.until)
}

// keep remembers a session, unless something was changed while it was read.
func (k *known) keep(session Session, age int, until time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if age != k.age {
		return
	}
	if len(k.sessions) >= mostKnown {
		clear(k.sessions)
	}
	k.sessions[session.ID] = recalled{session, until}
}

// forget has everything read again.
func (k *known) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.age++
	clear(k.sessions)
}
