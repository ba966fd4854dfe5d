package outbox

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
)

// board is an SMPP server as the outbox sees it, with real sessions: an account binds with its number as system_id.
type board struct {
	t      testing.TB
	server smpp.Server
	ctx    context.Context
	conns  sync.WaitGroup

	mu      sync.Mutex
	bound   map[sms.AccountID][]Session
	arrived []sms.AccountID
	news    chan struct{}
	dropped int
}

// newBoard serves until ctx ends; window is that of each session.
func newBoard(ctx context.Context, t testing.TB, window int) *board {
	b := &board{t: t, ctx: ctx, bound: map[sms.AccountID][]Session{}, news: make(chan struct{}, 1)}
	nothing := smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) { _ = r.Reply(smpp.ESME_RINVCMDID, nil) })
	b.server = smpp.Server{Config: smpp.Config{Window: window}, SystemID: "test", Bound: b.add,
		Authenticate: func(context.Context, smpp.BindRequest) (smpp.Handler, smpp.CommandStatus) {
			return nothing, smpp.ESME_ROK
		}}
	return b
}

func (b *board) add(s *smpp.Session, _ smpp.Handler) {
	number, err := strconv.Atoi(s.Info().SystemID)
	if err != nil {
		b.t.Error(err)
	}
	b.mu.Lock()
	account := sms.AccountID(number)
	b.bound[account] = append(b.bound[account], &wired{s, b})
	b.arrived = append(b.arrived, account)
	b.mu.Unlock()
	select {
	case b.news <- struct{}{}:
	default:
	}
}

func (b *board) Receivers(account sms.AccountID) (open []Session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.bound[account] {
		if s.(*wired).Err() == nil {
			open = append(open, s)
		}
	}
	b.bound[account] = open
	return append([]Session(nil), open...)
}

func (b *board) ReceiverNews() <-chan struct{} { return b.news }

func (b *board) Arrived() []sms.AccountID {
	b.mu.Lock()
	defer b.mu.Unlock()
	arrived := b.arrived
	b.arrived = nil
	return arrived
}

func (b *board) drops() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dropped
}

// dial is a connection to the server.
func (b *board) dial() net.Conn {
	client, server := net.Pipe()
	b.conns.Go(func() { b.server.ServeConn(b.ctx, server) })
	return client
}

// dialTCP is dial over a socket, which has buffers.
func (b *board) dialTCP() net.Conn {
	b.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.t.Fatal(err)
	}
	server, err := listener.Accept()
	if err != nil {
		b.t.Fatal(err)
	}
	b.conns.Go(func() { b.server.ServeConn(b.ctx, server) })
	return client
}

// wired is a session of the server.
type wired struct {
	*smpp.Session
	board *board
}

func (w *wired) Deliver(p *smpp.DeliverSM, done func(smpp.Response)) error {
	err := w.TryBegin(p, done)
	if errors.Is(err, smpp.ErrWindowFull) {
		return smpp.ErrWindowFull
	}
	return err
}

func (w *wired) Drop(string) {
	w.board.mu.Lock()
	w.board.dropped++
	w.board.mu.Unlock()
	_ = w.Close()
}

func (w *wired) Charset() string { return "" }

func (w *wired) Who() string { return w.Info().SystemID + " from somewhere" }

// customer is a bound client that keeps the ids of the receipts that it takes; of messages, source, destination and text.
type customer struct {
	*smpp.Session
	stop func()

	mu     sync.Mutex
	got    []string
	answer func(n int) (status smpp.CommandStatus, wait time.Duration) // to the n-th deliver_sm, from 0; nil: ESME_ROK at once
}

// bind binds a receiver of an account; each answer comes after the one before it.
func (b *board) bind(account sms.AccountID, answer func(n int) (smpp.CommandStatus, time.Duration)) *customer {
	b.t.Helper()
	c := &customer{answer: answer}
	session, err := smpp.Connect(b.ctx, b.dial(), smpp.DialConfig{Handler: smpp.HandlerFunc(c.take),
		Bind: smpp.Bind{Type: smpp.Receiver, SystemID: strconv.Itoa(int(account)), Password: "p"}})
	if err != nil {
		b.t.Fatal(err)
	}
	c.Session = session
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = session.Run(ctx)
	}()
	c.stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	context.AfterFunc(b.ctx, cancel)
	return c
}

func (c *customer) take(ctx context.Context, r *smpp.Request) {
	p, ok := r.PDU.(*smpp.DeliverSM)
	if !ok {
		_ = r.Reply(smpp.ESME_RINVCMDID, nil)
		return
	}
	receipt, ok := smpp.ParseReceipt(p)
	if !ok {
		receipt.ID = p.SourceAddr + " " + p.DestinationAddr + " " + string(p.Message())
	}
	c.mu.Lock()
	n := len(c.got)
	c.got = append(c.got, string(append([]byte(nil), receipt.ID...)))
	c.mu.Unlock()
	status := smpp.ESME_ROK
	if c.answer != nil {
		var wait time.Duration
		if status, wait = c.answer(n); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
	}
	_ = r.Reply(status, nil)
}

func (c *customer) taken() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.got...)
}

// addReceipts makes events of an account that go by SMPP, and answers the ids of their messages.
func (f *fakeStore) addReceipts(account sms.AccountID, n int) (ids []string) {
	for _, e := range f.append(store.EventQueue{Account: account, Way: sms.BySMPP}, n) {
		ids = append(ids, testIDs.Format(e.MessageID))
	}
	return ids
}
