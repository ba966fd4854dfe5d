package main

import (
	"container/heap"
	"time"
)

// engine is simulated time: what is due runs in order of its moment, and in order of entry at one moment.
type engine struct {
	now   time.Duration
	due   events
	count int
}

type event struct {
	at    time.Duration
	entry int
	do    func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].entry < e[j].entry
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// after has something done when a time has passed.
func (e *engine) after(d time.Duration, do func()) {
	e.count++
	heap.Push(&e.due, event{e.now + d, e.count, do})
}

// run lets time pass until a moment.
func (e *engine) run(until time.Duration) {
	for len(e.due) > 0 && e.due[0].at <= until {
		next := heap.Pop(&e.due).(event)
		e.now = next.at
		next.do()
	}
	e.now = until
}

// station is a queue, first come, first served, in front of equal servers: the cores of a machine.
type station struct {
	engine  *engine
	servers int
	busy    int
	waiting []job
	worked  time.Duration // of all servers together
}

type job struct {
	takes time.Duration
	done  func()
}

// do has a job done by one server.
func (s *station) do(takes time.Duration, done func()) {
	if s.busy == s.servers {
		s.waiting = append(s.waiting, job{takes, done})
		return
	}
	s.busy++
	s.start(job{takes, done})
}

func (s *station) start(j job) {
	s.worked += j.takes
	s.engine.after(j.takes, func() {
		if len(s.waiting) > 0 {
			next := s.waiting[0]
			s.waiting = s.waiting[1:]
			s.start(next)
		} else {
			s.busy--
		}
		j.done()
	})
}

// flusher serves everybody who waits at once: the write-ahead log, whose flush makes all commits durable that were
// written before it began.
type flusher struct {
	engine  *engine
	takes   func(octets int) time.Duration
	busy    bool
	octets  int
	waiting []func()
}

func (f *flusher) do(octets int, done func()) {
	f.waiting, f.octets = append(f.waiting, done), f.octets+octets
	if !f.busy {
		f.flush()
	}
}

func (f *flusher) flush() {
	group, takes := f.waiting, f.takes(f.octets)
	f.busy, f.waiting, f.octets = true, nil, 0
	f.engine.after(takes, func() {
		f.busy = false
		if len(f.waiting) > 0 {
			f.flush()
		}
		for _, done := range group {
			done()
		}
	})
}

// lock is a row that one transaction holds at a time.
type lock struct {
	engine  *engine
	held    bool
	since   time.Duration
	waiting []func()
	worked  time.Duration
}

func (l *lock) take(taken func()) {
	if l.held {
		l.waiting = append(l.waiting, taken)
		return
	}
	l.held, l.since = true, l.engine.now
	taken()
}

func (l *lock) release() {
	l.worked += l.engine.now - l.since
	if len(l.waiting) == 0 {
		l.held = false
		return
	}
	next := l.waiting[0]
	l.waiting, l.since = l.waiting[1:], l.engine.now
	next()
}
