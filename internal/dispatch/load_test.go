package dispatch

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// More than fits into memory: everything is written once and in order, while more is accepted all the time.
func TestOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.slow = 20 * time.Millisecond
		s := w.session(100)
		w.serve(s, ServeOptions{})
		const rounds, each = 60, 200
		for range rounds {
			w.store.accept(messages(1, each)...)
			w.store.accept(messages(2, 10)...)
		}
		time.Sleep(time.Minute)
		w.wantOnce(rounds * (each + 10))
		w.wantOrder()
		if held, more := w.Depth(1); held != 0 || more {
			t.Errorf("%d in memory, more %v", held, more)
		}
		w.end()
	})
}

// After an overflow new messages go through memory again, though the stream of them never pauses.
func TestOverflowEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.slow = 5 * time.Millisecond
		s := w.session(100)
		w.store.accept(messages(1, laneLimit+2000)...)
		w.serve(s, ServeOptions{})
		more := true
		for range 3000 { // one each millisecond or two
			w.store.accept(messages(1, 1)...)
			if _, more = w.Depth(1); !more {
				break
			}
		}
		if more {
			t.Error("the lane is still read from the store")
		}
		time.Sleep(time.Minute)
		w.wantOrder()
		w.end()
	})
}

// Retries that do not fit lower the cursor of their lane while it is read: nothing is written twice.
func TestOverflowWithRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.slow = 50 * time.Millisecond
		s := w.session(200)
		tried := map[sms.ID]int{}
		s.answer = func(m *sms.Message, _ int) Answer {
			w.wire.mu.Lock()
			defer w.wire.mu.Unlock()
			if tried[m.ID]++; tried[m.ID] == 1 && m.ID%3 == 0 {
				return Answer{Verdict: Temporary}
			}
			return Answer{Verdict: Accepted, Ref: "r"}
		}
		w.serve(s, ServeOptions{})
		for range 20 {
			w.store.accept(messages(1, 1000)...)
			time.Sleep(300 * time.Millisecond)
		}
		time.Sleep(10 * time.Minute)
		if got := w.store.counts(); got[sms.Sent] != 20_000 {
			t.Errorf("states %v", got)
		}
		for id, n := range tried {
			if want := 1; id%3 == 0 && n != 2 || id%3 != 0 && n != want {
				t.Errorf("message %d was written %d times", id, n)
			}
		}
		w.end()
	})
}

// A message that leaves while the store is read is not taken in again, though the read still shows it.
func TestReadFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.accept(messages(1, 1)...)
		synctest.Wait()
		q := w.queue(1)
		m := q.take(q.join(), 1)[0]
		l := q.lanes[keyOf(m)]
		q.mu.Lock()
		l.spill(m.ID)
		q.mu.Unlock()
		w.store.reading = func() { q.release(m) } // its outcome is committed now
		if err := w.fill(t.Context(), q, l); err != nil {
			t.Fatal(err)
		}
		if l.count != 0 {
			t.Error("it would be sent again")
		}
		w.end()
	})
}

// A message that spills while the store is read moves the cursor back, and the end of that read does not move it on.
func TestCursorMovesBackDuringRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.accept(messages(1, 20)...)
		synctest.Wait()
		q := w.queue(1)
		s := q.join()
		taken := q.take(s, 100)
		for _, m := range taken {
			q.release(m) // they wait for their next attempt
		}
		l := q.lanes[keyOf(taken[0])]
		q.mu.Lock()
		l.spill(11)
		q.mu.Unlock()
		w.store.reading = func() {
			q.mu.Lock()
			l.spill(5) // its moment has come while there is no room
			q.mu.Unlock()
		}
		for range 2 {
			if err := w.fill(t.Context(), q, l); err != nil {
				t.Fatal(err)
			}
			w.store.reading = nil
		}
		if got := q.take(s, 100); len(got) != 16 || got[0].ID != 5 || l.overflow {
			t.Errorf("%d messages are read, more %v", len(got), l.overflow)
		}
		w.end()
	})
}

// What is accepted before the store has been searched queues behind what waits there.
func TestStartInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.accept(messages(1, 3000)...)
		w.restart(func() { w.store.accept(messages(1, 100)...) })
		w.serve(w.session(10), ServeOptions{})
		time.Sleep(time.Minute)
		w.wantOnce(3100)
		w.wantOrder()
		w.end()
	})
}

