package dispatch

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// cancel withdraws a message as the store does: it is refused once the message is marked.
func (s *fakeStore) cancel(m *sms.Message, withdraw func(*sms.Message) bool) (cancelled bool) {
	done := make(chan bool, 1)
	s.put(func() {
		s.mu.Lock()
		r := s.rows[m.ID]
		ok := r.state == sms.Queued && !r.marked
		if ok {
			r.state, r.cancelled = sms.Cancelled, true
		}
		s.mu.Unlock()
		if ok && !withdraw(m) {
			s.mu.Lock()
			r.cancelled = false // nobody can ask for its mark
			s.mu.Unlock()
		}
		done <- ok
	})
	return <-done
}

// refuseCancelled is the refusal of a mark of cancelled messages; nil: there are none.
func (s *fakeStore) refuseCancelled(messages []*sms.Message) error {
	var gone []sms.ID
	for _, m := range messages {
		if r := s.rows[m.ID]; r.cancelled {
			r.cancelled = false
			gone = append(gone, m.ID)
		}
	}
	if len(gone) > 0 {
		return &store.WithdrawnError{IDs: gone}
	}
	return nil
}

// TestWithdraw: a message that waits in memory or in the store is cancelled and never written, its neighbours are.
func TestWithdraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		all := messages(7, laneLimit+500) // the last ones wait in the store
		w.store.accept(all...)
		for i := 0; i < len(all); i += 10 {
			if !w.store.cancel(all[i], w.Withdraw) {
				t.Fatalf("message %d is not cancelled", i)
			}
		}
		if held, _ := w.Depth(1); held != laneLimit-laneLimit/10 {
			t.Errorf("%d in memory", held)
		}
		w.serve(w.session(50), ServeOptions{})
		time.Sleep(time.Minute)
		synctest.Wait()
		w.wantOnce(len(all) * 9 / 10)
		w.wantOrder()
		if held, more := w.Depth(1); held != 0 || more {
			t.Errorf("%d in memory, more %v", held, more)
		}
	})
}

// TestWithdrawAgainstMark: whoever comes first, a message is written or cancelled.
func TestWithdrawAgainstMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.serve(w.session(3), ServeOptions{})
		var cancelled []sms.ID
		n := 1_000
		for round := range n / 10 {
			all := messages(7, 10)
			w.store.accept(all...)
			time.Sleep(time.Duration(round%20) * time.Millisecond) // the sessions take some meanwhile, now more, now fewer
			for _, m := range all[3:7] {
				if w.store.cancel(m, w.Withdraw) {
					cancelled = append(cancelled, m.ID)
				}
			}
			time.Sleep(time.Second) // the next ones find nobody before them
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(cancelled) == 0 || len(cancelled) == n*4/10 {
			t.Errorf("%d are cancelled: that is no race", len(cancelled))
		}
		for _, one := range w.wire.all() {
			if slices.Contains(cancelled, one.message.ID) {
				t.Errorf("message %d is cancelled and written", one.message.ID)
			}
		}
		w.wantOnce(n - len(cancelled))
		if held, more := w.Depth(1); held != 0 || more {
			t.Errorf("%d in memory, more %v", held, more)
		}
	})
}
