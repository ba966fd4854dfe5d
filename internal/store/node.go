package store

import (
	"context"
	"time"
)

// NodeInfo is one process among those that share a database.
type NodeInfo struct {
	Number  int           // 1 … 1023; messages carry it, and ids
	Epoch   int64         // this claim of the number; no other claim ever has the same
	Age     time.Duration // since its last heartbeat, by the database's clock
	Serving bool          // it sends; a command does not
	Alive   bool          // its heartbeat is young enough that nobody adopts what it works on
	Self    bool          // it is this process
}

// Queues are what a process holds in memory of its messages. The methods are called by the commit loop and by Live, and
// must not block.
type Queues interface {
	// Adopted says that the store may have messages of these lanes that are not in memory, older ones too.
	Adopted(lanes []Lane)
	// Drop says that what is in memory and not on its way may be another node's by now: all of it is read again.
	Drop()
}

// Join makes this process one that sends. Only such a process calls it, before Run. What a process before it left is
// decided: what it had marked, by the policy of each account.
func (s *Store) Join(ctx context.Context) error {
	return s.alone(ctx, s.resolveMarks)
}

// Live keeps this process among the nodes until ctx ends: it renews its heartbeat, adopts what dead nodes left, and at
// the end hands over what still waits. queues are told what changes. On SQLite there is one process, and nothing to do.
func (s *Store) Live(ctx context.Context, queues Queues) error {
	<-ctx.Done()
	return nil
}

// MaySend reports whether the next byte may leave: not when this process could not say for so long that it lives that
// another may have adopted its messages.
func (s *Store) MaySend() bool { return true }

// Nodes are the processes that share the database, in order of number. On SQLite it is this one.
func (s *Store) Nodes(context.Context) ([]NodeInfo, error) {
	return []NodeInfo{{Number: s.options.Node, Epoch: 1, Serving: true, Alive: true, Self: true}}, nil
}
