package auth

import (
	"context"
	"net/netip"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// attempt is one name and password that is to be checked.
type attempt struct {
	known    bool   // there is such a user, with such a hash; if not, stored is the dummy
	stored   string // what the password is held against
	password string
	from     netip.Addr
	proof    proof
}

// checkPassword answers nil for the right password. What was right a short while ago is right at once, and without
// a look at the failures of its address: nothing is hashed, so there is nothing to protect, and an attacker behind
// the same address must not lock out a neighbour who is at work.
func (a *Authenticator) checkPassword(ctx context.Context, try attempt) error {
	for {
		now := a.now()
		if a.successes.known(try.proof, now) {
			return nil
		}
		if wait := a.failures.wait(try.from, now); wait > 0 {
			return limited(wait)
		}
		current, lead := a.flights.join(try.proof)
		if lead {
			return a.lead(ctx, try, current)
		}
		select {
		case <-current.landed:
		case <-ctx.Done():
			return &sms.Error{Code: sms.Unavailable, Message: "the request was given up", RetryAfter: time.Second, Cause: ctx.Err()}
		}
		switch current.verdict {
		case right:
			return nil
		case wrong:
			a.failures.record(try.from, a.now())
			return unauthenticated()
		}
	}
}

// lead hashes for all who joined the flight. The failures are looked at again when the turn has come and counted
// before it is given on, so that of many guesses sent at once no more are hashed than of those sent one by one.
func (a *Authenticator) lead(ctx context.Context, try attempt, current *flight) error {
	defer a.flights.land(try.proof, current)
	if err := a.hasher.enter(ctx); err != nil {
		return err
	}
	defer a.hasher.leave()
	if wait := a.failures.wait(try.from, a.now()); wait > 0 {
		return limited(wait)
	}
	matches := a.verify(try.stored, try.password)
	if !matches || !try.known {
		current.verdict = wrong
		a.failures.record(try.from, a.now())
		return unauthenticated()
	}
	current.verdict = right
	a.successes.remember(try.proof, a.now())
	return nil
}

func unauthenticated() error {
	return &sms.Error{Code: sms.Unauthenticated, Message: "missing or wrong credentials"}
}

func limited(wait time.Duration) error {
	return &sms.Error{Code: sms.Limited, Message: "too many wrong passwords from this address", RetryAfter: wait}
}
