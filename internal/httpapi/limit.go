package httpapi

import (
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// limit counts the request and writes the headers of the minute rule; without such a rule there are none.
func (d *Door) limit(c *call) error {
	// Credential is unique over keys and users: no username is as long as what is shown of a key.
	decision := d.parts.Limiter.Take(c.caller.Credential, c.caller.Account.Plan)
	if decision.Limit > 0 {
		values := []string{strconv.Itoa(decision.Limit), strconv.Itoa(max(decision.Remaining, 0)),
			strconv.FormatInt(wholeSeconds(decision.Reset), 10)}
		header := c.Header()
		header["X-RateLimit-Limit"] = values[0:1:1]
		header["X-RateLimit-Remaining"] = values[1:2:2]
		header["X-RateLimit-Reset"] = values[2:3:3]
	}
	if decision.Allowed {
		return nil
	}
	return &sms.Error{Code: sms.Limited, Message: "too many requests for this plan", RetryAfter: decision.RetryAfter}
}

// wholeSeconds rounds up, so that who waits that long has waited enough.
func wholeSeconds(d time.Duration) int64 {
	return int64((max(d, 0) + time.Second - 1) / time.Second)
}
