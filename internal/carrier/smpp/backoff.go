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
	steady    = 30 * time.Second // a session that lived so long was a good one
)

// backoff says how long to wait before the next bind. The zero value is ready.
type backoff struct{ base time.Duration }

// next answers the wait after a session that lived so long, or after a bind that failed: lived is zero then. A carrier
// that takes the bind and drops it at once is waited for longer and longer, like one that refuses.
func (b *backoff) next(lived time.Duration, err error) time.Duration {
	if wrongCredentials(err) {
		b.base = longest // some carriers close an account after a few wrong passwords
		return longest + rand.N(longest/10)
	}
	if b.base = min(2*b.base, longest); b.base == 0 || lived >= steady {
		b.base = firstWait
	}
	return b.base/2 + rand.N(b.base/2)
}

// wrongCredentials reports whether the carrier refused a bind for what stands in the address, so that trying again
// soon is of no use.
func wrongCredentials(err error) bool {
	refused, ok := errors.AsType[*smpp.BindError](err)
	if !ok {
		return false
	}
	switch refused.Status {
	case smpp.ESME_RINVPASWD, smpp.ESME_RINVSYSID, smpp.ESME_RINVSYSTYP:
		return true
	}
	return false
}
