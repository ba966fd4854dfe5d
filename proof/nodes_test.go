package proof

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
)

// slowly makes a carrier take no more than 200 messages/s in a window of 50: behind a load there is a backlog.
var slowly = sink.Options{Delay: 250 * time.Millisecond, Receipts: true}

// TestNodeDies kills one of two servers on a database, with kill -9 and a backlog. The other sends what it had within
// 20 s; nothing is lost, and what is sent twice was leaving.
func TestNodeDies(t *testing.T) {
	c := newCluster(t, setting{url: postgres(t).URL(), carrier: slowly}, 2)
	dying := c.offerTo(c.nodes[0], load.Plan{Connections: 20, Rate: 500, First: 1, Reconnect: true})
	living := c.offerTo(c.nodes[1], load.Plan{Connections: 10, Rate: 100, First: secondLoad, Reconnect: true})
	c.pause(2500 * time.Millisecond)
	killed := time.Now()
	c.nodes[0].Kill()
	lost := dying()
	c.server = c.nodes[1]
	c.adopted(killed)
	kept := living()
	c.delivered(2*c.window, lost, kept)
	if other := len(kept.Status) + kept.Broken; other != 0 {
		t.Errorf("the server that lived refused: %v, broken %d", kept.Status, kept.Broken)
	}
}

// TestNodeFreezes stops one of two servers with SIGSTOP until the other has adopted what it had, and lets it go on. It
// sends nothing of that any more, but for what was leaving, and then serves again.
func TestNodeFreezes(t *testing.T) {
	c := newCluster(t, setting{url: postgres(t).URL(), carrier: slowly}, 2)
	freezing := c.offer(load.Plan{Connections: 20, Rate: 500, First: 1, Duration: 2500 * time.Millisecond})
	living := c.offerTo(c.nodes[1], load.Plan{Connections: 10, Rate: 100, First: secondLoad})
	c.pause(2400 * time.Millisecond)
	frozen := time.Now()
	c.nodes[0].Process().Freeze()
	c.adopted(frozen)
	c.pause(time.Second)
	c.nodes[0].Process().Thaw()
	c.pauses = append(c.pauses, checker.Pause{From: frozen, To: time.Now()})
	lost, kept := freezing(), living()
	c.drain()
	mine := &load.Result{First: 2 * secondLoad, Next: 2 * secondLoad}
	c.eventually("the server that was frozen accepts again", func() bool { return c.try(mine).accepted })
	c.delivered(2*c.window, lost, kept, mine)
}

// TestField_lost_on_crash_postgres is TestField_lost_on_crash on PostgreSQL: one server, killed five times.
func TestField_lost_on_crash_postgres(t *testing.T) {
	w := newCluster(t, setting{url: postgres(t).URL(), carrier: sink.Options{Delay: crashDelay, Receipts: true}}, 1)
	finish := w.offer(load.Plan{Connections: 30, Rate: 400, First: 1, Reconnect: true})
	for range kills {
		w.pause(400*time.Millisecond + rand.N(600*time.Millisecond)) // the moment of the crash is the test
		w.server.Kill()
		w.start()
	}
	w.pause(500 * time.Millisecond)
	result := finish()
	w.delivered(kills*2*w.window, result)
	if len(result.Accepted) < kills*400/2 {
		t.Errorf("only %d accepted", len(result.Accepted))
	}
	t.Logf("%d kills: %d begun, %d broken without an answer, other answers %v", kills, result.Begun, result.Broken, result.Status)
}
