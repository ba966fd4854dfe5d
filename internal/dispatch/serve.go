package dispatch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// ServeOptions is what a carrier allows, in parts each second; 0: unlimited.
type ServeOptions struct {
	Throughput int // over all sessions of the carrier, those of other processes included; the same for all of them
	Session    int // on this session
}

// Serve feeds a session until it is done or ctx ends, and returns when every message given to it has its outcome
// handed to the store. After ctx has ended nothing new is submitted. Call it once for each bound session, at most
// 16 at a time for one carrier.
func (d *Dispatcher) Serve(ctx context.Context, carrier sms.CarrierID, session Session, options ServeOptions) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	f := &feeder{dispatcher: d, queue: d.queue(carrier), session: session, batches: make(chan batch)}
	f.seat = f.queue.join()
	f.window, f.markLimit = session.Window(), 2*session.Window()
	f.landed = make(chan struct{}, 1)
	f.queue.limitTo(options.Throughput)
	f.queue.serve(+1)
	defer f.queue.serve(-1)
	if options.Session > 0 {
		f.own = newPace()
		f.own.configure(options.Session)
	}
	if options.Throughput > 0 {
		signal(d.demand)
	}
	var workers sync.WaitGroup
	workers.Go(func() { f.markAhead(ctx) })
	workers.Go(func() { f.submitAll(ctx) })
	select {
	case <-ctx.Done():
	case <-session.Done():
	}
	stop()
	workers.Wait()
	f.queue.leave(f.seat)
	f.flying.Wait()
	return nil
}

// Throttle changes the throughput of a carrier whose sessions are served, from now on.
func (d *Dispatcher) Throttle(carrier sms.CarrierID, throughput int) {
	d.queue(carrier).limitTo(throughput)
	signal(d.demand)
}

// feeder works for one session: one goroutine marks the next batch while the other submits the last one.
type feeder struct {
	dispatcher *Dispatcher
	queue      *queue
	seat       *seat
	session    Session
	own        *pace         // of this session; nil: unlimited
	leased     *leased       // for Submit; submitAll only
	window     int           // parts marked at once, at most
	markLimit  int           // parts that may be marked and without an outcome: one window on the wire, one ahead
	marked     atomic.Int64  // parts that are
	landed     chan struct{} // some of them are no more
	batches    chan batch
	flying     sync.WaitGroup
	refuses    atomic.Bool // the session gave a message back though it is not done
}

// batch is messages under one mark.
type batch struct {
	mark     *store.Mark
	messages []*sms.Message
}

// restAfterRefusal is how long a session that takes nothing, and does not say that it is done, is left alone.
const restAfterRefusal = 100 * time.Millisecond

// markAhead takes batches out of the queue and has them marked, until ctx ends.
func (f *feeder) markAhead(ctx context.Context) {
	defer close(f.batches)
	for ctx.Err() == nil {
		if f.refuses.Swap(false) {
			pause(ctx, restAfterRefusal)
		}
		messages := f.next(ctx)
		if len(messages) == 0 {
			continue
		}
		mark, err := f.dispatcher.ledger.Mark(ctx, messages)
		if err != nil {
			f.unmarked(messages...)
			if !f.withoutCancelled(err, messages) {
				f.giveUp(err, messages...)
				pause(ctx, 100*time.Millisecond)
			}
			continue
		}
		if messages = f.endBlocked(mark, messages); len(messages) == 0 {
			continue
		}
		select {
		case f.batches <- batch{mark, messages}:
		case <-ctx.Done():
			f.giveBack(mark, messages)
		}
	}
}

// next waits for messages that may be sent now; those that expired meanwhile end here.
func (f *feeder) next(ctx context.Context) []*sms.Message {
	room := f.markLimit - int(f.marked.Load())
	if room <= 0 {
		select {
		case <-f.landed:
		case <-ctx.Done():
		}
		return nil
	}
	taken := f.queue.take(f.seat, min(room, f.batch()))
	if len(taken) == 0 {
		select {
		case <-f.seat.wake:
		case <-ctx.Done():
		}
		return nil
	}
	now := time.Now()
	valid := taken[:0]
	for _, m := range taken {
		if m.Expires.After(now) {
			valid = append(valid, m)
			f.marked.Add(int64(m.Parts))
			continue
		}
		f.flying.Add(1)
		f.dispatcher.expire(f.queue, m, now, func(error) { f.flying.Done() })
	}
	return valid
}

