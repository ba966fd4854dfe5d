package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// The life of nodes: processes that share a PostgreSQL database. Each holds a number, under which its messages stand, and
// an epoch, which no other claim ever has. Ages are by the database's clock, the lease of a process by its own.
const (
	beatEvery    = 3 * time.Second  // between two heartbeats
	fencedAfter  = 10 * time.Second // from the start of the last heartbeat that came through, a node sends nothing
	deadAfter    = 15 * time.Second // without a heartbeat, a node's messages are adopted
	restAfter    = 15 * time.Second // a node whose own heartbeat was stale adopts nobody: others may be back as well
	restAtStart  = 5 * time.Second  // the same for one that begins: it cannot know whether the database was away
	unusedAfter  = time.Minute      // without a heartbeat, a number that nothing stands under is free
	groupLimit   = 5 * time.Second  // what a transaction may take
	goodbyeLimit = 100 * time.Millisecond
	leaveLimit   = 2 * time.Second  // what the last one may take
	connectLimit = 3 * time.Second  // what a connection may take, unless the URL says otherwise
	readLimit    = 10 * time.Second // what a read may take
)

// ErrSuperseded is the refusal of a mark or an outcome of a message that another node may have adopted.
var ErrSuperseded = errors.New("another node has adopted this message")

// NodeInfo is one process among those that share a database.
type NodeInfo struct {
	Number  int           // 1 … 1023; messages carry it, and ids
	Epoch   int64         // this claim of the number; no other claim ever has the same
	Age     time.Duration // since its last heartbeat, by the database's clock; that of one who left is some decades
	Serving bool          // it sends; a command does not
	Alive   bool          // its heartbeat is young enough that nobody adopts what it works on
	Self    bool          // it is this process
	Version string        // of the program; empty: it did not say
}

// Queues are what a process holds in memory of its messages. The methods are called by the commit loop and by Live, and
// must not block.
type Queues interface {
	// Adopted says that the store may have messages of these lanes that are not in memory, older ones too.
	Adopted(lanes []Lane)
	// Drop says that what is in memory and not on its way may be another node's by now: all of it is read again.
	Drop()
}

// claim is what a process calls itself.
type claim struct {
	node  int
	epoch int64
	// term counts how often this process lost its number. What it got hold of in an earlier one may be another's.
	term int64
}

// Join makes this process one that sends. Only such a process calls it, before Run. What a process before it left under
// the same number is decided: what it had marked, by the policy of each account. What waits is counted.
func (s *Store) Join(ctx context.Context) error {
	s.serving = true
	started := time.Now()
	err := s.alone(ctx, func(tx *Tx) error {
		mine := s.claim.Load()
		if err := s.resolveMarks(tx, mine.node); err != nil || !s.shared() {
			return err
		}
		_, err := tx.Exec(`UPDATE node SET serving = 1, heartbeat = now(), version = ? WHERE id = ? AND epoch = ?`, s.options.Version, mine.node, mine.epoch)
		return err
	})
	if err != nil {
		return err
	}
	s.renewed(started)
	return s.count(ctx)
}

// shared reports whether other processes may work on the same database.
func (s *Store) shared() bool { return s.dialect.numbered }

// MaySend reports whether the next byte may leave: not when this process could not say for so long that it lives that
// another may have adopted its messages.
func (s *Store) MaySend() bool {
	return !s.shared() || time.Since(s.born)-time.Duration(s.lease.Load()) < fencedAfter
}

// renewed notes that a heartbeat came through that was begun then.
func (s *Store) renewed(started time.Time) { s.lease.Store(int64(started.Sub(s.born))) }

// Nodes are the processes that share the database, in order of number. On SQLite it is this one.
func (s *Store) Nodes(ctx context.Context) (nodes []NodeInfo, err error) {
	mine := s.claim.Load()
	if !s.shared() {
		return []NodeInfo{{Number: mine.node, Epoch: mine.epoch, Serving: true, Alive: true, Self: true, Version: s.options.Version}}, nil
	}
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT id, epoch, serving = 1, (extract(epoch FROM now() - heartbeat) * 1000)::bigint, version FROM node ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n NodeInfo
			var age int64
			if err := rows.Scan(&n.Number, &n.Epoch, &n.Serving, &age, &n.Version); err != nil {
				return err
			}
			n.Age = time.Duration(age) * time.Millisecond
			n.Alive, n.Self = n.Age < deadAfter, n.Number == mine.node
			nodes = append(nodes, n)
		}
		return rows.Err()
	})
	return nodes, err
}

// news passes on to the queues what is found out about their messages; what comes before they are known waits for them.
type news struct {
	mu      sync.Mutex
	queues  Queues
	lanes   []Lane
	dropped bool
	unsure  []Lane // of messages that may have been adopted
}

// perhaps notes lanes of messages that a transaction without an answer may have adopted.
func (n *news) perhaps(lanes []Lane) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unsure = append(n.unsure, lanes...)
}

// surely answers those lanes, once every such transaction has ended.
func (n *news) surely() []Lane {
	n.mu.Lock()
	defer n.mu.Unlock()
	lanes := n.unsure
	n.unsure = nil
	return lanes
}

func (n *news) adopted(lanes []Lane) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(lanes) == 0 {
		return
	}
	if n.queues == nil {
		n.lanes = append(n.lanes, lanes...)
		return
	}
	n.queues.Adopted(lanes)
}

func (n *news) drop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dropped = n.queues == nil; !n.dropped {
		n.queues.Drop()
	}
}

func (n *news) tell(queues Queues) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.queues = queues
	if n.dropped {
		queues.Drop()
	}
	if len(n.lanes) > 0 {
		queues.Adopted(n.lanes)
	}
	n.dropped, n.lanes = false, nil
}
