package outbox

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// fakeStore holds events in memory, with the rules of the store, so that time can be made to pass.
type fakeStore struct {
	mu       sync.Mutex
	hooks    map[sms.AccountID]*sms.Webhook
	events   []*sms.Event
	open     map[store.EventQueue][]*sms.Event // those that wait
	attempts []sms.Attempt
	wake     chan struct{}
	claims   map[sms.AccountID]int // how many events were taken
	callback string                // of every account
	resent   int                   // how often waiting messages were given another way
}

func newFakeStore() *fakeStore {
	return &fakeStore{hooks: map[sms.AccountID]*sms.Webhook{}, wake: make(chan struct{}, 1), claims: map[sms.AccountID]int{}, open: map[store.EventQueue][]*sms.Event{}}
}

// add makes events of an account, and its webhook to a host of that name.
func (f *fakeStore) add(account sms.AccountID, host string, n int) {
	f.mu.Lock()
	if f.hooks[account] == nil {
		f.hooks[account] = &sms.Webhook{Account: account, ID: host, URL: "https://" + host, Secret: []byte("s"), Created: time.Now()}
	}
	f.mu.Unlock()
	f.append(store.EventQueue{Account: account}, n)
}

// append makes events in a queue.
func (f *fakeStore) append(queue store.EventQueue, n int) (made []*sms.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range n {
		id := sms.MakeID(time.Now(), 1, 0) + sms.ID(len(f.events))
		e := &sms.Event{ID: id, Account: queue.Account, MessageID: id, Message: &sms.Message{ID: id, Parts: 1, Destination: 393401234567},
			Way: queue.Way, State: sms.Delivered, Due: time.Now()}
		if queue.Way == sms.BySMPP {
			e.Part = sms.WholeMessage
		}
		f.events, f.open[queue] = append(f.events, e), append(f.open[queue], e)
		made = append(made, e)
	}
	return made
}

func (f *fakeStore) EventLanes(_ context.Context, way sms.Way) (lanes []store.EventLane, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for queue, open := range f.open {
		if queue.Way == way && len(open) > 0 {
			first := slices.MinFunc(open, func(a, b *sms.Event) int { return a.Due.Compare(b.Due) })
			lanes = append(lanes, store.EventLane{EventQueue: queue, Due: first.Due})
		}
	}
	return lanes, nil
}

func (f *fakeStore) ClaimEvents(_ context.Context, queue store.EventQueue, limit int) (taken []sms.Event, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	slices.SortStableFunc(f.open[queue], func(a, b *sms.Event) int { return a.Due.Compare(b.Due) })
	for _, e := range f.open[queue] {
		if len(taken) < limit && !e.Due.After(time.Now()) {
			e.Due = time.Now().Add(store.EventLease)
			e.Attempts++
			e.Tries++
			taken = append(taken, *e)
		}
	}
	f.claims[queue.Account] += len(taken)
	return taken, nil
}

func (f *fakeStore) SettleEvent(a sms.Attempt, done func(error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for queue, e := range f.waiting() {
		if e.ID != a.Event || e.Attempts != a.Number {
			continue
		}
		if e.Stage, e.Due = a.Stage, a.Due; e.Stage != sms.EventWaiting {
			f.open[queue] = slices.DeleteFunc(f.open[queue], func(o *sms.Event) bool { return o == e })
		}
		if a.Void {
			e.Attempts--
			e.Tries--
		} else {
			f.attempts = append(f.attempts, a)
		}
		break
	}
	done(nil)
}

// waiting are all events that wait.
func (f *fakeStore) waiting() iter.Seq2[store.EventQueue, *sms.Event] {
	return func(yield func(store.EventQueue, *sms.Event) bool) {
		for queue, open := range f.open {
			for _, e := range open {
				if !yield(queue, e) {
					return
				}
			}
		}
	}
}

func (f *fakeStore) FailEvents(_ context.Context, account sms.AccountID) (n int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue := store.EventQueue{Account: account}
	for _, e := range f.open[queue] {
		e.Stage = sms.EventFailed
		n++
	}
	f.open[queue] = nil
	return n, nil
}

func (f *fakeStore) EventNews() <-chan struct{}  { return f.wake }
func (f *fakeStore) Stirred() []store.EventQueue { return nil }

func (f *fakeStore) Webhook(_ context.Context, account sms.AccountID) (*sms.Webhook, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.hooks[account]; h != nil {
		copied := *h
		return &copied, nil
	}
	return nil, nil
}

func (f *fakeStore) SetWebhookFailing(_ context.Context, account sms.AccountID, since time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hooks[account].FailingSince = since
	return nil
}

func (f *fakeStore) SaveWebhook(_ context.Context, _ store.Deed, account sms.AccountID, change func(*sms.Webhook) (*sms.Webhook, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	after, err := change(f.hooks[account])
	if err == nil {
		f.hooks[account] = after
	}
	return err
}

// stage counts the events of an account that are at a stage.
func (f *fakeStore) stage(account sms.AccountID, stage sms.EventStage) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.events {
		if e.Account == account && e.Stage == stage {
			n++
		}
	}
	return n
}

// endpoints answer requests by host, instead of a network.
type endpoints map[string]func(*http.Request) (*http.Response, error)

func (e endpoints) RoundTrip(r *http.Request) (*http.Response, error) { return e[r.URL.Host](r) }

func status(code int, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(""))}, nil
	}
}

// refusing is a host where nobody listens.
func refusing(*http.Request) (*http.Response, error) { return nil, errors.New("refused") }

// silent is a host that never answers.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// inBubble runs an outbox over a fake store and endpoints, in a time that passes only when all wait.
func inBubble(t *testing.T, hosts endpoints, test func(t *testing.T, f *fakeStore, o *Outbox)) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStore()
		o := New(Options{Store: f, IDs: testIDs, Log: slog.New(slog.DiscardHandler)})
		o.sender.client.Transport = hosts
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- o.Run(ctx) }()
		test(t, f, o)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// times are when attempts of the first event were made, counted from the first.
func (f *fakeStore) times() (all []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.attempts {
		if a.Event == f.events[0].ID {
			all = append(all, a.At.Sub(f.attempts[0].At))
		}
	}
	return slices.Clone(all)
}

func (f *fakeStore) EventLanesOf(ctx context.Context, way sms.Way, accounts []sms.AccountID) ([]store.EventLane, error) {
	lanes, err := f.EventLanes(ctx, way)
	return slices.DeleteFunc(lanes, func(l store.EventLane) bool { return !slices.Contains(accounts, l.Account) }), err
}

// claimed is how many events of an account were taken.
func (f *fakeStore) claimed(account sms.AccountID) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.claims[account]
}
