package outbox

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// schedule is when an event is sent again after its first failure, its second, and so on; then it has failed.
var schedule = [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour,
	8 * time.Hour, 16 * time.Hour, 24 * time.Hour}

// longestWait bounds what an endpoint can ask for by Retry-After.
const longestWait = 24 * time.Hour

// afterFailure says what becomes of an event that was tried so often. The wait gets up to a fifth longer, so that what
// failed together does not come back together.
func afterFailure(tries int, a answer, now time.Time) (sms.EventStage, time.Time) {
	if tries > len(schedule) || a.gone() {
		return sms.EventFailed, time.Time{}
	}
	wait := schedule[max(tries, 1)-1]
	wait += rand.N(wait / 5)
	return sms.EventWaiting, now.Add(max(wait, a.retryAfter))
}

// retryAfter reads the header of RFC 9110 §10.2.3, in seconds or as a date; zero: there is none.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := header.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(text); err == nil {
		wait = time.Duration(min(seconds, int(longestWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}
