package httpapi

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// crowdLimit is how many octets the bodies of all requests that are not answered yet may have together. What is made
// of them stands in memory at the same time.
const crowdLimit = 64 << 20

// budget counts these octets. They are counted as they arrive: a client that only announces a large body holds nothing.
type budget struct{ taken atomic.Int64 }

// take reports whether n octets more may be in memory; then they must be given back.
func (b *budget) take(n int64) bool {
	if b.taken.Add(n) > crowdLimit {
		b.taken.Add(-n)
		return false
	}
	return true
}

// errCrowded goes out as 503: the same request may well be taken a moment later.
var errCrowded = &sms.Error{Code: sms.Unavailable, Message: "too many large requests at this moment", RetryAfter: time.Second}

// counted is the body of a call, counted while it is read.
type counted struct {
	from io.Reader
	call *call
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if crowd := c.call.crowd; n > 0 && crowd != nil {
		if !crowd.take(int64(n)) {
			return 0, errCrowded
		}
		c.call.held += int64(n)
	}
	return n, err
}

// leave gives back what the call holds of the budget.
func (c *call) leave() { c.crowd.taken.Add(-c.held) }