// TestField_stale_messages: validity holds in our own queue, in memory and in the store, with the carrier away.
func TestField_stale_messages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		all := messages(1, 10_000) // most of them wait in the store
		for _, m := range all {
			m.Expires = time.Now().Add(time.Hour)
		}
		w.store.accept(all...)
		valid := messages(2, 1)
		w.store.accept(valid...)
		time.Sleep(time.Hour + time.Minute)
		if got := w.store.counts(); got[sms.Expired] != 10_000 || got[sms.Queued] != 1 {
			t.Errorf("states %v", got)
		}
		w.serve(w.session(100), ServeOptions{})
		time.Sleep(time.Minute)
		w.wantOnce(1)
		for _, o := range w.store.recorded()[:10] {
			if o.State != sms.Expired || o.Reason == "" {
				t.Errorf("%+v", o)
			}
		}
		if held, more := w.Depth(1); held != 0 || more {
			t.Errorf("%d in memory, more %v", held, more)
		}
		w.end()
	})
}

// Validity that ends between two looks holds too: nothing is written after it.
func TestNothingLeavesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		all := messages(1, 100)
		for _, m := range all {
			m.Expires = time.Now().Add(10 * time.Second)
		}
		w.store.accept(all...)
		time.Sleep(10*time.Second + time.Millisecond)
		w.serve(w.session(100), ServeOptions{})
		time.Sleep(time.Second)
		if n := len(w.wire.all()); n != 0 {
			t.Errorf("%d written after their validity", n)
		}
		if got := w.store.counts(); got[sms.Expired] != 100 {
			t.Errorf("states %v", got)
		}
		w.end()
	})
}

// TestField_scheduled_blocks_live: what is held until a date is not in memory and delays nothing.
func TestField_scheduled_blocks_live(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.serve(w.session(100), ServeOptions{})
		scheduled := messages(1, 20_000)
		due := time.Now().Add(time.Hour)
		for _, m := range scheduled {
			m.Due = due
		}
		w.store.accept(scheduled...)
		if held, more := w.Depth(1); held != 0 || more {
			t.Errorf("%d scheduled messages in memory, more %v", held, more)
		}
		at := time.Now()
		w.store.accept(messages(1, 100)...)
		for len(w.wire.all()) < 100 {
			time.Sleep(time.Millisecond)
		}
		if took := time.Since(at); took > time.Second {
			t.Errorf("live messages took %v", took)
		}
		time.Sleep(time.Hour + time.Minute)
		w.wantOnce(20_100)
		for _, one := range w.wire.all()[100:] {
			if one.at.Before(due) || one.at.After(due.Add(30*time.Second)) {
				t.Fatalf("written %v after its date", one.at.Sub(due))
			}
		}
		w.end()
	})
}

// A message leaves within a second of its date, whatever part of a second that is, and never before it.
func TestDueToTheSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.serve(w.session(100), ServeOptions{})
		scheduled := messages(1, 40)
		began := time.Now()
		for i, m := range scheduled {
			m.Due = began.Add(time.Hour + time.Duration(i)*130*time.Millisecond)
		}
		w.store.accept(scheduled...)
		due := map[sms.ID]time.Time{}
		for i, m := range scheduled {
			due[m.ID] = began.Add(time.Hour + time.Duration(i)*130*time.Millisecond)
		}
		time.Sleep(time.Hour + 10*time.Second)
		w.wantOnce(len(scheduled))
		for _, one := range w.wire.all() {
			if late := one.at.Sub(due[one.message.ID]); late < 0 || late > time.Second {
				t.Errorf("message %d was written %v after its date", one.message.ID, late)
			}
		}
		w.end()
	})
}

// A message that comes back to its lane while the store is being read for it is not lost, though the read is from before
// and goes on behind it; neither are those that do not fit the tail of the read.
func TestBackDuringRead(t *testing.T) {
	for _, back := range []int{1, tailLimit + 50} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			all := messages(1, laneLimit+4_000)
			late := all[laneLimit+100 : laneLimit+100+back]
			for _, m := range late {
				m.Due = time.Now().Add(time.Hour) // it was refused for now
			}
			w.store.accept(all...)
			w.store.reading = sync.OnceFunc(func() {
				w.store.mu.Lock()
				var due []*sms.Message
				for _, m := range late {
					again := *m
					again.Due = time.Time{}
					w.store.rows[m.ID].message, w.store.rows[m.ID].due = &again, time.Time{}
					due = append(due, &again)
				}
				w.store.mu.Unlock()
				w.Offer(due)
			})
			w.serve(w.session(100), ServeOptions{})
			time.Sleep(time.Minute)
			w.wantOnce(len(all))
			w.end()
		})
	}
}
