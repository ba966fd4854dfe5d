// Package outbox tells accounts what became of their messages.
//
// What comes in: events that the store wrote in the transactions of the statuses they report. What goes out: signed POST
// requests to the webhook of each account, or deliver_sm to the sessions that it has bound, at least one for each event,
// and what came of each attempt. Every account has turns of its own for each way: one that is slow or dead delays nobody
// else, and costs one attempt now and then; one without a session costs nothing.
//
// It never holds more than a page of events of an account in memory, never sends what it has not durably taken, never
// follows a redirect, and connects to no address inside of a network unless the operator allows that.
package outbox

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Queue is where events wait.
type Queue interface {
	EventLanes(ctx context.Context, way sms.Way) ([]store.EventLane, error)
	EventLanesOf(ctx context.Context, way sms.Way, accounts []sms.AccountID) ([]store.EventLane, error)
	ClaimEvents(ctx context.Context, queue store.EventQueue, limit int) ([]sms.Event, error)
	SettleEvent(a sms.Attempt, done func(error))
	FailEvents(ctx context.Context, account sms.AccountID) (int64, error)
}

// News tells of new events, so that nobody has to look for them.
type News interface {
	EventNews() <-chan struct{}
	Stirred() []store.EventQueue
}

// Webhooks knows where events go.
type Webhooks interface {
	Webhook(ctx context.Context, account sms.AccountID) (*sms.Webhook, error)
	SetWebhookFailing(ctx context.Context, account sms.AccountID, since time.Time) error
	SaveWebhook(ctx context.Context, deed store.Deed, account sms.AccountID, change func(*sms.Webhook) (*sms.Webhook, error)) error
}

// Callbacks knows where messages from handsets go as forms.
type Callbacks interface {
	InboundCallback(ctx context.Context, account sms.AccountID) (string, error)
	ResendInbound(ctx context.Context, account sms.AccountID, r store.Resend) (int, error)
}

// Store is all of it.
type Store interface {
	Queue
	News
	Webhooks
	Callbacks
}

// Options are what an outbox needs.
type Options struct {
	Store        Store
	IDs          *sms.PublicIDs
	AllowPrivate bool      // http and addresses inside of a network, for trying out
	Receivers    Receivers // nil: there is no SMPP door
	Log          *slog.Logger
}

// Outbox sends events. Safe for concurrent use.
type Outbox struct {
	store     Store
	ids       *sms.PublicIDs
	sender    sender
	receivers Receivers
	log       *slog.Logger

	mu    sync.Mutex
	lanes map[store.EventQueue]*lane
	bound map[sms.AccountID]bool // accounts that have had a session here a moment ago

	Counters Counters // of webhooks
	SMPP     Counters // of deliver_sm
	Callback Counters // of forms
}

// Counters are what /metrics shows of one way. All only grow.
type Counters struct {
	Delivered, Failed, Attempts, AttemptsFailed atomic.Int64
}

// New makes an outbox; it works while Run runs.
func New(o Options) *Outbox {
	if o.Receivers == nil {
		o.Receivers = nobody{}
	}
	return &Outbox{store: o.Store, ids: o.IDs, sender: newSender(o.AllowPrivate), receivers: o.Receivers, log: o.Log,
		lanes: map[store.EventQueue]*lane{}, bound: map[sms.AccountID]bool{}}
}

// lookEvery is how often the outbox looks for events that are due by now, and for those of a process that died.
const lookEvery = time.Second

// Run sends events until ctx ends; then what is on its way is given up, to be sent again, and nil is returned.
func (o *Outbox) Run(ctx context.Context) error {
	var working sync.WaitGroup
	defer working.Wait()
	defer o.sender.close()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-o.store.EventNews():
			for _, queue := range o.store.Stirred() {
				o.wake(ctx, &working, queue)
			}
		case <-o.receivers.ReceiverNews():
			o.greet(ctx, &working, o.receivers.Arrived())
		case <-tick.C:
			o.look(ctx, &working)
			o.lookForReceivers(ctx, &working)
		}
	}
}

func (o *Outbox) look(ctx context.Context, working *sync.WaitGroup) {
	lanes, err := o.store.EventLanes(ctx, sms.ByWebhook)
	if err == nil {
		var calls []store.EventLane
		calls, err = o.store.EventLanes(ctx, sms.ByCallback)
		lanes = append(lanes, calls...)
	}
	o.wakeDue(ctx, working, lanes, err)
}

func (o *Outbox) wakeDue(ctx context.Context, working *sync.WaitGroup, lanes []store.EventLane, err error) {
	if err != nil && ctx.Err() == nil {
		o.log.Warn("events are not searched for", "error", err)
	}
	now := time.Now()
	for _, l := range lanes {
		if !l.Due.After(now) {
			o.wake(ctx, working, l.EventQueue)
		}
	}
}

// wake gives a queue its turn, unless it has it already, its endpoint rests, or nobody is bound to receive it.
func (o *Outbox) wake(ctx context.Context, working *sync.WaitGroup, queue store.EventQueue) {
	if queue.Way == sms.BySMPP && len(o.receivers.Receivers(queue.Account)) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lanes[queue]
	if l == nil {
		l = &lane{outbox: o, queue: queue, width: firstWidth}
		if queue.Way == sms.BySMPP {
			l.width = firstTurn
		}
		o.lanes[queue] = l
	}
	if l.running {
		l.again = true
		return
	}
	if time.Now().Before(l.rest) {
		return
	}
	l.running = true
	working.Go(func() { l.run(ctx) })
}

// idle ends the turn of a lane; false when it was woken meanwhile.
func (o *Outbox) idle(l *lane, anyway bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l.again && !anyway {
		l.again = false
		return false
	}
	l.running, l.again = false, false
	if l.failures == 0 && l.rests == 0 && !time.Now().Before(l.rest) {
		delete(o.lanes, l.queue)
	}
	return true
}
