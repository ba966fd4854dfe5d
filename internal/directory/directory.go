package directory

import (
	"context"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// refreshEvery is how soon the changes of other nodes are seen; the promise is two seconds.
const refreshEvery = time.Second

// Directory finds accounts, users, keys, prices, carriers and routes. It is empty until the first Refresh. Safe for
// concurrent use; readers wait only while the rows of one refresh are put in their places.
type Directory struct {
	source  Source
	refresh chan struct{} // holds one token: refreshes run one after the other

	mu       sync.RWMutex
	revision int64
	accounts map[sms.AccountID]*sms.Account
	named    map[string]*sms.Account
	users    map[string]*sms.User
	keys     map[string]*sms.Key
	prices   map[sms.AccountID]*tariff             // 0: the general list
	senders  map[sms.AccountID]map[string][]string // by sms.Sender.Key, the countries
	rules    map[string]sms.SenderRule             // by country
	carriers []sms.Carrier                         // ascending by ID, replaced as a whole
	routes   []sms.Route                           // likewise
	changed  chan struct{}
	failure  error // of the latest refresh
}

// New makes an empty directory over a source.
func New(source Source) *Directory {
	return &Directory{
		source:   source,
		refresh:  make(chan struct{}, 1),
		accounts: make(map[sms.AccountID]*sms.Account),
		named:    make(map[string]*sms.Account),
		users:    make(map[string]*sms.User),
		keys:     make(map[string]*sms.Key),
		prices:   make(map[sms.AccountID]*tariff),
		senders:  make(map[sms.AccountID]map[string][]string),
		rules:    make(map[string]sms.SenderRule),
		changed:  make(chan struct{}),
	}
}

// Refresh loads what changed since the last time. After it returned nil every reader sees all that was committed
// before it was called. When it fails, the directory stays as it was. The error is the source's or the context's.
func (d *Directory) Refresh(ctx context.Context) error {
	select {
	case d.refresh <- struct{}{}:
		defer func() { <-d.refresh }()
	case <-ctx.Done():
		return ctx.Err()
	}
	since := d.Revision()
	changes, err := d.source.Changes(ctx, since)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failure = err
	if err == nil && !changes.empty(since) {
		d.apply(&changes)
	}
	return err
}

// Run refreshes every second until the context ends, and then returns nil. A refresh that fails does not end it:
// the directory goes on with what it knows, and Failure tells why.
func (d *Directory) Run(ctx context.Context) error {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			_ = d.Refresh(ctx) // kept for Failure
		}
	}
}

// Failure is the error of the latest refresh; nil when it went well. Meant for the log and for /readyz.
func (d *Directory) Failure() error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.failure
}

// Revision is the newest revision that readers see; 0 before the first refresh.
func (d *Directory) Revision() int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.revision
}

// Changed is closed at the next change. It tells of a change, not of each: take the channel first, read then,
// and ask again for the next one.
func (d *Directory) Changed() <-chan struct{} {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.changed
}

// Account finds an account by its number. The snapshot must not be changed.
func (d *Directory) Account(id sms.AccountID) (*sms.Account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	account, ok := d.accounts[id]
	return account, ok
}

// AccountNamed finds an account by its name, letter case included. The snapshot must not be changed.
func (d *Directory) AccountNamed(name string) (*sms.Account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	account, ok := d.named[name]
	return account, ok
}

// User finds a user by its name. The snapshot must not be changed.
func (d *Directory) User(name string) (*sms.User, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	user, ok := d.users[name]
	return user, ok
}

// Key finds an API key by its id, revoked and expired ones included. The snapshot must not be changed.
func (d *Directory) Key(id string) (*sms.Key, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	key, ok := d.keys[id]
	return key, ok
}

// Carriers lists all carriers, ascending by ID. The slice is a snapshot and must not be changed.
func (d *Directory) Carriers() []sms.Carrier {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.carriers
}

// Routes lists all routes, ascending by ID. The slice is a snapshot and must not be changed.
func (d *Directory) Routes() []sms.Route {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.routes
}

// DefaultCarrier is the carrier that takes what no route names; the first by ID, should there be several.
func (d *Directory) DefaultCarrier() (sms.Carrier, bool) {
	for _, carrier := range d.Carriers() {
		if carrier.Default {
			return carrier, true
		}
	}
	return sms.Carrier{}, false
}
