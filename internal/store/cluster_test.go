package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
)

// cluster is a database on a PostgreSQL server, and the nodes of a test on it.
type cluster struct {
	t      *testing.T
	server *pgtest.Server
	url    string
}

// template is the name of the database that has the schema and nothing else.
const template = "staffetta"

func newCluster(t *testing.T, server *pgtest.Server) *cluster {
	t.Helper()
	name := fmt.Sprintf("c%d", time.Now().UnixNano())
	command := exec.Command(filepath.Join(pgtest.Binaries(), "createdb"), "-h", "127.0.0.1", "-p", strconv.Itoa(server.Port),
		"-U", "staffetta", "-T", template, name)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v\n%s", err, output)
	}
	return &cluster{t: t, server: server, url: strings.Replace(server.URL(), "/"+template+"?", "/"+name+"?", 1)}
}

// member of a cluster: a store that serves, with its loop running, and what it told its queues.
type node struct {
	*Store
	t    *testing.T
	told told
	stop func()
}

// told notes what queues are told.
type told struct {
	mu    sync.Mutex
	lanes []Lane
	drops int
}

func (q *told) Adopted(lanes []Lane) {
	q.mu.Lock()
	q.lanes = append(q.lanes, lanes...)
	q.mu.Unlock()
}

func (q *told) Drop() {
	q.mu.Lock()
	q.drops++
	q.mu.Unlock()
}

func (q *told) read() (lanes []Lane, drops int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	lanes, drops = q.lanes, q.drops
	q.lanes, q.drops = nil, 0
	return lanes, drops
}

func (c *cluster) open(url string) *Store {
	c.t.Helper()
	s, err := Open(context.Background(), Options{URL: url, Secret: testSecret, Log: slog.New(slog.NewTextHandler(c.t.Output(), nil))})
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// node begins to serve. Its heartbeat, and what it does about others, are the test's to call.
func (c *cluster) node() *node {
	c.t.Helper()
	return c.serve(c.open(c.url))
}

func (c *cluster) serve(s *Store) *node {
	c.t.Helper()
	n := &node{Store: s, t: c.t}
	if err := s.Join(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	s.news.tell(&n.told)
	n.stop = start(c.t, s)
	return n
}

// silence lets the last heartbeat of a node be long ago.
func (n *node) silence() {
	n.t.Helper()
	n.exec(`UPDATE node SET heartbeat = heartbeat - interval '20 seconds' WHERE id = $1`, n.claim.Load().node)
}

func (n *node) exec(query string, args ...any) {
	n.t.Helper()
	if _, err := n.reader.Exec(query, args...); err != nil {
		n.t.Fatal(err)
	}
}

// account makes one with credit, that charges what carriers took.
func (n *node) account(credit sms.Money) sms.AccountID {
	n.t.Helper()
	account := &sms.Account{Name: fmt.Sprintf("a%d", time.Now().UnixNano()), Plan: sms.Plan{Name: "unlimited"}}
	err := n.Change(context.Background(), "test", func(tx *Tx) error {
		if err := insertAccount(tx, account); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO balance (account_id, credit) VALUES (?, ?)`, account.ID, int64(credit))
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return account.ID
}

func (n *node) accept(m *sms.Message) *sms.Message {
	n.t.Helper()
	if err := n.tryAccept(m); err != nil {
		n.t.Fatal(err)
	}
	return m
}

func (n *node) tryAccept(m *sms.Message) error {
	return n.Accept(context.Background(), []*Admission{{Message: m}}, func([]*sms.Message) {})
}

func (n *node) mark(messages ...*sms.Message) *Mark {
	n.t.Helper()
	mark, err := n.Mark(context.Background(), messages)
	if err != nil {
		n.t.Fatal(err)
	}
	return mark
}

// conclude records that a carrier took all parts of a message.
func (n *node) conclude(m *sms.Message, mark *Mark, refs ...string) error {
	parts := make([]sms.Part, m.Parts)
	for i := range parts {
		parts[i] = sms.Part{State: sms.Sent, Ref: refs[i], At: time.Now().UTC()}
	}
	done := make(chan error, 1)
	n.Record(sms.Outcome{Message: m, State: sms.Sent, Parts: parts, Carrier: m.Carrier, At: time.Now().UTC()}, mark, func(err error) { done <- err })
	return <-done
}

func (n *node) report(ref string) {
	n.t.Helper()
	done := make(chan error, 1)
	n.Report(sms.Report{Carrier: 1, Ref: ref, State: sms.Delivered, At: time.Now().UTC()}, func(err error) { done <- err })
	if err := <-done; err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) wantState(id sms.ID, want sms.State) {
	n.t.Helper()
	if got := recordOf(n.t, n.Store, id).State; got != want {
		n.t.Errorf("message %d: state %v, want %v", id, got, want)
	}
}

func (n *node) wantBalance(account sms.AccountID, credit, reserved sms.Money) {
	n.t.Helper()
	if got, want := balanceOf(n.t, n.Store, account), (sms.Balance{Credit: credit, Reserved: reserved}); got != want {
		n.t.Errorf("balance %+v, want %+v", got, want)
	}
}

// waiting is what stands in the store for a node in one lane.
func (n *node) waiting(account sms.AccountID) []*sms.Message {
	n.t.Helper()
	messages, err := n.Waiting(context.Background(), Lane{Carrier: 1, Priority: sms.Normal, Account: account}, 0, 100)
	if err != nil {
		n.t.Fatal(err)
	}
	return messages
}

// cutter is a proxy before PostgreSQL. Once armed, it forwards the next commit and keeps the answer to itself.
type cutter struct {
	armed atomic.Bool
	cut   atomic.Int64 // connections lost that way
}

func (c *cutter) proxy(t *testing.T, url string, port int) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { c.forward(client, port) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); running.Wait() })
	own := listener.Addr().(*net.TCPAddr).Port
	return strings.Replace(url, fmt.Sprintf(":%d/", port), fmt.Sprintf(":%d/", own), 1)
}

func (c *cutter) forward(client net.Conn, port int) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() { // ends with the server's connection
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) && c.armed.CompareAndSwap(true, false) {
			c.cut.Add(1)
			return
		}
		if _, failure := client.Write(buffer[:n]); err != nil || failure != nil {
			return
		}
	}
}

// eventually waits for something that another goroutine is about to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}
