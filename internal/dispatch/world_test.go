package dispatch

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeStore is a ledger and a backlog with a commit loop of its own: what is put in becomes durable together, in
// order, a moment later.
type fakeStore struct {
	t       testing.TB
	latency time.Duration // of a commit
	offer   func([]*sms.Message)

	mu       sync.Mutex
	rows     map[sms.ID]*row
	last     sms.ID
	members  []func()
	wake     chan struct{}
	marks    map[*store.Mark]int
	nextDue  time.Time // no message is due before; zero: none
	marked   int       // parts under a mark
	peak     int       // the most of them
	markings int
	outcomes []sms.Outcome
	down     error         // what Mark answers
	reading  func()        // called after a read of Waiting has its snapshot
	slow     time.Duration // of a read

	optedOut sms.Number // who wants nothing any more
}

type row struct {
	message *sms.Message
	state   sms.State
	due     time.Time
	marked  bool
	foreign bool // another node's

	cancelled bool // its next mark is refused
}

// waits reports whether a message may go, and is this node's.
func (r *row) waits() bool { return r.state == sms.Queued && r.due.IsZero() && !r.foreign }

// give makes messages another node's, or this one's. It answers their lanes.
func (s *fakeStore) give(foreign bool, messages ...*sms.Message) (lanes []store.Lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range messages {
		r := s.rows[m.ID]
		if r.foreign = foreign; !slices.Contains(lanes, keyOf(m)) && r.state == sms.Queued {
			lanes = append(lanes, keyOf(m))
		}
	}
	return lanes
}

// elsewhere has another node accept messages.
func (s *fakeStore) elsewhere(messages ...*sms.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range messages {
		s.last++
		m.ID = s.last
		s.rows[m.ID] = &row{message: m, state: sms.Queued, foreign: true}
	}
}

func newFakeStore(t testing.TB) *fakeStore {
	return &fakeStore{t: t, latency: time.Millisecond, rows: map[sms.ID]*row{}, wake: make(chan struct{}, 1), marks: map[*store.Mark]int{}}
}

func (s *fakeStore) run(ctx context.Context) {
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
		time.Sleep(s.latency)
		s.mu.Lock()
		group := s.members
		s.members = nil
		s.mu.Unlock()
		for _, m := range group {
			m()
		}
	}
}

func (s *fakeStore) put(member func()) {
	s.mu.Lock()
	s.members = append(s.members, member)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// accept commits messages and offers those that may go.
func (s *fakeStore) accept(messages ...*sms.Message) {
	done := make(chan struct{})
	s.put(func() {
		var ready []*sms.Message
		s.mu.Lock()
		for _, m := range messages {
			s.last++
			m.ID = s.last
			s.rows[m.ID] = &row{message: m, state: sms.Queued, due: m.Due}
			s.waitFor(m.Due)
			if m.Due.IsZero() {
				ready = append(ready, m)
			}
		}
		s.mu.Unlock()
		s.offer(ready)
		close(done)
	})
	<-done
}

func (s *fakeStore) Mark(ctx context.Context, messages []*sms.Message) (*store.Mark, error) {
	mark := new(store.Mark)
	done := make(chan error, 1)
	s.put(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.markings++
		if s.down != nil {
			done <- s.down
			return
		}
		if slices.ContainsFunc(messages, func(m *sms.Message) bool { return s.rows[m.ID].foreign }) {
			done <- store.ErrSuperseded
			return
		}
		if err := s.refuseCancelled(messages); err != nil {
			done <- err
			return
		}
		for _, m := range messages {
			if m.Destination == s.optedOut {
				mark.Blocked = append(mark.Blocked, m)
				continue
			}
			s.marks[mark]++
			r := s.rows[m.ID]
			if r.marked {
				s.t.Errorf("message %d is marked twice", m.ID)
			}
			if r.state != sms.Queued {
				s.t.Errorf("message %d is marked in state %v", m.ID, r.state)
			}
			r.marked = true
			s.marked += m.Parts
		}
		s.peak = max(s.peak, s.marked)
		done <- nil
	})
	if err := <-done; err != nil {
		return nil, err
	}
	return mark, nil
}

func (s *fakeStore) unmark(mark *store.Mark, m *sms.Message) {
	r := s.rows[m.ID]
	if mark == nil {
		return
	}
	if !r.marked {
		s.t.Errorf("message %d is not marked", m.ID)
	}
	r.marked = false
	s.marked -= m.Parts
	if s.marks[mark]--; s.marks[mark] == 0 {
		delete(s.marks, mark)
	}
}

