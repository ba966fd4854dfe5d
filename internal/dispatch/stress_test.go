package dispatch_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// server is a real store and a dispatcher, with sessions that answer at once.
type server struct {
	*dispatch.Dispatcher
	t        testing.TB
	store    *store.Store
	account  []sms.AccountID
	ctx      context.Context
	end      func() // sessions and dispatcher, then the store
	sessions sync.WaitGroup
}

func newServer(t testing.TB, accounts int) *server {
	stored, err := store.Open(context.Background(), store.Options{Dir: t.TempDir(), Secret: []byte("secret")})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Dispatcher: dispatch.New(stored, stored, slog.New(slog.DiscardHandler)), t: t, store: stored}
	storing, stopStore := context.WithCancel(context.Background())
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithCancel(context.Background())
	var running, keeping sync.WaitGroup
	keeping.Go(func() {
		if err := stored.Run(storing); err != nil {
			t.Error(err)
		}
	})
	for i := range accounts {
		name := fmt.Sprint("user", i)
		account := &sms.Account{Name: name, Plan: sms.Plan{Name: "unlimited"}}
		first := store.First{Credit: 1_000_000 * sms.Euro, User: sms.User{Name: name, Hash: "h"}, Key: sms.Key{ID: name, Hash: []byte("h")}}
		if err := stored.CreateAccount(context.Background(), store.Deed{}, account, first); err != nil {
			t.Fatal(err)
		}
		s.account = append(s.account, account.ID)
	}
	running.Go(func() {
		if err := s.Run(s.ctx); err != nil {
			t.Error(err)
		}
	})
	s.end = sync.OnceFunc(func() {
		cancel()
		s.sessions.Wait()
		running.Wait()
		stopStore()
		keeping.Wait()
		if err := stored.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.end)
	return s
}

func (s *server) accept(account sms.AccountID, to sms.Number) {
	m := &sms.Message{Account: account, Carrier: 1, Destination: to, Sender: "ACME", Text: "Your code is 123456", Parts: 1, PartPrice: 35_000,
		Priority: sms.Normal, Expires: time.Now().Add(time.Hour), Digest: 1, Origin: sms.Origin{Door: "http", Credential: "key", Address: "127.0.0.1"}}
	if err := s.store.Accept(context.Background(), []*store.Admission{{Message: m}}, s.Offer); err != nil || m.Refusal != "" {
		s.t.Errorf("refusal %q, error %v", m.Refusal, err)
	}
}

// instant is a session that answers each part from another goroutine, at once.
type instant struct {
	done    chan struct{}
	answers chan func()
	written func(*sms.Message)
	lost    atomic.Bool
	ids     *atomic.Int64
}

func newInstant(ids *atomic.Int64, written func(*sms.Message)) *instant {
	s := &instant{done: make(chan struct{}), answers: make(chan func(), 100), written: written, ids: ids}
	return s
}

func (s *instant) run() {
	for answer := range s.answers {
		answer()
	}
}

func (s *instant) Window() int           { return cap(s.answers) }
func (s *instant) Done() <-chan struct{} { return s.done }
func (s *instant) Submit(ctx context.Context, m *sms.Message, done func(int, dispatch.Answer)) {
	for part, p := range m.Standing() {
		if p.State != sms.Queued {
			continue
		}
		answer := dispatch.Answer{Verdict: dispatch.Accepted, Ref: fmt.Sprintf("%08x", s.ids.Add(1))}
		if s.lost.Load() || ctx.Err() != nil {
			answer = dispatch.Answer{Verdict: dispatch.NotSent}
		} else {
			s.written(m)
		}
		s.answers <- func() { done(part, answer) }
	}
}

func (s *server) serve(session *instant) {
	s.sessions.Go(func() {
		var answering sync.WaitGroup
		answering.Go(session.run)
		if err := s.Serve(s.ctx, 1, session, dispatch.ServeOptions{}); err != nil {
			s.t.Error(err)
		}
		close(session.answers)
		answering.Wait()
	})
}

// TestEverythingLeavesOnce has many accounts fill the queue beyond its limit, with the real store, while sessions
// come and go: every message leaves exactly once, in order for each account and destination, and is paid once.
func TestEverythingLeavesOnce(t *testing.T) {
	const accounts, each = 3, 5000
	s := newServer(t, accounts)
	var ids atomic.Int64
	var mu sync.Mutex
	times := map[sms.ID]int{}
	last := map[[2]int64]sms.ID{}
	moves := make(chan struct{}, accounts*each)
	written := func(m *sms.Message) {
		mu.Lock()
		defer mu.Unlock()
		times[m.ID]++
		moves <- struct{}{}
		key := [2]int64{int64(m.Account), int64(m.Destination)}
		if m.ID < last[key] {
			t.Errorf("message %d to %v is written after %d", m.ID, m.Destination, last[key])
		}
		last[key] = m.ID
	}
	var callers sync.WaitGroup
	for i, account := range s.account {
		for range 4 {
			callers.Go(func() {
				for n := range each / 4 {
					s.accept(account, 393400000000+sms.Number(n%11+i))
				}
			})
		}
	}
	for more := false; !more; _, more = s.Depth(1) { // begin when the queue is beyond its limit
		s.commit()
	}
	for range 6 {
		passing := newInstant(&ids, written)
		s.serve(passing)
		s.serve(newInstant(&ids, written))
		for range 300 {
			<-moves
		}
		passing.lost.Store(true)
		close(passing.done)
	}
	callers.Wait()
	s.awaitEmpty(accounts * each)
	s.end()
	if len(times) != accounts*each {
		t.Errorf("%d of %d messages were written", len(times), accounts*each)
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("message %d was written %d times", id, n)
		}
	}
}

// commit waits for one more commit.
func (s *server) commit() {
	s.t.Helper()
	if err := s.store.Ready(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// awaitEmpty waits until n messages are sent and paid.
func (s *server) awaitEmpty(n int) {
	s.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; s.commit() {
		var charged, reserved sms.Money
		for _, account := range s.account {
			b, err := s.store.Balance(context.Background(), account)
			if err != nil {
				s.t.Fatal(err)
			}
			charged, reserved = charged+1_000_000*sms.Euro-b.Credit, reserved+b.Reserved
		}
		if charged == sms.Money(n)*35_000 && reserved == 0 {
			return
		}
		if time.Now().After(deadline) {
			held, more := s.Depth(1)
			s.t.Fatalf("%d of %d are paid, %d reserved; %d in memory, more %v", charged/35_000, n, reserved/35_000, held, more)
		}
	}
}
