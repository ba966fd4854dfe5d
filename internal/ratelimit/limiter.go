package ratelimit

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

const shards = 64

// Decision is the answer to one request. Limit, Remaining and Reset describe the minute rule; they are zero when
// the plan has none.
type Decision struct {
	Allowed    bool
	Limit      int           // requests in any minute
	Remaining  int           // what would be allowed now, by the minute rule
	Reset      time.Duration // until Remaining is Limit again, if nothing more comes
	RetryAfter time.Duration // when not allowed: until a request would be, by both rules, if nothing more comes
}

// Limiter counts the requests of all keys. Safe for concurrent use.
type Limiter struct {
	now   func() time.Time
	start time.Time
	seed  maphash.Seed
	shard [shards]shard

	shared *shared // nil: this process is the only one
}

type shard struct {
	mu    sync.Mutex
	keys  map[string]*history
	swept time.Duration
	_     [40]byte // one cache line each
}

// history is what one key was allowed: the last minute and the last second.
type history struct {
	minute, second window
	lease          lease // of one process among several
}

// New makes a limiter with that clock; nil is time.Now.
func New(now func() time.Time) *Limiter {
	if now == nil {
		now = time.Now
	}
	l := &Limiter{now: now, start: now(), seed: maphash.MakeSeed()}
	for i := range l.shard {
		l.shard[i].keys = make(map[string]*history)
	}
	return l
}

// Take asks for one request of a key under its plan. A request that is refused does not count. The plan may change
// from call to call: it is held against what was allowed while the rule was in force. A plan without limits is
// always allowed and leaves no trace.
func (l *Limiter) Take(key string, plan sms.Plan) Decision {
	if plan.PerMinute <= 0 && plan.PerSecond <= 0 {
		return Decision{Allowed: true}
	}
	d, again := l.take(key, plan)
	if again != nil {
		select {
		case <-again:
		case <-time.After(firstWait):
		}
		d, _ = l.take(key, plan)
	}
	return d
}

// take is one attempt. One that is refused because the key is new here can be made again when the channel is closed.
func (l *Limiter) take(key string, plan sms.Plan) (d Decision, again <-chan struct{}) {
	s := l.shardOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := l.now().Sub(l.start)
	s.sweep(now)
	h := s.keys[key]
	if h == nil {
		h = &history{minute: window{span: time.Minute}, second: window{span: time.Second}}
		s.keys[key] = h
	}
	if l.shared == nil {
		return h.take(now, plan), nil
	}
	nodes := int(l.shared.nodes.Load())
	d = h.takeShared(now, plan, max(nodes, 1))
	if nodes > 1 && !h.lease.known {
		l.shared.want()
		if !d.Allowed {
			again = *l.shared.settled.Load()
		}
	}
	return d, again
}

func (l *Limiter) shardOf(key string) *shard { return &l.shard[maphash.String(l.seed, key)%shards] }

// sweep forgets idle keys, once a minute: so a key is kept for two minutes at most after its last request.
func (s *shard) sweep(now time.Duration) {
	if now-s.swept < time.Minute {
		return
	}
	s.swept = now
	for key, h := range s.keys {
		if h.idle(now) {
			delete(s.keys, key)
		}
	}
}

func (h *history) idle(now time.Duration) bool {
	h.minute.expire(now)
	h.second.expire(now)
	return h.minute.total+h.second.total == 0
}

func (h *history) take(now time.Duration, plan sms.Plan) Decision {
	h.minute.expire(now)
	h.second.expire(now)
	d := Decision{RetryAfter: max(h.minute.wait(now, plan.PerMinute), h.second.wait(now, plan.PerSecond))}
	d.Allowed = d.RetryAfter == 0
	if d.Allowed {
		h.minute.record(now, plan.PerMinute)
		h.second.record(now, plan.PerSecond)
	}
	if plan.PerMinute > 0 {
		d.Limit = plan.PerMinute
		d.Remaining = max(0, plan.PerMinute-h.minute.total)
		d.Reset = h.minute.full(now)
	}
	return d
}
