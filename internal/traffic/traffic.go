// Package traffic says how it goes: for an account, or for the platform as a whole.
//
// What comes in: the counts of the store, which are exact at every moment, credit, carriers and webhooks as they stand now.
// What goes out: an Overview of today and the last week, and the Problems that somebody should know of, each as a kind with
// its parameters: whoever shows them finds the words. It counts no messages, changes nothing, and knows no kind of carrier.
package traffic

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// AllAccounts asks about the platform as a whole.
const AllAccounts = store.AllAccounts

// Store is what is read of what is stored.
type Store interface {
	Traffic(ctx context.Context, account sms.AccountID, from, to time.Time) ([]store.HourTraffic, error)
	TrafficByDay(ctx context.Context, account sms.AccountID, days []time.Time) ([]sms.Traffic, error)
	Spending(ctx context.Context, account sms.AccountID, from, lately time.Time) ([]store.Spending, error)
	Busiest(ctx context.Context, from, to time.Time, limit int) ([]store.AccountTraffic, error)
	Accounts(ctx context.Context) ([]store.AccountStanding, error)
	Balance(ctx context.Context, account sms.AccountID) (sms.Balance, error)
	Keys(ctx context.Context, account sms.AccountID) ([]sms.Key, error)
	Standing
}

// Standing is what is read of how things stand now.
type Standing interface {
	Backlog() int64
	Queued(ctx context.Context, account sms.AccountID, from, to time.Time) ([]store.HourQueued, error)
	TroubledWebhooks(ctx context.Context, account sms.AccountID) ([]sms.Webhook, error)
	Webhook(ctx context.Context, account sms.AccountID) (*sms.Webhook, error)
	History(ctx context.Context, account sms.AccountID, span store.Span) ([]*sms.Record, error)
}

// Directory knows accounts and carriers.
type Directory interface {
	Account(id sms.AccountID) (*sms.Account, bool)
	Carriers() []sms.Carrier
}

// CarrierState is how one carrier stands on this server.
type CarrierState struct {
	ID        sms.CarrierID
	Name      string
	Sessions  int       // wanted; 0: it cannot run
	Bound     int       // of them
	Since     time.Time // of the last change of Bound
	LastError string    // why not all are bound
	Refused   bool      // the carrier refuses the credentials
	Slowed    bool      // it gets more than it takes
	Limit     float64   // parts a second that may leave now; 0: any number
	Off       bool      // an operator wants it so
}

// Refused is how often callers with known credentials were not let in, of those who tried lately: also before that.
type Refused struct {
	Times int64
	Last  time.Time
	From  string // the address of the last one
}

// Parts is where everything is known from. Refusals may be nil: then nothing is said about them.
type Parts struct {
	Store      Store
	Directory  Directory
	Carriers   func() []CarrierState
	Refusals   func(ctx context.Context, account sms.AccountID, since time.Time) (Refused, error)
	MaxBacklog int64 // how many messages may wait; 0: any number
}

// Reader answers. Safe for concurrent use.
type Reader struct {
	parts Parts
	now   func() time.Time
	kept  memory
}

// New makes a reader.
func New(parts Parts) *Reader { return &Reader{parts: parts, now: time.Now} }
