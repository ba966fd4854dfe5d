package ratelimit

import "time"

// exact is up to how many requests every moment is kept as it is. A larger limit is kept in this many grains of
// time: a request then counts up to one grain (span/exact, 15 ms of a minute) longer than it must, never shorter.
const exact = 4096

// small is up to how many entries an empty ring is kept for the next request.
const small = 64

// window is the requests of one key that still count under one rule: a ring of moments, oldest first, which grows
// as it is used and holds about exact entries at most.
type window struct {
	span  time.Duration
	ring  []entry // its length is a power of two, or 0
	first int     // of the oldest entry
	used  int
	total int // requests in all entries
}

// entry is requests that count as made at one moment, the last of them.
type entry struct {
	at    time.Duration
	count int
}

func (w *window) entry(i int) *entry { return &w.ring[(w.first+i)&(len(w.ring)-1)] }

// expire forgets what no longer counts: a request at t counts in [t, t+span).
func (w *window) expire(now time.Duration) {
	for w.used > 0 && now-w.entry(0).at >= w.span {
		w.total -= w.entry(0).count
		w.first = (w.first + 1) & (len(w.ring) - 1)
		w.used--
	}
	if w.used == 0 && len(w.ring) > small {
		w.ring, w.first = nil, 0
	}
}

// full is how long until no request counts any more.
func (w *window) full(now time.Duration) time.Duration {
	if w.used == 0 {
		return 0
	}
	return w.entry(w.used-1).at + w.span - now
}

// wait is how long until fewer than limit requests count; 0: now. No limit: 0.
func (w *window) wait(now time.Duration, limit int) time.Duration {
	if limit <= 0 || w.total < limit {
		return 0
	}
	leave := w.total - limit + 1
	for i := range w.used {
		e := w.entry(i)
		if leave -= e.count; leave <= 0 {
			return e.at + w.span - now
		}
	}
	return w.span
}

// record counts one request. Without a limit nothing is kept.
func (w *window) record(now time.Duration, limit int) {
	if limit <= 0 {
		return
	}
	w.total++
	if w.used > 0 {
		newest := w.entry(w.used - 1)
		now = max(now, newest.at)
		if grain := w.span / exact; limit > exact && now/grain == newest.at/grain {
			newest.at = now
			newest.count++
			return
		}
	}
	if w.used == len(w.ring) {
		w.grow()
	}
	w.used++
	*w.entry(w.used - 1) = entry{at: now, count: 1}
}

func (w *window) grow() {
	next := make([]entry, max(4, 2*len(w.ring)))
	for i := range w.used {
		next[i] = *w.entry(i)
	}
	w.ring, w.first = next, 0
}
