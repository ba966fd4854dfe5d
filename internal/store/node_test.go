package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
)

// TestNodes is the life of several nodes on one database.
func TestNodes(t *testing.T) {
	server := pgtest.Start(t, "max_connections=200", "fsync=off")
	s, err := Open(t.Context(), Options{URL: server.URL(), Secret: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]func(*testing.T, *cluster){
		"numbers":         numbers,
		"adoption":        adoption,
		"hand-over":       handOver,
		"superseded":      superseded,
		"fenced":          fenced,
		"stale":           staleSelf,
		"rest":            restBeforeAdopting,
		"heir dies":       heirDies,
		"orphans":         orphans,
		"parked":          parkedBesides,
		"parked long":     parkedLong,
		"lost accept":     lostAccept,
		"lost mark":       lostMark,
		"lost outcome":    lostOutcome,
		"frozen in group": frozenInGroup,
		"credit":          creditAcrossNodes,
		"shares":          shares,
		"live":            liveLife,
	} {
		t.Run(name, func(t *testing.T) { test(t, newCluster(t, server)) })
	}
}

// numbers: each process takes a free number; one that nothing stands under is given back.
func numbers(t *testing.T, c *cluster) {
	a, b := c.open(c.url), c.open(c.url)
	if a.claim.Load().node != 1 || b.claim.Load().node != 2 {
		t.Errorf("numbers %+v and %+v", a.claim.Load(), b.claim.Load())
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	next := c.open(c.url)
	if got := next.claim.Load(); got.node != 1 || got.epoch <= b.claim.Load().epoch {
		t.Errorf("a free number: %+v", got)
	}
	if _, err := b.reader.Exec(`UPDATE node SET heartbeat = heartbeat - interval '2 minutes'`); err != nil {
		t.Fatal(err)
	}
	if got := c.open(c.url).claim.Load(); got.node != 1 {
		t.Errorf("a number whose process is gone: %+v", got)
	}
	nodes, err := b.Nodes(t.Context())
	if err != nil || len(nodes) != 1 || nodes[0].Number != 1 || nodes[0].Serving || !nodes[0].Alive || nodes[0].Self {
		t.Errorf("%+v, error %v", nodes, err)
	}
	for _, s := range []*Store{b, next} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// adoption: another node takes what a dead one left, and decides about what was leaving by the policy of each account.
func adoption(t *testing.T, c *cluster) {
	a, b := c.node(), c.node()
	account := a.account(100)
	waits, leaving, held := a.accept(aMessage(account, 1, 10)), a.accept(aMessage(account, 1, 10)), aMessage(account, 1, 10)
	held.Hold = true
	a.accept(held)
	a.mark(leaving, held)
	own := b.accept(aMessage(account, 1, 10))
	b.adoptAll(t.Context())
	if got := b.waiting(account); len(got) != 1 {
		t.Errorf("of a living node %d were adopted", len(got)-1)
	}
	a.silence()
	b.adoptAll(t.Context())
	if lanes, _ := b.told.read(); len(lanes) != 1 || lanes[0] != (Lane{Carrier: 1, Priority: sms.Normal, Account: account}) {
		t.Errorf("told %v", lanes)
	}
	got := b.waiting(account)
	if len(got) != 3 || got[0].ID != waits.ID || got[1].ID != leaving.ID || got[2].ID != own.ID {
		t.Errorf("%v wait", got)
	} else if got[0].Progress != nil || got[1].Progress[0].Doubts != 1 {
		t.Errorf("progress %v and %v", got[0].Progress, got[1].Progress)
	}
	b.wantState(held.ID, sms.Unknown)
	b.wantBalance(account, 90, 30)
	if n := count(t, b.Store, `SELECT COUNT(*) FROM mark`) + count(t, b.Store, `SELECT COUNT(*) FROM node WHERE id = 1`); n != 0 {
		t.Errorf("%d rows are left of the dead node", n)
	}
}

// handOver: what waits when a node ends is another's at once, however young the heartbeats are.
func handOver(t *testing.T, c *cluster) {
	a, b := c.node(), c.node()
	b.rest.Store(int64(time.Hour))
	m := a.accept(aMessage(a.account(100), 1, 10))
	a.stop()
	b.adoptAll(t.Context())
	if got := b.waiting(m.Account); len(got) != 1 || got[0].ID != m.ID {
		t.Errorf("%v wait", got)
	}
}

// superseded: a node that was taken for dead marks nothing and records nothing of what is another's now, and goes on
// under a new claim. What it had sent has its receipt.
func superseded(t *testing.T, c *cluster) {
	a, b := c.node(), c.node()
	account := a.account(1000)
	waits, resent, held := a.accept(aMessage(account, 1, 10)), a.accept(aMessage(account, 1, 10)), aMessage(account, 1, 10)
	held.Hold = true
	a.accept(held)
	spare := a.accept(aMessage(account, 1, 10))
	mark := a.mark(resent, held, spare)
	a.silence()
	b.adoptAll(t.Context())

	if _, err := a.Mark(t.Context(), []*sms.Message{waits}); !errors.Is(err, ErrSuperseded) {
		t.Errorf("mark: %v", err)
	}
	for ref, m := range map[string]*sms.Message{"a-resent": resent, "a-held": held} {
		if err := a.conclude(m, mark, ref); !errors.Is(err, ErrSuperseded) {
			t.Errorf("outcome: %v", err)
		}
	}
	done := make(chan error, 1)
	a.Unmark(mark, spare, func(err error) { done <- err })
	if err := <-done; !errors.Is(err, ErrSuperseded) {
		t.Errorf("unmark: %v", err)
	}
	if _, drops := a.told.read(); drops != 1 || a.claim.Load().term != 1 || !a.MaySend() || a.Holds(mark) {
		t.Errorf("%d drops, claim %+v, holds the lost mark %v", drops, a.claim.Load(), a.Holds(mark))
	}
	b.wantState(resent.ID, sms.Queued)
	b.wantBalance(account, 990, 30)

	again := b.waiting(account)[1]
	if err := b.conclude(again, b.mark(again), "b-resent"); err != nil || again.ID != resent.ID {
		t.Fatal(err)
	}
	b.report("a-resent")
	b.report("a-held")
	b.report("b-resent")
	b.wantState(resent.ID, sms.Delivered)
	b.wantState(held.ID, sms.Delivered)
	b.wantBalance(account, 980, 20)

	fresh := a.accept(aMessage(account, 1, 10))
	if fresh.ID <= spare.ID {
		t.Errorf("id %d after %d", fresh.ID, spare.ID)
	}
	if err := a.conclude(fresh, a.mark(fresh), "fresh"); err != nil {
		t.Error(err)
	}
	b.wantBalance(account, 970, 20)
}

// fenced: a node whose heartbeat does not come through sends nothing, and can again once it does.
func fenced(t *testing.T, c *cluster) {
	a := c.node()
	m := a.accept(aMessage(a.account(100), 1, 10))
	a.renewed(time.Now().Add(-fencedAfter))
	if _, err := a.Mark(t.Context(), []*sms.Message{m}); a.MaySend() || sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("mark: %v; may send: %v", err, a.MaySend())
	}
	before := a.claim.Load().epoch
	a.beat(t.Context())
	eventually(t, "a new epoch", a.MaySend)
	if now := a.claim.Load(); now.epoch == before || now.node != 1 {
		t.Errorf("claim %+v", now)
	}
	a.mark(m)
}

// staleSelf: a node that was away and that nobody took for dead keeps what it knows about its messages.
func staleSelf(t *testing.T, c *cluster) {
	a, b := c.node(), c.node()
	account := a.account(100)
	m, waits := a.accept(aMessage(account, 1, 10)), a.accept(aMessage(account, 1, 10))
	mark := a.mark(m)
	a.silence()
	a.renewed(time.Now().Add(-time.Minute))
	a.beat(t.Context())
	eventually(t, "a new epoch", a.MaySend)
	if _, drops := a.told.read(); drops != 1 {
		t.Errorf("%d drops", drops)
	}
	b.adoptAll(t.Context())
	if err := a.conclude(m, mark, "r"); err != nil || !a.Holds(mark) {
		t.Errorf("outcome: %v, holds its mark %v", err, a.Holds(mark))
	}
	a.mark(waits)
	b.silence()
	a.adoptAll(t.Context())
	if n := count(t, a.Store, `SELECT COUNT(*) FROM node`); n != 2 {
		t.Errorf("%d nodes: it adopted though its own heartbeat had been stale", n)
	}
	a.wantBalance(account, 90, 10)
}

// restBeforeAdopting: a node that has just begun does not take others for dead.
func restBeforeAdopting(t *testing.T, c *cluster) {
	a, b := c.node(), c.node()
	a.silence()
	b.rest.Store(int64(time.Since(b.born) + restAtStart))
	b.adoptAll(t.Context())
	if n := count(t, b.Store, `SELECT COUNT(*) FROM node`); n != 2 {
		t.Errorf("%d nodes", n)
	}
	b.rest.Store(0)
	b.adoptAll(t.Context())
	if n := count(t, b.Store, `SELECT COUNT(*) FROM node`); n != 1 {
		t.Errorf("%d nodes", n)
	}
}

// heirDies: what a node that adopts leaves half done, another finishes.
func heirDies(t *testing.T, c *cluster) {
	a, b, third := c.node(), c.node(), c.node()
	account := a.account(100)
	m := a.accept(aMessage(account, 1, 10))
	a.mark(m)
	a.silence()
	dead, err := b.takeOver(t.Context())
	if err != nil || dead.node != 1 {
		t.Fatalf("%+v, error %v", dead, err)
	}
	third.adoptAll(t.Context())
	if n := len(third.waiting(account)); n != 0 {
		t.Errorf("%d adopted from under a living heir", n)
	}
	third.exec(`UPDATE node SET heartbeat = heartbeat - interval '20 seconds' WHERE id <> 3`)
	third.adoptAll(t.Context())
	if n := len(third.waiting(account)); n != 1 {
		t.Errorf("%d adopted", n)
	}
	if _, err := b.adoptStep(t.Context(), dead); err == nil {
		t.Error("the first heir goes on")
	}
}

// orphans: what stands under a number that nobody has is adopted too.
func orphans(t *testing.T, c *cluster) {
	a := c.node()
	m := a.accept(aMessage(a.account(100), 1, 10))
	a.exec(`UPDATE message SET node = 7`)
	a.nameOrphans(t.Context())
	a.nameOrphans(t.Context())
	a.adoptAll(t.Context())
	if got := a.waiting(m.Account); len(got) != 1 || count(t, a.Store, `SELECT COUNT(*) FROM node`) != 1 {
		t.Errorf("%v wait", got)
	}
}

// parkedLong: a receipt that was looked at too soon, while the outcome was not committed, is looked at once more.
func parkedLong(t *testing.T, c *cluster) {
	a := c.node()
	m := a.accept(aMessage(a.account(100), 1, 10))
	mark := a.mark(m)
	a.report("r")
	a.exec(`UPDATE parked SET until = until - $1`, (againSoon + time.Second).Milliseconds())
	a.lookAgain(t.Context())
	a.exec(`ALTER TABLE parked RENAME TO hidden`) // what another node parks is not seen by the outcome
	a.exec(`CREATE TABLE parked (LIKE hidden INCLUDING ALL)`)
	if err := a.conclude(m, mark, "r"); err != nil {
		t.Fatal(err)
	}
	a.exec(`INSERT INTO parked SELECT * FROM hidden`)
	a.wantState(m.ID, sms.Sent)
	a.lookAgain(t.Context())
	a.wantState(m.ID, sms.Sent)
	a.exec(`UPDATE parked SET until = until - $1`, againAfter.Milliseconds())
	a.lookAgain(t.Context())
	a.wantState(m.ID, sms.Delivered)
}

// parkedBesides: a receipt that one node parks while another records the outcome it waits for is found all the same.
func parkedBesides(t *testing.T, c *cluster) {
	b := c.node()
	a := c.open(c.url)
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	account := b.account(100)
	m := b.accept(aMessage(account, 1, 10))
	mark := b.mark(m)
	err := a.transaction(t.Context(), func(tx *Tx) error {
		r := &reportMember{store: a, report: sms.Report{Carrier: 1, Ref: "r", State: sms.Delivered, At: time.Now().UTC()}}
		if err := errors.Join(tx.rows.foresee([]member{r}), r.apply(tx)); err != nil {
			return err
		}
		return b.conclude(m, mark, "r")
	})
	if err != nil {
		t.Fatal(err)
	}
	b.wantState(m.ID, sms.Sent)
	b.lookAgain(t.Context())
	b.wantState(m.ID, sms.Sent) // another's transaction may still be open: not yet
	b.exec(`UPDATE parked SET until = until - $1`, (againSoon + time.Second).Milliseconds())
	b.lookAgain(t.Context())
	b.wantState(m.ID, sms.Delivered)
	if n := count(t, b.Store, `SELECT COUNT(*) FROM parked`); n != 0 {
		t.Errorf("%d parked", n)
	}
}

func (c *cluster) behindCutter() (*node, *cutter) {
	cut := &cutter{}
	return c.serve(c.open(cut.proxy(c.t, c.url, c.server.Port))), cut
}

// lostAccept: when the answer to a commit is lost, the caller hears that nothing is sure; what is stored is found.
func lostAccept(t *testing.T, c *cluster) {
	a, cut := c.behindCutter()
	account := a.account(100)
	cut.armed.Store(true)
	m := aMessage(account, 1, 10)
	if err := a.tryAccept(m); sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("accept: %v", err)
	}
	eventually(t, "lanes to read again", func() bool { lanes, _ := a.told.read(); return len(lanes) == 1 })
	got := a.waiting(account)
	if len(got) != 1 || got[0].ID != m.ID || cut.cut.Load() != 1 {
		t.Fatalf("%v wait, %d cut", got, cut.cut.Load())
	}
	if err := a.conclude(got[0], a.mark(got[0]), "r"); err != nil {
		t.Error(err)
	}
	a.wantBalance(account, 90, 0)
}

// lostMark: a mark whose commit had no answer does not stay; the message has surely not left.
func lostMark(t *testing.T, c *cluster) {
	a, cut := c.behindCutter()
	m := a.accept(aMessage(a.account(100), 1, 10))
	cut.armed.Store(true)
	if _, err := a.Mark(t.Context(), []*sms.Message{m}); err == nil || errors.Is(err, ErrSuperseded) || cut.cut.Load() != 1 {
		t.Errorf("mark: %v", err)
	}
	eventually(t, "no mark", func() bool { return count(t, a.Store, `SELECT COUNT(*) FROM mark`) == 0 })
	if err := a.conclude(m, a.mark(m), "r"); err != nil {
		t.Error(err)
	}
}

// lostOutcome: an outcome whose commit had no answer is recorded again, and charged once.
func lostOutcome(t *testing.T, c *cluster) {
	a, cut := c.behindCutter()
	account := a.account(100)
	m := a.accept(aMessage(account, 1, 10))
	mark := a.mark(m)
	cut.armed.Store(true)
	if err := a.conclude(m, mark, "r"); err != nil || cut.cut.Load() != 1 {
		t.Errorf("outcome: %v, %d cut", err, cut.cut.Load())
	}
	a.report("r")
	a.wantState(m.ID, sms.Delivered)
	a.wantBalance(account, 90, 0)
	if n := count(t, a.Store, `SELECT COUNT(*) FROM mark`); n != 0 {
		t.Errorf("%d marks", n)
	}
}

// frozenInGroup: a process that stops inside of a transaction holds up neither the others nor its own adoption for long.
func frozenInGroup(t *testing.T, c *cluster) {
	b := c.node()
	account := b.account(100)
	a := c.open(c.url)
	m := b.accept(aMessage(account, 1, 10))
	frozen := a.transaction(t.Context(), func(tx *Tx) error { // it has locked the account
		if _, err := tx.rows.balance(account); err != nil {
			return err
		}
		b.exec(`UPDATE node SET heartbeat = heartbeat - interval '20 seconds' WHERE id = $1`, a.claim.Load().node)
		eventually(t, "the takeover", func() bool {
			b.adoptAll(t.Context())
			return count(t, b.Store, `SELECT COUNT(*) FROM node`) == 1
		})
		return b.conclude(m, b.mark(m), "r")
	})
	if frozen == nil {
		t.Error("the transaction of the dead node was committed")
	}
	b.wantBalance(account, 90, 0)
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// creditAcrossNodes: nodes that accept, send and hear receipts for the same accounts, while one of them is taken for dead,
// keep the credit exact.
func creditAcrossNodes(t *testing.T, c *cluster) {
	nodes := []*node{c.node(), c.node(), c.node()}
	accounts := []sms.AccountID{nodes[0].account(1_000_000), nodes[0].account(1_000_000)}
	const each = 150
	refs := make(chan string, 2*each*len(nodes))
	var work sync.WaitGroup
	for i, n := range nodes {
		work.Go(func() {
			for j := range each {
				m := aMessage(accounts[rand.IntN(2)], 1+rand.IntN(2), 10)
				if err := n.tryAccept(m); err != nil {
					t.Error(err)
					return
				}
				if i == 0 && j == each/2 {
					n.silence()
					nodes[1].adoptAll(t.Context())
				}
				mark, err := n.Mark(t.Context(), []*sms.Message{m})
				if errors.Is(err, ErrSuperseded) {
					continue
				}
				ref := fmt.Sprintf("%d-%d", i, j)
				if err := n.conclude(m, mark, ref+"x", ref+"y"); err != nil {
					t.Error(err)
				}
				refs <- ref
			}
		})
		work.Go(func() {
			for range each / 2 {
				nodes[rand.IntN(3)].report(<-refs + "x")
			}
		})
	}
	work.Wait()
	for _, account := range accounts {
		var spent, open sms.Money
		row := nodes[1].reader.QueryRow(`SELECT COALESCE(SUM(parts * part_price) FILTER (WHERE state <> 2), 0),
			COALESCE(SUM(parts * part_price) FILTER (WHERE state = 2), 0) FROM message WHERE account_id = $1`, account)
		if err := row.Scan(&spent, &open); err != nil {
			t.Fatal(err)
		}
		nodes[1].wantBalance(account, 1_000_000-spent, open)
	}
	if n := count(t, nodes[1].Store, `SELECT COUNT(*) FROM mark`); n != 0 {
		t.Errorf("%d marks", n)
	}
}

// liveLife: with everything running by itself, what a node leaves that says nothing more is adopted in time.
func liveLife(t *testing.T, c *cluster) {
	a, b := c.node(), c.node()
	account := a.account(100)
	m := a.accept(aMessage(account, 1, 10))
	ctx, cancel := context.WithCancel(t.Context())
	var living sync.WaitGroup
	living.Go(func() {
		if err := b.Live(ctx, &b.told); err != nil {
			t.Error(err)
		}
	})
	defer func() { cancel(); living.Wait() }()
	a.silence()
	began := time.Now()
	eventually(t, "adoption", func() bool { return len(b.waiting(account)) == 1 })
	t.Logf("adopted %v after it could be noticed", time.Since(began).Round(time.Millisecond))
	if got := b.waiting(account)[0]; got.ID != m.ID {
		t.Errorf("message %d", got.ID)
	}
}

// shares: what the nodes use of a carrier's throughput is never more than all of it, and soon the same.
func shares(t *testing.T, c *cluster) {
	nodes := []*node{c.node(), c.node(), c.node()}
	carrier := &sms.Carrier{Name: "north", Kind: "smpp", Address: "smpp://a@b:1"}
	nodes[0].exec(`INSERT INTO carrier (id, name, kind, address, secret, version) VALUES (1, $1, $2, $3, '', 1)`, carrier.Name, carrier.Kind, carrier.Address)
	var mu sync.Mutex
	used := map[int]float64{}
	renew := func(i int, carriers ...sms.CarrierID) {
		t.Helper()
		err := nodes[i].Shares(t.Context(), carriers, func(_ sms.CarrierID, fraction float64) {
			mu.Lock()
			defer mu.Unlock()
			used[i] = fraction
			if sum := used[0] + used[1] + used[2]; sum > 1.000001 {
				t.Errorf("together %v: %v", sum, used)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(shares ...float64) {
		t.Helper()
		for i, share := range shares {
			if got := used[i]; got < share-0.001 || got > share+0.001 {
				t.Errorf("node %d uses %v, want %v", i, got, share)
			}
		}
	}
	renew(0, 1)
	want(1)
	renew(1, 1)
	want(1, 0)
	renew(0, 1)
	renew(1, 1)
	want(0.5, 0.5)
	for range 2 {
		var all sync.WaitGroup
		for i := range nodes {
			all.Go(func() { renew(i, 1) })
		}
		all.Wait()
	}
	for i := range nodes {
		renew(i, 1)
	}
	want(1./3, 1./3, 1./3)
	used[2] = 0
	renew(2) // it serves the carrier no more
	renew(0, 1)
	renew(1, 1)
	want(0.5, 0.5)
	nodes[0].exec(`UPDATE share SET renewed = renewed - interval '6 seconds' WHERE node = 1`)
	used[0] = 0 // its term has ended
	renew(1, 1)
	want(0, 1)
}
