package proof

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
)

// A second server's messages are numbered from here on.
const secondLoad = 1_000_000

// cluster is a world with several servers on one PostgreSQL database. Its first server is the world's, until that is
// gone.
type cluster struct {
	*world
	nodes []*server.Server
}

func newCluster(t *testing.T, s setting, nodes int) *cluster {
	t.Helper()
	c := &cluster{world: newWorld(t, s)}
	c.nodes = append(c.nodes, c.server)
	for len(c.nodes) < nodes {
		node, err := server.New(t.Context(), c.server.Binary, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		node.Database, node.Secret = c.server.Database, c.server.Secret
		t.Cleanup(node.Kill)
		if err := node.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.nodes = append(c.nodes, node)
	}
	c.eventually("each server has a session", func() bool { return len(c.carrier.Journal.Sessions()) >= nodes })
	return c
}

func writeSecret(t *testing.T, folder string) string {
	t.Helper()
	name := filepath.Join(folder, "secret.txt")
	if err := os.WriteFile(name, []byte("the-secret-of-the-proofs-of-32-characters\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func postgres(t *testing.T, options ...string) *pgtest.Server {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	return pgtest.Start(t, options...)
}

// adoptionPatience is what is promised: so soon after a server has died, another sends what it had.
const adoptionPatience = 20 * time.Second

// adopted waits until a message of the first server's load is at the carrier that came over another session than before,
// and answers how long after the given moment that was.
func (c *cluster) adopted(since time.Time) (after time.Duration) {
	c.Helper()
	before := map[uint64]bool{}
	c.eventually("another server sends what the first one had", func() bool {
		for _, e := range c.carrier.Journal.Entries() {
			if e.Number >= secondLoad {
				continue
			}
			if e.Received <= since.UnixNano() {
				before[e.Session] = true
			} else if !before[e.Session] {
				after = time.Unix(0, e.Received).Sub(since)
				return true
			}
		}
		return false
	})
	if metrics, err := c.nodes[1].Get(c.Context(), "/metrics"); err != nil || bytes.Contains(metrics, []byte("\nstaffetta_node_adopted_messages_total 0\n")) {
		c.Errorf("/metrics tells of no adopted message, error %v", err)
	}
	c.Logf("the other server sent the first of what this one left after %v", after)
	if after > adoptionPatience {
		c.Errorf("promised is %v", adoptionPatience)
	}
	return after
}

// delivered waits until every message is, and checks all of them: a receipt that came to one server before the other had
// recorded what it is about finds its message a little later. At most so many messages are sent twice.
func (c *cluster) delivered(twice int, results ...*load.Result) {
	c.Helper()
	c.drain()
	var finding checker.Finding
	for deadline := time.Now().Add(receiptPatience); ; c.pause(c.patience()) {
		finding = c.compare(results...)
		if finding.States["DELIVERED"] == finding.AtCarrier && len(finding.States) == 1 || time.Now().After(deadline) {
			break
		}
	}
	c.judge(finding)
	if finding.Twice > twice || finding.States["DELIVERED"] != finding.AtCarrier || len(finding.States) != 1 {
		c.Errorf("at most %d may be sent twice, and each is DELIVERED: %v", twice, finding)
	}
	c.checkCredit(finding.AtCarrier)
}

// receiptPatience is how long a receipt may take to find its message: a node looks again after six seconds.
const receiptPatience = 12 * time.Second

// pause waits: how long something is away is what these tests are about.
func (w *world) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.Context().Done():
	}
}
