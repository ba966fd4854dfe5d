package settings

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const (
	refusalsEvery = 10 * time.Second // between two writes
	refusalsStep  = 500              // refusals in one write, and at most those of one account more
	mostRefusals  = 5000             // in memory, of all accounts; a few hundred octets each
)

// RefusalStore keeps who was not let in.
type RefusalStore interface {
	SaveAccessRefusals(ctx context.Context, refusals []sms.AccessRefusal) error
	AccessRefusals(ctx context.Context, account sms.AccountID) ([]sms.AccessRefusal, error)
}

// Refusals remembers who was not let in, and stores it now and then, so that every server of a database knows. However
// many come, and from however many addresses: memory holds the last 50 of an account and 5,000 in all, and every 10
// seconds a few hundred are written. What comes beyond that is not remembered. Safe for concurrent use.
type Refusals struct {
	store RefusalStore

	mu      sync.Mutex
	news    map[sms.AccountID]refused // not stored yet
	size    int                       // in news
	storing []sms.AccessRefusal       // being stored
}

// refused are the refusals of one account.
type refused map[refusalKey]*sms.AccessRefusal

type refusalKey struct {
	address    netip.Addr
	credential string
	reason     sms.AccessReason
}

func keyOf(r *sms.AccessRefusal) refusalKey { return refusalKey{r.Address, r.Credential, r.Reason} }

// NewRefusals makes an empty memory of refusals.
func NewRefusals(to RefusalStore) *Refusals {
	return &Refusals{store: to, news: map[sms.AccountID]refused{}}
}

// Note remembers a refusal.
func (f *Refusals) Note(r sms.AccessRefusal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(r)
}

func (f *Refusals) add(r sms.AccessRefusal) {
	of := f.news[r.Account]
	if known := of[keyOf(&r)]; known != nil {
		add(known, &r)
		return
	}
	if len(of) >= store.KeptRefusals {
		delete(of, of.oldest())
		f.size--
	}
	if f.size >= mostRefusals {
		return
	}
	if of == nil {
		of = refused{}
		f.news[r.Account] = of
	}
	of[keyOf(&r)] = &r
	f.size++
}

func (of refused) oldest() (oldest refusalKey) {
	var at time.Time
	for key, r := range of {
		if at.IsZero() || r.Last.Before(at) {
			oldest, at = key, r.Last
		}
	}
	return oldest
}

// Run stores refusals every ten seconds, and a last time when ctx ends.
func (f *Refusals) Run(ctx context.Context) error {
	tick := time.NewTicker(refusalsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			f.save(last)
			return nil
		case <-tick.C:
			f.save(ctx)
		}
	}
}

// save stores some of what is new. What the store does not take is new still.
func (f *Refusals) save(ctx context.Context) {
	step := f.take()
	if len(step) == 0 {
		return
	}
	err := f.store.SaveAccessRefusals(ctx, step)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.storing = nil
	if err != nil {
		for _, r := range step {
			f.add(r)
		}
	}
}

// take moves some accounts' refusals from what is new to what is being stored.
func (f *Refusals) take() (step []sms.AccessRefusal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for account, of := range f.news {
		if len(step) >= refusalsStep {
			break
		}
		for _, r := range of {
			step = append(step, *r)
		}
		f.size -= len(of)
		delete(f.news, account)
	}
	f.storing = step
	return step
}

// unstored are the refusals of an account that the store may not have yet.
func (f *Refusals) unstored(account sms.AccountID) (list []sms.AccessRefusal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.storing {
		if r.Account == account {
			list = append(list, r)
		}
	}
	for _, r := range f.news[account] {
		list = append(list, *r)
	}
	return list
}

// Refusals are the last 50 of an account that differ in address, credential or reason, the last one first. Those that
// another server of the database saw are among them ten seconds later.
func (s *Service) Refusals(ctx context.Context, account *sms.Account) ([]sms.AccessRefusal, error) {
	var fresh []sms.AccessRefusal
	if s.refusals != nil {
		fresh = s.refusals.unstored(account.ID)
	}
	list, err := s.store.AccessRefusals(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range fresh {
		if at := slices.IndexFunc(list, func(known sms.AccessRefusal) bool { return keyOf(&known) == keyOf(&r) }); at >= 0 {
			add(&list[at], &r)
		} else {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b sms.AccessRefusal) int { return b.Last.Compare(a.Last) })
	return list[:min(len(list), store.KeptRefusals)], nil
}

// add adds to a refusal one of the same.
func add(to, r *sms.AccessRefusal) {
	to.Times += r.Times
	if r.First.Before(to.First) {
		to.First = r.First
	}
	if r.Last.After(to.Last) {
		to.Last = r.Last
	}
}
