package practice

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// clock calls functions later, all on one goroutine. They must not block.
type clock struct {
	wake chan struct{} // something is due sooner than before

	mu   sync.Mutex
	list alarms
}

type alarm struct {
	due time.Time
	f   func()
}

// alarms is a heap, the next one first.
type alarms []alarm

func (a alarms) Len() int           { return len(a) }
func (a alarms) Less(i, j int) bool { return a[i].due.Before(a[j].due) }
func (a alarms) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *alarms) Push(x any)        { *a = append(*a, x.(alarm)) }
func (a *alarms) Pop() any {
	old := *a
	last := old[len(old)-1]
	old[len(old)-1] = alarm{}
	*a = old[:len(old)-1]
	return last
}

func (c *clock) after(d time.Duration, f func()) {
	due := time.Now().Add(d)
	c.mu.Lock()
	heap.Push(&c.list, alarm{due, f})
	first := c.list[0].due.Equal(due)
	c.mu.Unlock()
	if first {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// run calls what is due until ctx ends.
func (c *clock) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-c.wake:
		}
		timer.Reset(c.callDue())
	}
}

// callDue returns how long nothing else is due.
func (c *clock) callDue() time.Duration {
	now := time.Now()
	for {
		c.mu.Lock()
		if len(c.list) == 0 {
			c.mu.Unlock()
			return time.Hour
		}
		if wait := c.list[0].due.Sub(now); wait > 0 {
			c.mu.Unlock()
			return wait
		}
		f := heap.Pop(&c.list).(alarm).f
		c.mu.Unlock()
		f()
	}
}
