package smpp

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

const (
	firstWait = time.Second      // the first wait is 0.5 to 1 s
	longest   = 60 * time.Second // and no wait is longer, but for its jitter
	slowest   = 5 * time.Minute  // but after refused credentials, which wait for a minute first
	steady    = 30 * time.Second // a session that lived so long was a good one
)

// backoff says how long to wait before the next bind. The zero value is ready.
type backoff struct {
	base    time.Duration
	refused time.Duration // the wait after the last refusal of the credentials
}

// next answers the wait after a session that lived so long, or after a bind that failed: lived is zero then. A carrier
// that takes the bind and drops it at once is waited for longer and longer, like one that refuses. While another host
// has not had its turn, the wait does not grow: around is false then.
func (b *backoff) next(lived time.Duration, err error, around bool) time.Duration {
	if lived >= steady {
		*b = backoff{}
	}
	if refusedBind(err) {
		b.base, b.refused = longest, min(max(2*b.refused, longest), slowest) // some carriers close an account after a few wrong passwords
		return b.refused + rand.N(b.refused/10)
	}
	wait := firstWait
	if around {
		b.base = min(max(2*b.base, firstWait), longest)
		wait = b.base
	}
	return wait/2 + rand.N(wait/2)
}

// refusedBind reports whether the carrier refused a bind for what stands in the address, so that trying again soon is
// of no use.
func refusedBind(err error) bool {
	refused, ok := errors.AsType[*smpp.BindError](err)
	if !ok {
		return false
	}
	switch refused.Status {
	case smpp.ESME_RINVPASWD, smpp.ESME_RINVSYSID, smpp.ESME_RINVSYSTYP, smpp.ESME_RBINDFAIL:
		return true
	}
	return false
}
