package main

import "time"

// scenario is one line of the tables: a rate over all cells, which are alike.
type scenario struct {
	nodes, cells int
	rate         float64
	accounts     int     // of a cell, beside the one that sends most
	one          float64 // the share of that one in the messages of its cell
	sticky       bool    // an account's messages come to one node
}

// result is what a cell did.
type result struct {
	scenario
	done                     float64 // messages a second, whole life
	node, database, log, row float64 // utilisation: 1 is all the time
	loop                     float64 // what the members alone take of the one transaction at a time of a node
	group                    float64 // members in a commit
	commits                  float64 // a second, on one database
	p50, p99                 time.Duration
	connections              int
}

const warmUp = 2 * time.Second

// run simulates one cell of a scenario for so long after warming up.
func (s scenario) run(in inputs, seed uint64, length time.Duration) result {
	c := newCell(in, s, seed)
	perCell := len(c.servers)
	c.measure = warmUp
	c.arrive()
	c.run(warmUp)
	before := c.worked()
	c.run(warmUp + length)
	after, seconds := c.worked(), length.Seconds()
	share := func(a, b time.Duration, servers int) float64 { return (a - b).Seconds() / seconds / float64(servers) }
	r := result{scenario: s, done: float64(c.finished) / seconds * float64(s.cells), commits: float64(c.commits) / seconds,
		node: share(after.node, before.node, perCell*in.nodeCores), database: share(after.database, before.database, in.databaseCores),
		log: float64(c.members*in.logMember) / seconds / float64(in.logRate), row: share(after.row, before.row, 1),
		p50: c.accepts.quantile(0.5), p99: c.accepts.quantile(0.99), connections: perCell * in.connections}
	if c.commits > 0 {
		r.group = float64(c.members) / float64(c.commits)
	}
	for _, n := range c.servers {
		r.loop = max(r.loop, float64(n.members)/seconds*(in.nodeMember+in.baseMember).Seconds())
	}
	return r
}

// worked is how long everything was busy so far.
type worked struct{ node, database, row time.Duration }

func (c *cell) worked() (w worked) {
	for _, n := range c.servers {
		w.node += n.cpu.worked
	}
	for _, row := range c.balances {
		w.row = max(w.row, row.worked)
	}
	w.database = c.database.worked
	return w
}

// Above these, accepting is slow, and a cell does not count as one that works.
const (
	slow   = 25 * time.Millisecond
	broken = 250 * time.Millisecond
)

// verdict says whether a cell keeps up, and what it waits for when it does not.
func (r result) verdict() string {
	word := "works"
	switch {
	case r.done < 0.95*r.rate || r.p99 > broken:
		word = "breaks"
	case r.p99 > slow:
		word = "slow"
	default:
		return word
	}
	limit, most := "commit loop of a node", r.loop
	for _, other := range []struct {
		name string
		load float64
	}{{"processor of the nodes", r.node}, {"processor of the database", r.database}, {"log", r.log}, {"row of a balance", r.row}} {
		if other.load > most {
			limit, most = other.name, other.load
		}
	}
	return word + ": " + limit
}

// outage is a node's death: how long until its messages go out again, and what accepting takes meanwhile.
type outage struct {
	scenario
	left          int           // messages that the dead node had
	again, all    time.Duration // until the first and the last of them are another node's
	before, while time.Duration // p99 of accepting
}

// run lets one node of a cell die after warming up.
func (o outage) run(in inputs, seed uint64) outage {
	c := newCell(in, o.scenario, seed)
	c.measure = warmUp
	c.arrive()
	c.run(2 * warmUp)
	o.before = c.accepts.quantile(0.99)
	died := c.now
	c.die(c.servers[0], o.left, func() { o.again = c.now - died }, func() { o.all = c.now - died })
	c.run(died + in.stale)
	c.accepts = sample{}
	for o.all == 0 {
		c.run(c.now + time.Second)
	}
	o.while = c.accepts.quantile(0.99)
	return o
}