func (s *fakeStore) Unmark(mark *store.Mark, m *sms.Message, done func(error)) {
	s.put(func() {
		s.mu.Lock()
		foreign := s.rows[m.ID].foreign
		s.unmark(mark, m)
		s.mu.Unlock()
		done(superseded(foreign))
	})
}

func (s *fakeStore) Record(o sms.Outcome, mark *store.Mark, done func(error)) {
	s.put(func() {
		s.mu.Lock()
		s.unmark(mark, o.Message)
		r := s.rows[o.Message.ID]
		foreign := r.foreign
		if r.state == sms.Queued && !foreign {
			again := *o.Message
			again.Progress, again.Attempts, again.Carrier = o.Parts, again.Attempts+1, o.Carrier
			r.message, r.state, r.due = &again, o.State, o.Retry
			s.waitFor(o.Retry)
			s.outcomes = append(s.outcomes, o)
		}
		s.mu.Unlock()
		done(superseded(foreign))
	})
}

func superseded(foreign bool) error {
	if foreign {
		return store.ErrSuperseded
	}
	return nil
}

func (s *fakeStore) Lanes(context.Context) (lanes []store.Lane, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if key := keyOf(r.message); r.waits() && !slices.Contains(lanes, key) {
			lanes = append(lanes, key)
		}
	}
	return lanes, nil
}

func (s *fakeStore) Waiting(_ context.Context, lane store.Lane, after sms.ID, limit int) (messages []*sms.Message, err error) {
	s.mu.Lock()
	for id := after + 1; id <= s.last && len(messages) < limit; id++ {
		if r := s.rows[id]; r.waits() && keyOf(r.message) == lane {
			m := *r.message
			messages = append(messages, &m)
		}
	}
	hook := s.reading
	s.mu.Unlock()
	if hook != nil {
		hook()
	}
	time.Sleep(s.slow)
	return messages, nil
}

func (s *fakeStore) Due(_ context.Context, limit int, ready func([]*sms.Message)) (int, error) {
	done := make(chan int, 1)
	s.put(func() {
		var due []*sms.Message
		s.mu.Lock()
		if s.nextDue.IsZero() || s.nextDue.After(time.Now()) {
			s.mu.Unlock()
			done <- 0
			return
		}
		s.nextDue = time.Time{}
		for id := sms.ID(1); id <= s.last && len(due) < limit; id++ {
			if r := s.rows[id]; r.state == sms.Queued && !r.due.IsZero() && !r.due.After(time.Now()) {
				r.due = time.Time{}
				m := *r.message
				m.Due = time.Time{}
				r.message = &m
				due = append(due, &m)
			}
		}
		for _, r := range s.rows {
			if r.state == sms.Queued {
				s.waitFor(r.due)
			}
		}
		s.mu.Unlock()
		if len(due) > 0 {
			ready(due)
		}
		done <- len(due)
	})
	return <-done, nil
}

func (s *fakeStore) Stale(_ context.Context, after store.Place, limit int) (messages []*sms.Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := sms.ID(1); id <= s.last; id++ {
		if r := s.rows[id]; r.waits() && !r.message.Expires.After(time.Now()) && behind(r.message, after) {
			m := *r.message
			messages = append(messages, &m)
		}
	}
	slices.SortFunc(messages, func(a, b *sms.Message) int { return comparePlaces(placeOf(a), placeOf(b)) })
	messages = messages[:min(limit, len(messages))]
	return messages, nil
}

func (s *fakeStore) waitFor(due time.Time) {
	if !due.IsZero() && (s.nextDue.IsZero() || due.Before(s.nextDue)) {
		s.nextDue = due
	}
}

// openMarks is how many marks there are now.
func (s *fakeStore) openMarks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.marks)
}

// recorded is the outcomes so far.
func (s *fakeStore) recorded() []sms.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.outcomes)
}

// marksMade is how many marks were asked for, and how many parts were under one at once at most.
func (s *fakeStore) marksMade() (marks, peak int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.markings, s.peak
}

func (s *fakeStore) state(id sms.ID) sms.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows[id].state
}

