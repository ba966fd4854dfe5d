package dispatch

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// wire is what carriers saw, in order, over all sessions.
type wire struct {
	mu      sync.Mutex
	written []written
}

type written struct {
	message *sms.Message
	part    int
	at      time.Time
	session *fakeSession
}

func (w *wire) all() []written {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.written)
}

// fakeSession is a carrier's end with a window.
type fakeSession struct {
	store   *fakeStore
	wire    *wire
	places  chan struct{}
	done    chan struct{}
	latency time.Duration
	answer  func(m *sms.Message, part int) Answer // nil: accepted
	refuses bool                                  // gives everything back without saying that it is done
	lose    func()
	peak    int
	flying  sync.WaitGroup
}

func (w *world) session(window int) *fakeSession {
	s := &fakeSession{store: w.store, wire: &w.wire, places: make(chan struct{}, window), done: make(chan struct{}), latency: 10 * time.Millisecond}
	s.lose = sync.OnceFunc(func() { close(s.done) })
	return s
}

func (s *fakeSession) Window() int           { return cap(s.places) }
func (s *fakeSession) Done() <-chan struct{} { return s.done }

func (s *fakeSession) Submit(ctx context.Context, m *sms.Message, done func(int, Answer)) {
	s.store.mu.Lock()
	if r := s.store.rows[m.ID]; !r.marked {
		s.store.t.Errorf("message %d leaves without a mark", m.ID)
	}
	s.store.mu.Unlock()
	for part, p := range m.Standing() {
		if p.State == sms.Queued {
			s.write(ctx, m, part, done)
		}
	}
}

func (s *fakeSession) write(ctx context.Context, m *sms.Message, part int, done func(int, Answer)) {
	placed := false
	select {
	case s.places <- struct{}{}:
		placed = true
	case <-ctx.Done():
	case <-s.done:
	}
	if s.refuses || ctx.Err() != nil || s.lost() {
		if placed {
			<-s.places
		}
		done(part, Answer{Verdict: NotSent})
		return
	}
	s.wire.mu.Lock()
	s.wire.written = append(s.wire.written, written{m, part, time.Now(), s})
	s.peak = max(s.peak, len(s.places))
	s.wire.mu.Unlock()
	s.flying.Go(func() {
		answer := Answer{Verdict: Accepted, Ref: "ref"}
		if s.answer != nil {
			answer = s.answer(m, part)
		}
		timer := time.NewTimer(s.latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.done:
			answer = Answer{Verdict: Uncertain}
		}
		done(part, answer)
		<-s.places
	})
}

func (s *fakeSession) lost() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
