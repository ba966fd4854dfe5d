package auth

import (
	"net/netip"
	"sync"
	"time"
)

const (
	maxFailures   = 10 // wrong passwords from one address
	failureWindow = time.Minute
	maxAddresses  = 1 << 14 // remembered at once; one hash at a time makes a few thousand failures a minute
)

// failures remembers from where wrong passwords came. An IPv6 address counts as its /64, the least that a customer
// of a network has to himself.
type failures struct {
	mu   sync.Mutex
	from map[netip.Addr]*failed
}

// failed is the moments of the latest failures of one address, a ring.
type failed struct {
	at   [maxFailures]time.Time
	next int // where the oldest one stands
}

func newFailures() *failures { return &failures{from: make(map[netip.Addr]*failed)} }

// wait is how long the address is still refused; 0: it may try.
func (f *failures) wait(addr netip.Addr, now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if entry := f.from[network(addr)]; entry != nil {
		return entry.wait(now)
	}
	return 0
}

// record counts one failure.
func (f *failures) record(addr netip.Addr, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	addr = network(addr)
	entry := f.from[addr]
	if entry == nil {
		makeRoom(f.from, maxAddresses, func(old *failed) bool { return old.idle(now) })
		entry = new(failed)
		f.from[addr] = entry
	}
	entry.at[entry.next] = now
	entry.next = (entry.next + 1) % maxFailures
}

func (e *failed) wait(now time.Time) time.Duration {
	return max(0, e.at[e.next].Add(failureWindow).Sub(now)) // a moment that never was is long past
}

func (e *failed) idle(now time.Time) bool {
	newest := e.at[(e.next+maxFailures-1)%maxFailures]
	return now.Sub(newest) >= failureWindow
}

func network(addr netip.Addr) netip.Addr {
	addr = plain(addr)
	if !addr.Is6() {
		return addr
	}
	prefix, _ := addr.Prefix(64) // cannot fail: it is IPv6
	return prefix.Addr()
}

// makeRoom keeps a table under its limit. Each call looks at a few entries in random order and removes those that
// are idle; when none of them is and the table is full, one goes nevertheless.
func makeRoom[K comparable, V any](table map[K]V, limit int, idle func(V) bool) {
	const glance = 32
	seen := 0
	for key, value := range table {
		if idle(value) {
			delete(table, key)
		}
		if seen++; seen == glance {
			break
		}
	}
	for key := range table {
		if len(table) < limit {
			break
		}
		delete(table, key)
	}
}
