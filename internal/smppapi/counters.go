package smppapi

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/staffetta/staffetta/smpp"
)

// Counters are what the door has done since it was made.
type Counters struct {
	submitted atomic.Uint64 // submit_sm that were accepted: the one that is counted often

	mu       sync.Mutex
	binds    map[smpp.CommandStatus]uint64
	requests map[Answer]uint64
}

// Answer is a kind of answer to a request.
type Answer struct {
	Request smpp.CommandID
	Status  smpp.CommandStatus
}

func (c *Counters) bind(status smpp.CommandStatus) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.binds == nil {
		c.binds = map[smpp.CommandStatus]uint64{}
	}
	c.binds[status]++
}

func (c *Counters) answer(request smpp.CommandID, status smpp.CommandStatus) {
	if request == smpp.CommandSubmitSM && status == smpp.ESME_ROK {
		c.submitted.Add(1)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests == nil {
		c.requests = map[Answer]uint64{}
	}
	c.requests[Answer{request, status}]++
}

// Binds are the binds by their answer.
func (c *Counters) Binds() map[smpp.CommandStatus]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.binds)
}

// Requests are the requests of bound customers by their answer.
func (c *Counters) Requests() map[Answer]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[Answer]uint64{}
	maps.Copy(all, c.requests)
	if n := c.submitted.Load(); n > 0 {
		all[Answer{smpp.CommandSubmitSM, smpp.ESME_ROK}] = n
	}
	return all
}
