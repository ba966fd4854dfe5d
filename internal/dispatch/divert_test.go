package dispatch

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

func (s *fakeStore) Divert(_ context.Context, messages []*sms.Message, to sms.CarrierID, _ string) ([]*sms.Message, error) {
	done := make(chan []*sms.Message, 1)
	s.put(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		var moved []*sms.Message
		for _, m := range messages {
			r := s.rows[m.ID]
			if r.marked {
				s.t.Errorf("message %d goes another way under a mark", m.ID)
			}
			if r.state == sms.Queued && r.due.IsZero() && r.message.Carrier == m.Carrier && whole(r.message.Progress) {
				diverted := *r.message
				diverted.Carrier = to
				r.message = &diverted
				moved = append(moved, m)
			}
			r.cancelled = false
		}
		done <- moved
	})
	return <-done, nil
}

// carriersByHand are carriers 1 to n, tried in that order.
type carriersByHand struct {
	mu      sync.Mutex
	n       sms.CarrierID
	away    map[sms.CarrierID]bool
	refused map[sms.CarrierID]int
	bound   sms.Number // only messages to this destination have another way; zero: all have
}

func (c *carriersByHand) setAway(id sms.CarrierID, away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away == nil {
		c.away = map[sms.CarrierID]bool{}
	}
	c.away[id] = away
}

func (c *carriersByHand) Answered(id sms.CarrierID, taken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		c.refused = map[sms.CarrierID]int{}
	}
	if !taken {
		c.refused[id]++
	}
}

func (c *carriersByHand) Next(m *sms.Message) (sms.Carrier, bool) {
	return sms.Carrier{ID: m.Carrier%c.n + 1}, sms.CarrierID(m.Attempts+1)%c.n == 0
}

func (c *carriersByHand) Away(id sms.CarrierID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away[id]
}

func (c *carriersByHand) Other(m *sms.Message) (sms.Carrier, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := sms.CarrierID(1); id <= c.n; id++ {
		if id != m.Carrier && !c.away[id] && (c.bound == 0 || c.bound == m.Destination) {
			return sms.Carrier{ID: id}, true
		}
	}
	return sms.Carrier{}, false
}

// withWays is a world in which messages have several ways.
func withWays(t *testing.T, n sms.CarrierID) (*world, *carriersByHand) {
	ways := &carriersByHand{n: n}
	w := newWorldBefore(t, func(d *Dispatcher) { d.By(ways) })
	return w, ways
}

func (w *world) serveCarrier(id sms.CarrierID, s *fakeSession) *fakeSession {
	d, ctx := w.Dispatcher, w.ctx
	w.sessions.Go(func() {
		if err := d.Serve(ctx, id, s, ServeOptions{}); err != nil {
			w.t.Error(err)
		}
	})
	return s
}

// TestFallThrough: what a carrier refuses as a whole goes by the next, at once; when all have refused it waits, and no
// carrier is asked in a loop.
func TestFallThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, ways := withWays(t, 3)
		defer w.end()
		open := make(chan struct{})
		for id := sms.CarrierID(1); id <= 3; id++ {
			s := w.session(10)
			s.answer = func(*sms.Message, int) Answer {
				select {
				case <-open:
					if id == 3 {
						return Answer{Verdict: Accepted, Ref: "r"}
					}
				default:
				}
				return Answer{Verdict: CarrierWide, Code: "0x0000000d"}
			}
			w.serveCarrier(id, s)
		}
		w.store.accept(messages(1, 20)...)
		time.Sleep(3 * time.Second)
		if n := len(w.wire.all()); n != 60 {
			t.Errorf("20 messages were tried %d times, want once by each of three carriers, and then a rest", n)
		}
		close(open)
		time.Sleep(time.Minute)
		if got := w.store.counts(); got[sms.Sent] != 20 {
			t.Errorf("states %v", got)
		}
		for _, o := range w.store.recorded() {
			if o.State == sms.Sent && o.Carrier != 3 {
				t.Errorf("message %d sent by carrier %d", o.Message.ID, o.Carrier)
			}
		}
		if ways.refused[3] < 20 {
			t.Errorf("refusals %v", ways.refused)
		}
	})
}