// endBlocked ends the messages that the ledger did not mark because their recipients have opted out since they were
// accepted, and answers the others.
func (f *feeder) endBlocked(mark *store.Mark, messages []*sms.Message) []*sms.Message {
	if mark == nil || len(mark.Blocked) == 0 {
		return messages
	}
	now := time.Now()
	f.unmarked(mark.Blocked...)
	for _, m := range mark.Blocked {
		f.flying.Add(1)
		f.dispatcher.end(f.queue, blocked(m, now), func(error) { f.flying.Done() })
	}
	return slices.DeleteFunc(messages, func(m *sms.Message) bool { return slices.Contains(mark.Blocked, m) })
}

// unmarked counts messages that are not marked any more.
func (f *feeder) unmarked(messages ...*sms.Message) {
	for _, m := range messages {
		f.marked.Add(-int64(m.Parts))
	}
	signal(f.landed)
}

// giveUp returns messages that surely have not left to the queue, or forgets those that another process may have now.
func (f *feeder) giveUp(err error, messages ...*sms.Message) {
	if errors.Is(err, store.ErrSuperseded) {
		f.queue.forget(messages...)
		return
	}
	f.queue.putBack(messages...)
}

// submitAll hands marked messages to the session. What the session no longer takes goes back to the queue.
func (f *feeder) submitAll(ctx context.Context) {
	for b := range f.batches {
		for i, m := range b.messages {
			if err := f.mayGo(ctx, b.mark, m); err != nil {
				f.giveBack(b.mark, b.messages[i:])
				break
			}
			f.submit(ctx, b.mark, m)
		}
	}
}

// mayGo waits until the carrier's throughput allows the parts of a message.
func (f *feeder) mayGo(ctx context.Context, mark *store.Mark, m *sms.Message) error {
	if err := f.awaitPace(ctx, mark, m.Parts); err != nil {
		return err
	}
	if !f.mayLeave(mark) {
		return errFenced
	}
	return ctx.Err()
}

// giveBack unmarks messages that surely have not left and returns them to the queue.
func (f *feeder) giveBack(mark *store.Mark, messages []*sms.Message) {
	for _, m := range messages {
		f.flying.Add(1)
		f.dispatcher.ledger.Unmark(mark, m, func(err error) {
			f.unmarked(m)
			f.giveUp(err, m)
			f.flying.Done()
		})
	}
}

// submit sends one message. The answers of its parts come from the session's goroutines.
func (f *feeder) submit(ctx context.Context, mark *store.Mark, m *sms.Message) {
	flight := &flight{feeder: f, mark: mark, message: m, answers: make([]Answer, m.Parts), cuts: f.queue.pace.cuts.Load()}
	waiting := m.Parts
	for _, p := range m.Progress {
		if p.State != sms.Queued {
			waiting--
		}
	}
	flight.open.Store(int32(waiting))
	f.flying.Add(1)
	if waiting == 0 { // a receipt has ended the last part that waited
		flight.land()
		return
	}
	f.session.Submit(f.lease(ctx, mark), m, flight.answer)
}

// flight is one message between the first of its bytes and the last of its answers.
type flight struct {
	feeder  *feeder
	mark    *store.Mark
	message *sms.Message
	answers []Answer
	cuts    uint32 // of the pace, when it left
	open    atomic.Int32
}

func (fl *flight) answer(part int, a Answer) {
	fl.answers[part] = a
	if fl.open.Add(-1) == 0 {
		fl.land()
	}
}

// land records what became of the message. The message leaves memory only when that is durable.
func (fl *flight) land() {
	f, now := fl.feeder, time.Now().UTC()
	if untouched(fl.answers, fl.message) {
		f.refuses.Store(true)
		f.giveBack(fl.mark, []*sms.Message{fl.message})
		f.flying.Done()
		return
	}
	outcome := conclude(fl.message, fl.answers, now)
	f.dispatcher.findWay(&outcome, fl.answers)
	f.queue.figures.note(fl.answers, now)
	accepted, throttled := tally(fl.answers)
	f.queue.pace.answered(accepted, throttled, fl.cuts, now)
	f.dispatcher.ledger.Record(outcome, fl.mark, func(err error) {
		f.dispatcher.recorded(f.queue, fl.message, err)
		f.unmarked(fl.message)
		f.flying.Done()
	})
}

func (d *Dispatcher) recorded(q *queue, m *sms.Message, err error) {
	if errors.Is(err, store.ErrSuperseded) {
		q.forget(m)
		return
	}
	if err != nil {
		d.log.Error("an outcome is not recorded; the message counts as uncertain at the next start", "message", int64(m.ID), "error", err)
	}
	q.release(m)
}