// counts is how many messages stand in each state.
func (s *fakeStore) counts() map[sms.State]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[sms.State]int{}
	for _, r := range s.rows {
		counts[r.state]++
	}
	return counts
}

// world is a dispatcher between a fake store and fake sessions. Use it inside synctest.Test.
type world struct {
	*Dispatcher
	t        *testing.T
	store    *fakeStore
	wire     wire
	ctx      context.Context
	cancel   context.CancelFunc
	stopAll  context.CancelFunc
	running  sync.WaitGroup
	sessions sync.WaitGroup
}

func newWorld(t *testing.T) *world { return newWorldBefore(t, func(*Dispatcher) {}) }

// newWorldBefore prepares the dispatcher before it runs.
func newWorldBefore(t *testing.T, prepare func(*Dispatcher)) *world {
	w := &world{t: t, store: newFakeStore(t)}
	w.Dispatcher = New(w.store, w.store, slog.New(slog.DiscardHandler))
	prepare(w.Dispatcher)
	w.store.offer = w.Offer
	w.ctx, w.cancel = context.WithCancel(context.Background())
	all, stop := context.WithCancel(context.Background())
	w.stopAll = stop
	w.running.Go(func() { w.store.run(all) })
	w.start()
	return w
}

func (w *world) start() {
	d, ctx := w.Dispatcher, w.ctx
	w.running.Go(func() {
		if err := d.Run(ctx); err != nil {
			w.t.Error(err)
		}
	})
}

// restart begins with an empty memory, as the next process does; meanwhile runs before it looks at the store.
func (w *world) restart(meanwhile func()) {
	w.cancel()
	w.sessions.Wait()
	w.Dispatcher = New(w.store, w.store, w.log)
	w.store.offer = w.Offer
	meanwhile()
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.start()
}

// end stops everything in order.
func (w *world) end() {
	w.cancel()
	w.sessions.Wait()
	w.stopAll()
	w.running.Wait()
}

// serve feeds a session until it is lost or the world ends.
func (w *world) serve(s *fakeSession, options ServeOptions) *fakeSession {
	d, ctx := w.Dispatcher, w.ctx
	w.sessions.Go(func() {
		if err := d.Serve(ctx, 1, s, options); err != nil {
			w.t.Error(err)
		}
	})
	return s
}

// messages makes n messages of an account, to a few destinations by turns.
func messages(account sms.AccountID, n int) []*sms.Message {
	all := make([]*sms.Message, n)
	for i := range all {
		all[i] = &sms.Message{Account: account, Carrier: 1, Destination: 393400000000 + sms.Number(i%37), Parts: 1,
			Priority: sms.Normal, Expires: time.Now().Add(48 * time.Hour)}
	}
	return all
}

// wantOnce holds that each of n messages was written once.
func (w *world) wantOnce(n int) {
	w.t.Helper()
	times := map[sms.ID]int{}
	for _, one := range w.wire.all() {
		times[one.message.ID]++
	}
	for id, n := range times {
		if n != 1 {
			w.t.Errorf("message %d was written %d times", id, n)
		}
	}
	if len(times) != n {
		w.t.Errorf("%d messages were written, want %d; states %v", len(times), n, w.store.counts())
	}
}

// wantOrder holds that messages were written for the first time in order of acceptance, for each destination and account.
func (w *world) wantOrder() {
	w.t.Helper()
	type conversation struct {
		account sms.AccountID
		to      sms.Number
	}
	last := map[conversation]sms.ID{}
	seen := map[sms.ID]bool{}
	for _, one := range w.wire.all() {
		key := conversation{one.message.Account, one.message.Destination}
		if seen[one.message.ID] {
			continue
		}
		seen[one.message.ID] = true
		if one.message.ID < last[key] {
			w.t.Errorf("message %d to %v is written after %d", one.message.ID, key.to, last[key])
		}
		last[key] = one.message.ID
	}
}

func placeOf(m *sms.Message) store.Place { return store.Place{Lane: keyOf(m), ID: m.ID} }

func behind(m *sms.Message, place store.Place) bool { return comparePlaces(placeOf(m), place) > 0 }

func comparePlaces(a, b store.Place) int {
	return cmp.Or(cmp.Compare(a.Lane.Carrier, b.Lane.Carrier), cmp.Compare(a.Lane.Priority, b.Lane.Priority),
		cmp.Compare(a.Lane.Account, b.Lane.Account), cmp.Compare(a.ID, b.ID))
}