// TestPartlySentStays: a message of which a part has left does not change its carrier.
func TestPartlySentStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := withWays(t, 2)
		defer w.end()
		s := w.session(10)
		var tries atomic.Int32
		s.answer = func(_ *sms.Message, part int) Answer {
			if n := tries.Add(1); part == 1 && n < 4 {
				return Answer{Verdict: CarrierWide}
			}
			return Answer{Verdict: Accepted, Ref: "r"}
		}
		w.serveCarrier(1, s)
		long := messages(1, 1)
		long[0].Parts = 2
		w.store.accept(long...)
		time.Sleep(time.Minute)
		if got := w.store.counts(); got[sms.Sent] != 1 {
			t.Errorf("states %v", got)
		}
	})
}

// TestDivert: what waits for a carrier that is away, in memory and in the store, goes by another: each message once, in
// order, but for those that were cancelled meanwhile.
func TestDivert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, ways := withWays(t, 2)
		defer w.end()
		all := messages(7, laneLimit+1500)
		w.store.accept(all...)
		w.serveCarrier(2, w.session(50))
		ways.setAway(1, true)
		cancelled := 0
		for i := 0; i < len(all); i += 100 {
			if w.store.cancel(all[i], w.Withdraw) {
				cancelled++
			}
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if cancelled == 0 {
			t.Error("nothing was cancelled")
		}
		w.wantOnce(len(all) - cancelled)
		w.wantOrder()
		for id := sms.CarrierID(1); id <= 2; id++ {
			if held, more := w.Depth(id); held != 0 || more {
				t.Errorf("carrier %d: %d in memory, more %v", id, held, more)
			}
		}
	})
}

// TestField_dead_connector_chosen: nothing waits for a carrier that is not bound while another is; what came before goes
// on with its own when that comes back first.
func TestField_dead_connector_chosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, ways := withWays(t, 2)
		defer w.end()
		w.store.accept(messages(7, 100)...)
		time.Sleep(time.Minute)
		if n := len(w.wire.all()); n != 0 {
			t.Errorf("%d written without a session", n)
		}
		ways.setAway(1, true)
		ways.setAway(2, true)
		time.Sleep(time.Minute)
		ways.setAway(1, false)
		w.serveCarrier(1, w.session(50))
		time.Sleep(time.Minute)
		w.wantOnce(100)
		w.wantOrder()
		if got := w.store.recorded(); slices.ContainsFunc(got, func(o sms.Outcome) bool { return o.Carrier != 1 }) {
			t.Error("sent by a carrier that is away")
		}
	})
}

// TestDivertWhileItComesBack: the carrier comes back while what waited for it is being moved, and nothing leaves twice.
func TestDivertWhileItComesBack(t *testing.T) {
	for back := 500 * time.Millisecond; back < 3*time.Second; back += 100 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			w, ways := withWays(t, 2)
			defer w.end()
			w.store.latency, w.store.slow = 50*time.Millisecond, 30*time.Millisecond
			all := messages(7, laneLimit+2_000)
			w.store.accept(all...)
			ways.setAway(1, true)
			w.serveCarrier(2, w.session(100))
			time.Sleep(back)
			w.serveCarrier(1, w.session(100)) // before anybody knows that it is not away any more
			time.Sleep(time.Second)
			ways.setAway(1, false)
			time.Sleep(5 * time.Minute)
			w.wantOnce(len(all))
		})
	}
}

// TestDivertOfSome: what has no other way stays, what has left in part too; what has one is found behind more of them than
// fit into memory, also when it was tried before and may have left.
func TestDivertOfSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ways := &carriersByHand{n: 2, bound: 395512345678}
		w := newWorldBefore(t, func(d *Dispatcher) { d.By(ways) })
		defer w.end()
		ways.setAway(1, true)
		stay := messages(7, laneLimit+500)
		w.store.accept(stay...)
		move := messages(7, 5)
		for _, m := range move {
			m.Destination = ways.bound
		}
		partly := move[4]
		move[1].Progress = []sms.Part{{State: sms.Queued}}
		move[2].Progress = []sms.Part{{State: sms.Queued, Doubts: 1}}
		partly.Parts, partly.Progress = 2, []sms.Part{{State: sms.Sent, Ref: "r"}, {State: sms.Queued}}
		w.store.accept(move...)
		w.serveCarrier(2, w.session(100))
		time.Sleep(time.Minute)
		w.wantOnce(4)
		for _, one := range w.wire.all() {
			if one.message.Destination != ways.bound || one.message.ID == partly.ID {
				t.Errorf("%+v has left", one.message)
			}
		}
		ways.setAway(1, false)
		w.serveCarrier(1, w.session(100))
		time.Sleep(time.Minute)
		if counts := w.store.counts(); counts[sms.Sent] != len(stay)+len(move) {
			t.Errorf("states %v", counts)
		}
	})
}
