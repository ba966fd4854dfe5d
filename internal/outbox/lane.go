package outbox

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const (
	firstWidth  = 8  // requests at once to an endpoint of which nothing is known
	widest      = 64 // to one that is quick
	slowWidth   = 4  // to one that takes longer than slowAnswer
	slowAnswer  = time.Second
	pageOf      = 4 // events for each request at once
	strikes     = 5 // failures in a row, after which an endpoint rests
	firstRest   = 10 * time.Second
	longestRest = 5 * time.Minute
	patience    = 5 * 24 * time.Hour // of nothing but failures, after which a webhook is disabled
)

// lane is the events of one account on their way to its endpoint. The first fields are the Outbox's, under its mutex.
type lane struct {
	outbox  *Outbox
	queue   store.EventQueue
	running bool
	again   bool      // woken while it ran
	rest    time.Time // until when the endpoint is left alone

	width    int // requests at once; by SMPP events that are taken at once
	failures int // in a row
	rests    int // in a row
}

// run is a turn: page after page until nothing is due, or the endpoint has to rest.
func (l *lane) run(ctx context.Context) {
	for {
		more, err := l.turn(ctx)
		if err != nil && ctx.Err() == nil {
			l.outbox.log.Warn("events of an account are not sent now", "account", l.queue.Account, "error", err)
		}
		stop := err != nil || ctx.Err() != nil || l.resting()
		if more && !stop {
			continue
		}
		if l.outbox.idle(l, stop) {
			return
		}
	}
}

func (l *lane) resting() bool {
	l.outbox.mu.Lock()
	defer l.outbox.mu.Unlock()
	return time.Now().Before(l.rest)
}

// turn sends some events and answers whether more may be due.
func (l *lane) turn(ctx context.Context) (more bool, err error) {
	switch l.queue.Way {
	case sms.BySMPP:
		return l.deliver(ctx)
	case sms.ByCallback:
		return l.call(ctx)
	}
	return l.page(ctx)
}

// claim takes events. What is being taken when the server stops must be known, to be given back: else it waits for the end
// of its lease.
func (l *lane) claim(ctx context.Context, limit int) ([]sms.Event, error) {
	taking, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerLimit)
	defer cancel()
	return l.outbox.store.ClaimEvents(taking, l.queue, limit)
}

// page sends some events to a webhook and answers whether more may be due.
func (l *lane) page(ctx context.Context) (more bool, err error) {
	hook, err := l.outbox.store.Webhook(ctx, l.queue.Account)
	if err != nil {
		return false, err
	}
	if hook == nil || !hook.DisabledAt.IsZero() {
		ended, err := l.outbox.store.FailEvents(ctx, l.queue.Account)
		l.outbox.Counters.Failed.Add(ended)
		return ended > 0, err
	}
	limit := pageOf * l.width
	if l.failures >= strikes {
		limit = 1 // only to see whether it is there again
	}
	events, err := l.claim(ctx, limit)
	if err != nil || len(events) == 0 {
		return false, err
	}
	result := l.send(ctx, hook, events)
	l.adapt(result, len(events))
	return true, l.judge(ctx, hook, result)
}

// tally is what came of a page.
type tally struct {
	mu        sync.Mutex
	delivered int
	failed    int
	inARow    int // failures since the last success, those of earlier pages included
	slow      bool
	gone      bool
	asked     time.Duration // by Retry-After, the longest
}

// send sends a page, some events at once, and returns when what came of each is stored.
func (l *lane) send(ctx context.Context, hook *sms.Webhook, events []sms.Event) *tally {
	t := &tally{inARow: l.failures}
	probe := l.failures >= strikes
	claimed := time.Now()
	var next atomic.Int64
	var workers, stored sync.WaitGroup
	for range min(l.width, len(events)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(events)); i = next.Add(1) - 1 {
				stored.Add(1)
				l.outbox.store.SettleEvent(l.attempt(ctx, hook, &events[i], t.stopped(probe) || time.Since(claimed) > store.EventLease/2, t),
					func(error) { stored.Done() }) // what is not stored is sent again when the lease ends
			}
		})
	}
	workers.Wait()
	stored.Wait()
	l.failures = t.inARow
	return t
}

// stopped reports whether the rest of a page is better left for later.
func (t *tally) stopped(probe bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !probe && t.inARow >= strikes || t.gone || t.asked > 0
}

