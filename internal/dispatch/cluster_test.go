package dispatch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// fakeCluster is what the other nodes leave to this one.
type fakeCluster struct {
	mu       sync.Mutex
	fenced   bool
	lost     map[*store.Mark]bool // to another node
	fraction float64
	away     bool
	asked    []sms.CarrierID
}

func (c *fakeCluster) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *fakeCluster) Holds(mark *store.Mark) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.fenced && !c.lost[mark]
}

func (c *fakeCluster) Shares(_ context.Context, carriers []sms.CarrierID, use func(sms.CarrierID, float64)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = carriers
	if c.away {
		return errors.New("the database is away")
	}
	for _, carrier := range carriers {
		use(carrier, c.fraction)
	}
	return nil
}

// What another node left, older than much of what is here, leaves in its place: before the younger, and once.
func TestAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var left []*sms.Message
		for range 10 { // more than a lane holds in memory
			theirs := messages(1, 200)
			w.store.elsewhere(theirs...)
			left = append(left, theirs...)
			w.store.accept(messages(1, 500)...)
		}
		time.Sleep(time.Second)
		w.Adopted(w.store.give(false, left...))
		time.Sleep(time.Second)
		w.serve(w.session(20), ServeOptions{})
		time.Sleep(time.Minute)
		w.wantOnce(7000)
		w.wantOrder()
		w.end()
	})
}

// Messages adopted while their lane is read are in no snapshot of that read: the lane is read again.
func TestAdoptedWhileReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		left := messages(1, 50)
		w.store.elsewhere(left...)
		w.store.mu.Lock()
		w.store.reading = sync.OnceFunc(func() { w.Adopted(w.store.give(false, left...)) })
		w.store.mu.Unlock()
		w.store.accept(messages(1, 5000)...)
		w.serve(w.session(20), ServeOptions{})
		time.Sleep(time.Minute)
		w.wantOnce(5050)
		w.end()
	})
}

// A node that was taken for dead forgets what it holds, sends none of it, and takes up what comes back to it.
func TestDrop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.session(10)
		s.latency = time.Second
		w.serve(s, ServeOptions{})
		all := messages(1, 4000)
		w.store.accept(all...)
		time.Sleep(1500 * time.Millisecond)
		w.store.give(true, all...)
		w.Drop()
		time.Sleep(2 * time.Second)
		before := len(w.wire.all())
		time.Sleep(10 * time.Second)
		if after := len(w.wire.all()); after > before {
			t.Errorf("%d messages of another node left", after-before)
		}
		if held, more := w.Depth(1); held > 0 || more {
			t.Errorf("%d in memory, more %v", held, more)
		}
		if n := w.store.openMarks(); n != 0 {
			t.Errorf("%d marks", n)
		}
		w.store.accept(messages(2, 5)...)
		w.Adopted(w.store.give(false, all...))
		time.Sleep(10 * time.Minute)
		if counts := w.store.counts(); counts[sms.Sent] != 4005 {
			t.Errorf("%v", counts)
		}
		w.end()
	})
}

// Nothing leaves while this node may have been taken for dead, not even what waits for a place in the window; then all
// of it does.
func TestFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		c := &fakeCluster{fraction: 1}
		w.restart(func() { w.Among(c) })
		s := w.session(5)
		s.latency = time.Second
		w.serve(s, ServeOptions{})
		w.store.accept(messages(1, 100)...)
		time.Sleep(2500 * time.Millisecond)
		before := len(w.wire.all())
		c.set(func() { c.fenced = true })
		time.Sleep(10 * time.Second)
		if after := len(w.wire.all()); after != before || before == 0 {
			t.Errorf("%d left before the fence, %d after it", before, after-before)
		}
		c.set(func() { c.fenced = false })
		time.Sleep(time.Minute)
		w.wantOnce(100)
		w.wantOrder()
		w.end()
	})
}

// What was marked before this node was taken for dead does not leave when it may send again, however long it waits for
// the carrier's throughput: another node has adopted it.
func TestLostMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		c := &fakeCluster{fraction: 1, lost: map[*store.Mark]bool{}}
		w.restart(func() { w.Among(c) })
		w.serve(w.session(50), ServeOptions{Throughput: 20})
		all := messages(1, 200)
		w.store.accept(all...)
		time.Sleep(2500 * time.Millisecond)
		before := len(w.wire.all())
		w.store.mu.Lock()
		marks := slices.Collect(maps.Keys(w.store.marks))
		w.store.mu.Unlock()
		c.set(func() {
			for _, mark := range marks {
				c.lost[mark] = true
			}
		})
		w.store.give(true, all...)
		w.Drop()
		time.Sleep(10 * time.Second)
		if after := len(w.wire.all()); after != before || before == 0 || len(marks) == 0 {
			t.Errorf("%d left before, %d of another node after it, %d marks", before, after-before, len(marks))
		}
		mine := messages(2, 5)
		w.store.accept(mine...)
		time.Sleep(10 * time.Second)
		if after := len(w.wire.all()); after != before+len(mine) {
			t.Errorf("%d left of %d that came later", after-before, len(mine))
		}
		w.cancel()
		w.sessions.Wait()
		w.end()
	})
}

// A session uses its share of the throughput, none before it is told one, and none when it could not be renewed.
func TestShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		c := &fakeCluster{}
		w.restart(func() { w.Among(c) })
		w.serve(w.session(50), ServeOptions{Throughput: 100})
		w.store.accept(messages(1, 5000)...)
		rate := func(want, slack int) {
			t.Helper()
			before := len(w.wire.all())
			time.Sleep(10 * time.Second)
			if n := len(w.wire.all()) - before; n < 10*want-slack || n > 10*want+slack {
				t.Errorf("%d in 10 s, want %d a second", n, want)
			}
		}
		rate(0, 0)
		c.set(func() { c.fraction = 0.25 })
		time.Sleep(2 * time.Second)
		rate(25, 10)
		c.set(func() { c.fraction = 1 })
		time.Sleep(2 * time.Second)
		rate(100, 10)
		c.set(func() { c.away = true })
		time.Sleep(shareTerm + shareTick)
		rate(0, 0)
		c.set(func() { c.away = false })
		time.Sleep(2 * time.Second)
		rate(100, 10)
		w.cancel()
		w.sessions.Wait()
		w.end()
	})
}

// The carriers whose throughput is shared are those that are served with a limit, as long as they are.
func TestShareIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		c := &fakeCluster{fraction: 1}
		w.restart(func() { w.Among(c) })
		s := w.serve(w.session(50), ServeOptions{Throughput: 100})
		time.Sleep(2 * time.Second)
		want := func(n int) {
			t.Helper()
			c.mu.Lock()
			defer c.mu.Unlock()
			if len(c.asked) != n {
				t.Errorf("carriers %v, want %d", c.asked, n)
			}
		}
		want(1)
		s.lose()
		time.Sleep(2 * time.Second)
		want(0)
		w.end()
	})
}
