package sink

import (
	"context"
	"time"
)

// answerLate answers each submit_sm a fixed time after it came, until ctx ends. Whatever is due together leaves in
// one write.
func (l *line) answerLate(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait, any := l.answerDue(time.Now())
		if l.flush() != nil {
			return
		}
		if !any {
			select {
			case <-l.due:
				continue
			case <-ctx.Done():
				return
			}
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// answerDue answers what is due and says how long the next one has to wait, if there is one.
func (l *line) answerDue(now time.Time) (wait time.Duration, any bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < len(l.late) && !l.late[n].at.Add(l.sink.options.Delay).After(now) {
		n++
	}
	if n > 0 {
		l.answer(l.late[:n], now)
		l.late = append(l.late[:0], l.late[n:]...)
		l.pump()
	}
	if len(l.late) == 0 {
		return 0, false
	}
	return l.late[0].at.Add(l.sink.options.Delay).Sub(now), true
}