// attempt sends one event, or leaves it for later, and says what came of it.
func (l *lane) attempt(ctx context.Context, hook *sms.Webhook, e *sms.Event, later bool, t *tally) sms.Attempt {
	a := sms.Attempt{Event: e.ID, Number: e.Attempts, At: time.Now()}
	if later || ctx.Err() != nil {
		a.Void, a.Due = true, a.At
		return a
	}
	if e.Message == nil && e.Inbound == nil {
		a.Stage, a.Error = sms.EventFailed, "the message is not kept any more"
		l.outbox.Counters.Failed.Add(1)
		return a
	}
	answer := l.outbox.post(ctx, hook, e)
	if answer.failure != "" && ctx.Err() != nil { // the server stops: nobody knows whether it arrived
		a.Void, a.Due = true, time.Now()
		return a
	}
	a.Duration, a.Status, a.Error, a.Response = time.Since(a.At), answer.status, answer.failure, answer.body
	l.count(t, answer, a.Duration)
	a.Stage, a.Due = sms.EventDelivered, time.Time{}
	if answer.failure != "" {
		a.Stage, a.Due = afterFailure(e.Tries, answer, time.Now())
	}
	switch a.Stage {
	case sms.EventDelivered:
		l.outbox.Counters.Delivered.Add(1)
	case sms.EventFailed:
		l.outbox.Counters.Failed.Add(1)
	}
	return a
}

func (o *Outbox) post(ctx context.Context, hook *sms.Webhook, e *sms.Event) answer {
	body, err := o.body(e)
	if err != nil {
		return answer{failure: "the event cannot be written"}
	}
	return o.sender.post(ctx, hook, o.eventID(e), body)
}

func (l *lane) count(t *tally, answer answer, took time.Duration) {
	l.outbox.Counters.Attempts.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.slow = t.slow || took > slowAnswer
	if answer.failure == "" {
		t.delivered++
		t.inARow = 0
		return
	}
	l.outbox.Counters.AttemptsFailed.Add(1)
	t.failed++
	t.inARow++
	t.gone = t.gone || answer.gone()
	t.asked = max(t.asked, answer.retryAfter)
}

// adapt gives a quick endpoint more requests at once, and a slow or failing one fewer.
func (l *lane) adapt(t *tally, sent int) {
	switch {
	case t.failed > 0:
		l.width = max(1, l.width/2)
	case t.slow:
		l.width = max(slowWidth, l.width/2)
	case sent >= l.width:
		l.width = min(widest, 2*l.width)
	}
	rest := time.Duration(0)
	if l.failures >= strikes {
		rest = restAfter(l.rests)
		l.rests++
	} else {
		l.rests = 0
	}
	if rest = max(rest, t.asked); rest > 0 {
		l.outbox.mu.Lock()
		l.rest = time.Now().Add(rest)
		l.outbox.mu.Unlock()
	}
}

// restAfter is how long an endpoint rests that rested so often in a row already; with jitter, so that nodes differ.
func restAfter(rests int) time.Duration {
	d := min(firstRest<<min(rests, 10), longestRest)
	return d/2 + rand.N(d/2)
}

// judge notes whether anything comes through, and disables a webhook to which nothing did for days.
func (l *lane) judge(ctx context.Context, hook *sms.Webhook, t *tally) error {
	hooks := l.outbox.store
	switch {
	case t.gone:
		return l.disable(ctx, hook, "it answered 410 Gone")
	case t.delivered > 0 && !hook.FailingSince.IsZero():
		return hooks.SetWebhookFailing(ctx, l.queue.Account, time.Time{})
	case t.delivered > 0 || t.failed == 0:
		return nil
	case hook.FailingSince.IsZero():
		return hooks.SetWebhookFailing(ctx, l.queue.Account, time.Now())
	case time.Since(hook.FailingSince) >= patience:
		return l.disable(ctx, hook, "nothing came through for 5 days")
	}
	return nil
}

func (l *lane) disable(ctx context.Context, hook *sms.Webhook, why string) error {
	deed := store.Deed{Actor: "outbox", Action: "webhook disable", Detail: why + ": " + shownURL(hook.URL)}
	err := l.outbox.store.SaveWebhook(ctx, deed, l.queue.Account, func(h *sms.Webhook) (*sms.Webhook, error) {
		if h == nil || h.ID != hook.ID || h.URL != hook.URL || !h.DisabledAt.IsZero() { // it was changed meanwhile
			return h, nil
		}
		h.DisabledAt = time.Now().UTC().Truncate(time.Millisecond)
		return h, nil
	})
	if err == nil {
		l.outbox.log.Warn("a webhook is disabled: "+why, "account", l.queue.Account, "webhook", hook.ID, "failing since", hook.FailingSince)
	}
	return err
}
