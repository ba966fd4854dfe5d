package dispatch

import (
	"fmt"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// conclude adds the answers to one attempt up to an outcome. Parts that had an answer before keep it.
func conclude(m *sms.Message, answers []Answer, now time.Time) sms.Outcome {
	parts := m.Standing()
	for i, p := range parts {
		if p.State == sms.Queued {
			parts[i] = judge(m, p, answers[i], now)
		}
	}
	state := sms.Standing(parts)
	if state.Final() {
		sms.Abandon(parts, state, now)
	}
	o := sms.Outcome{Message: m, State: state, Parts: parts, Carrier: m.Carrier, At: now, Incident: incident(answers)}
	switch state {
	case sms.Queued:
		o.Retry = now.Add(retryAfter(m, answers))
		if o.Retry.After(m.Expires) {
			o.Retry = m.Expires
		}
	case sms.Failed:
		o.Reason = reason(answers)
	case sms.Unknown:
		o.Reason = "the carrier never answered: it may have been sent"
	}
	return o
}

// judge is what one answer makes of one part.
func judge(m *sms.Message, p sms.Part, a Answer, now time.Time) sms.Part {
	switch a.Verdict {
	case Accepted:
		p.State, p.Ref, p.Whole, p.At = sms.Sent, a.Ref, a.Whole, now
	case Permanent:
		p.State, p.Code, p.At = sms.Failed, a.Code, now
	case Uncertain:
		p = m.Doubt(p, now)
	}
	return p
}

// untouched reports whether surely not a byte of any part that waited has left.
func untouched(answers []Answer, m *sms.Message) bool {
	waited := false
	for i, p := range m.Standing() {
		if p.State != sms.Queued {
			continue
		}
		if waited = true; answers[i].Verdict != NotSent {
			return false
		}
	}
	return waited
}

// tally counts the parts that the carrier took, and those that were too many for it.
func tally(answers []Answer) (accepted, throttled int) {
	for i := range answers {
		switch answers[i].Verdict {
		case Accepted:
			accepted++
		case Throttled:
			throttled++
		}
	}
	return accepted, throttled
}

// throttledRetry is the longest wait of a message that only came too fast: the pace of its carrier has fallen, so that it
// need not wait for that.
const throttledRetry = 5 * time.Second

// retryAfter is how long a message waits before the next attempt: short when the carrier only wants it slower or the
// session was lost, longer each time when it refused.
func retryAfter(m *sms.Message, answers []Answer) time.Duration {
	wait, longest := time.Second, 5*time.Minute
	if _, throttled := tally(answers); throttled > 0 {
		longest = throttledRetry
	}
	for _, a := range answers {
		if a.Verdict == Temporary || a.Verdict == CarrierWide {
			wait, longest = 5*time.Second, 5*time.Minute
		}
	}
	for range min(m.Attempts, 6) {
		wait *= 2
	}
	return min(wait, longest)
}

// incident tells support people what was not ordinary; empty when every part was accepted.
func incident(answers []Answer) string {
	var told []string
	for i, a := range answers {
		if a.Verdict == Accepted || a.Verdict == 0 {
			continue
		}
		told = append(told, strings.TrimSpace(fmt.Sprintf("part %d: %s %s %s", i+1, a.Verdict, a.Code, a.Reason)))
	}
	return strings.Join(told, "; ")
}

func reason(answers []Answer) string {
	for _, a := range answers {
		if a.Verdict == Permanent {
			return strings.TrimSpace("refused by the carrier: " + a.Reason)
		}
	}
	return "refused by the carrier"
}

// expired is the outcome of a message that waited beyond its validity. Parts that were sent before stay sent.
func expired(m *sms.Message, now time.Time) sms.Outcome {
	parts := m.Standing()
	sms.Abandon(parts, sms.Expired, now)
	return sms.Outcome{Message: m, State: sms.Expired, Parts: parts, Carrier: m.Carrier, At: now,
		Reason: "its validity ended before a carrier took it", Incident: "expired while waiting"}
}

var verdictNames = [...]string{"none", "accepted", "refused for now", "throttled", "refused", "carrier refuses everything", "not sent", "no answer"}

func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "invalid"
}
