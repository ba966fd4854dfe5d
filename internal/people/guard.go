package people

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// What guessing costs: some failures are free, then each doubles the wait. Behind an address may stand a whole attack, so it
// waits long; an address of email only so long that an attacker cannot keep its owner out for more than a moment.
const (
	freeFailures   = 5
	firstWait      = time.Second
	longestAddress = 15 * time.Minute
	longestEmail   = 30 * time.Second
	forgetFailures = time.Hour
	mostGuarded    = 1 << 14 // entries of about 100 octets, of each kind
)

// guard remembers who fails. Its memory is bounded; who is known and who is not is all the same to it.
type guard struct {
	mu     sync.Mutex
	places map[string]*strikes // by network and by address of email
}

// strikes is what is remembered of one place or address.
type strikes struct {
	failures int
	last     time.Time
	until    time.Time // nothing is tried before
}

func newGuard() *guard { return &guard{places: map[string]*strikes{}} }

// enter takes a try from a place with an address of email, or answers sms.Limited. Every try counts as a failure until passed is
// called, so that many at once are no more than one after another.
func (g *guard) enter(from netip.Addr, email string, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	place, address := g.at("@"+network(from), now), g.at(email, now)
	if wait := max(place.until.Sub(now), address.until.Sub(now)); wait > 0 {
		return &sms.Error{Code: sms.Limited, Message: "too many tries: wait a moment", RetryAfter: wait}
	}
	place.strike(now, longestAddress)
	address.strike(now, longestFor(email))
	return nil
}

// longestFor is how long a key waits at most. Keys with a word before the address are tried by who has the password already, or send
// mail: nobody who is not signed in keeps somebody out by them.
func longestFor(key string) time.Duration {
	if strings.Contains(key, " ") {
		return longestAddress
	}
	return longestEmail
}

// passed forgets the failures of an address of email, and one of the place: others may guess from there.
func (g *guard) passed(from netip.Addr, email string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.places, email)
	if place := g.places["@"+network(from)]; place != nil {
		place.failures--
		place.until = time.Time{}
	}
}

// at finds the entry of a key, or makes one.
func (g *guard) at(key string, now time.Time) *strikes {
	entry := g.places[key]
	if entry == nil {
		g.makeRoom(now)
		entry = &strikes{last: now}
		g.places[key] = entry
	}
	if now.Sub(entry.last) > forgetFailures {
		*entry = strikes{}
	}
	return entry
}

// makeRoom keeps the table under its limit: some that are forgotten go; when it is full, the least wicked of a few does.
func (g *guard) makeRoom(now time.Time) {
	const glance = 32
	seen, least := 0, ""
	for key, entry := range g.places {
		if now.Sub(entry.last) > forgetFailures {
			delete(g.places, key)
		} else if other := g.places[least]; other == nil || entry.failures < other.failures {
			least = key
		}
		if seen++; seen == glance {
			break
		}
	}
	if len(g.places) >= 2*mostGuarded {
		delete(g.places, least)
	}
}

func (s *strikes) strike(now time.Time, longest time.Duration) {
	s.failures++
	s.last = now
	if over := s.failures - freeFailures; over >= 0 {
		s.until = now.Add(min(longest, firstWait<<min(over, 20)))
	}
}

// network is from where an address comes: itself, of IPv6 its /64.
func network(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if address.Is6() {
		if prefix, err := address.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}
