package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// cell is one database and the nodes that share it.
type cell struct {
	inputs
	engine
	random   *rand.Rand
	servers  []*node
	database *station
	log      *flusher
	balances map[int]*lock // the row of each account that has sent

	scenario scenario
	measure  time.Duration // from when on figures count
	accepts  sample
	finished int // messages with their receipt recorded, after measure
	commits  int
	members  int // of those commits
}

// node is one process: its processor, and a commit loop that has one transaction at a time.
type node struct {
	cell    *cell
	cpu     *station
	alive   bool
	busy    bool
	waiting []member
	members int // committed, after measure
}

// member is what waits for a commit: a message that is accepted, sent or reported; done is called after it.
type member struct {
	account int
	done    func()
}

// newCell makes one of the cells of a scenario.
func newCell(in inputs, s scenario, seed uint64) *cell {
	c := &cell{inputs: in, scenario: s, random: rand.New(rand.NewPCG(seed, 1)), balances: map[int]*lock{}}
	c.database = &station{engine: &c.engine, servers: in.databaseCores}
	c.log = &flusher{engine: &c.engine, takes: c.flushTime}
	for range max(s.nodes/s.cells, 1) {
		n := &node{cell: c, alive: true, cpu: &station{engine: &c.engine, servers: in.nodeCores}}
		c.servers = append(c.servers, n)
		c.keepHouse(n)
	}
	return c
}

// flushTime varies: half of it is always there, the other half is exponential.
func (c *cell) flushTime(octets int) time.Duration {
	disk := c.flush/2 + time.Duration(c.random.ExpFloat64()*float64(c.flush/2))
	return disk + c.standby + time.Duration(float64(octets)/float64(c.logRate)*float64(time.Second))
}

// arrive has the messages of a cell come at random.
func (c *cell) arrive() {
	c.after(time.Duration(c.random.ExpFloat64()/c.scenario.rate*float64(c.scenario.cells)*float64(time.Second)), func() {
		c.arrive()
		account := 0 // the one that sends most
		if c.random.Float64() >= c.scenario.one {
			account = 1 + c.random.IntN(c.scenario.accounts)
		}
		c.balancer(account).accept(account)
	})
}

// balancer chooses a node that lives: any, or always the same for an account.
func (c *cell) balancer(account int) *node {
	at := account
	if !c.scenario.sticky {
		at = c.random.IntN(len(c.servers))
	}
	for !c.servers[at%len(c.servers)].alive {
		at++
	}
	return c.servers[at%len(c.servers)]
}

// balance is the row of an account.
func (c *cell) balance(account int) *lock {
	if c.balances[account] == nil {
		c.balances[account] = &lock{engine: &c.engine}
	}
	return c.balances[account]
}

// accept is the life of a message from request to receipt.
func (n *node) accept(account int) {
	c := n.cell
	began := c.now
	n.cpu.do(c.httpCPU, func() {
		n.commit(member{account, func() {
			if began >= c.measure {
				c.accepts.add(c.now - began)
			}
			n.send(account)
		}})
	})
}

// send is what follows the acceptance: out to the carrier, its outcome, its receipt. The mark of a batch is one member
// for many messages and is counted with their transaction.
func (n *node) send(account int) {
	c := n.cell
	n.cpu.do(c.carrierCPU, func() {
		c.after(c.carrier, func() {
			n.commit(member{account, func() {
				c.after(c.receipt, func() {
					n.commit(member{account, func() {
						if c.now >= c.measure {
							c.finished++
						}
					}})
				})
			}})
		})
	})
}

// commit puts a member into the next group.
func (n *node) commit(m member) {
	n.waiting = append(n.waiting, m)
	if !n.busy {
		n.transaction()
	}
}

// transaction works off everything that waits: the node prepares it, the database reads and locks, then writes, then
// makes it durable; only then the next one begins.
func (n *node) transaction() {
	c, group := n.cell, n.waiting
	n.busy, n.waiting = true, nil
	accounts := make([]int, len(group))
	for i, m := range group {
		accounts[i] = m.account
	}
	slices.Sort(accounts)
	accounts = slices.Compact(accounts)
	work := c.baseTransaction + time.Duration(len(group))*c.baseMember
	travels := time.Duration(c.journeys) * c.journey
	finish := func() {
		c.log.do(len(group)*c.logMember, func() { n.committed(group, accounts) })
	}
	write := func() {
		c.after(travels*3/5, func() { c.database.do(work*3/5, finish) })
	}
	read := func() {
		c.database.do(work*2/5, func() { c.takeAll(accounts, write) })
	}
	n.cpu.do(c.nodeTransaction+time.Duration(len(group))*c.nodeMember, func() { c.after(travels*2/5, read) })
}

// takeAll takes rows one after another, in order of account, and keeps those that it has while it waits for the next.
func (c *cell) takeAll(accounts []int, taken func()) {
	if len(accounts) == 0 {
		taken()
		return
	}
	c.balance(accounts[0]).take(func() { c.takeAll(accounts[1:], taken) })
}

func (n *node) committed(group []member, accounts []int) {
	c := n.cell
	for _, account := range accounts {
		c.balance(account).release()
	}
	if c.now >= c.measure {
		c.commits, c.members, n.members = c.commits+1, c.members+len(group), n.members+len(group)
	}
	n.busy = false
	for _, m := range group {
		m.done()
	}
	if len(n.waiting) > 0 && !n.busy {
		n.transaction()
	}
}

// keepHouse is a node's heartbeat, its share of the carriers' throughput and its look at what changed.
func (c *cell) keepHouse(n *node) {
	every := time.Second / time.Duration(c.housekeeping)
	var again func()
	again = func() {
		if n.alive {
			c.database.do(c.baseTransaction, func() { c.log.do(c.logMember, func() {}) })
			c.after(every, again)
		}
	}
	c.after(time.Duration(c.random.Int64N(int64(every))), again)
}

// die ends a node; the first that finds its heartbeat old adopts what it had, one step after the other. first is called
// when the first messages can go out again, all when there are no more.
func (c *cell) die(n *node, messages int, first, all func()) {
	n.alive = false
	found := c.stale + time.Duration(c.random.Int64N(int64(c.look)))
	c.after(found, func() { c.adopt(messages, first, all) })
}

func (c *cell) adopt(messages int, step, all func()) {
	some := min(messages, c.adoptStep)
	c.database.do(c.baseTransaction+time.Duration(some)*c.adoptMember, func() {
		c.log.do(some*c.logMember, func() {
			step()
			if messages > some {
				c.adopt(messages-some, func() {}, all)
			} else {
				all()
			}
		})
	})
}
