package practice

import (
	"sync"
	"sync/atomic"

	"github.com/staffetta/staffetta/smpp"
)

// mailbox holds what goes to the clients of one system_id, until one that takes it is bound.
type mailbox struct {
	carrier   *Carrier
	systemID  string
	receivers atomic.Int32
	waiting   chan struct{} // there are letters; one session takes the signal and passes it on

	mu        sync.Mutex
	letters   []letter
	start     int // letters before it are gone
	overflown bool
	throttles map[string]int // how often a message was throttled
}

func newMailbox(c *Carrier, systemID string) *mailbox {
	return &mailbox{carrier: c, systemID: systemID, waiting: make(chan struct{}, 1), throttles: map[string]int{}}
}

// full reports whether no more receipts are wanted from messages of a client that is there and does not take them fast
// enough. For a client that is away the oldest receipts are dropped instead.
func (b *mailbox) full() bool {
	if b.receivers.Load() == 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.letters)-b.start >= maxWaiting
}

func (b *mailbox) put(l letter) {
	b.mu.Lock()
	if len(b.letters)-b.start >= maxWaiting && b.receivers.Load() == 0 {
		b.popLocked()
		if !b.overflown {
			b.overflown = true
			b.carrier.log.Warn("practice carrier: too many receipts wait, the oldest are dropped", "system_id", b.systemID)
		}
	}
	b.letters = append(b.letters, l)
	b.mu.Unlock()
	b.signal()
}

func (b *mailbox) signal() {
	select {
	case b.waiting <- struct{}{}:
	default:
	}
}

func (b *mailbox) popLocked() letter {
	l := b.letters[b.start]
	b.letters[b.start] = letter{}
	b.start++
	switch {
	case b.start == len(b.letters):
		b.letters, b.start = b.letters[:0], 0
		b.overflown = false
	case b.start > 1024 && b.start > len(b.letters)/2:
		n := copy(b.letters, b.letters[b.start:])
		clear(b.letters[n:])
		b.letters, b.start = b.letters[:n], 0
	}
	return l
}

// take waits for a letter; false once done is closed, also when there is one: it is for the next session.
func (b *mailbox) take(done <-chan struct{}) (letter, bool) {
	for {
		select {
		case <-done:
			return letter{}, false
		default:
		}
		b.mu.Lock()
		if len(b.letters) > b.start {
			l := b.popLocked()
			more := len(b.letters) > b.start
			b.mu.Unlock()
			if more {
				b.signal()
			}
			return l, true
		}
		b.mu.Unlock()
		select {
		case <-done:
			return letter{}, false
		case <-b.waiting:
		}
	}
}

// throttle reports whether a message is to be refused: twice, then not.
func (b *mailbox) throttle(p *smpp.SubmitSM) bool {
	key := p.SourceAddr + "\x00" + p.DestinationAddr + "\x00" + string(p.Message())
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.throttles[key] == 2 {
		delete(b.throttles, key)
		return false
	}
	if len(b.throttles) >= maxThrottled {
		clear(b.throttles)
	}
	b.throttles[key]++
	return true
}
