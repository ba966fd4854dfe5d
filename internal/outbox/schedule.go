package outbox

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
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

// refusals is how often an event is sent again that its receiver refuses for good, and losses how often at once when its
// session ends before the answer.
const (
	refusals = 3
	losses   = 3
)

// busy reports whether an answer to deliver_sm is about the customer as a whole and not about the event: SMPP 3.4 table 5-2.
func busy(status smpp.CommandStatus) bool {
	switch status {
	case smpp.ESME_RX_T_APPN, smpp.ESME_RMSGQFUL, smpp.ESME_RTHROTTLED, smpp.ESME_RSYSERR:
		return true
	}
	return false
}

// afterRefusal is afterFailure for an answer to deliver_sm other than ESME_ROK: one that is not about the moment is
// believed after the third time.
func afterRefusal(tries int, status smpp.CommandStatus, now time.Time) (sms.EventStage, time.Time) {
	if !busy(status) && tries >= refusals {
		return sms.EventFailed, time.Time{}
	}
	return afterFailure(tries, answer{}, now)
}

// afterLoss is afterFailure for a session that ended before its answer: another one may take the event now, unless it is
// the event that ends them.
func afterLoss(e *sms.Event, now time.Time) (sms.EventStage, time.Time) {
	if e.Tries <= losses {
		return sms.EventWaiting, oldPlace(e, now)
	}
	return afterFailure(e.Tries-losses, answer{}, now)
}

// oldPlace is where an event stood in the queue before it was taken. The store ends what stands there for a week.
func oldPlace(e *sms.Event, now time.Time) time.Time {
	if oldest := now.Add(-6 * 24 * time.Hour); e.ID.Time().Before(oldest) {
		return oldest
	}
	return e.ID.Time()
}
