package outbox

import (
	"context"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
)

// Receivers knows which sessions accounts have bound here to receive. The SMPP door does.
type Receivers interface {
	// Receivers are the sessions of an account that take deliver_sm now. Each may end at any moment.
	Receivers(account sms.AccountID) []Session
	// ReceiverNews has a value when an account has got such a session; Arrived says which have since it was called last.
	ReceiverNews() <-chan struct{}
	Arrived() []sms.AccountID
}

// Session is one of them. The same session is the same value.
type Session interface {
	// Deliver sends deliver_sm without waiting; p may be used again afterwards. The error is smpp.ErrWindowFull when the
	// customer's window is, *smpp.EncodeError when p cannot be written, else the session has ended; then done is not
	// called. Else it is called once, with the answer or why there is none, and must not block.
	Deliver(p *smpp.DeliverSM, done func(smpp.Response)) error
	// Charset is what data_coding 0 is to the customer: "latin1", "utf8", or else the GSM alphabet.
	Charset() string
	// Drop ends the session without further words.
	Drop(why string)
	// Who is the system_id and the address, such as "acme from 192.0.2.1".
	Who() string
}

// nobody is Receivers where there is no SMPP door.
type nobody struct{}

func (nobody) Receivers(sms.AccountID) []Session { return nil }
func (nobody) ReceiverNews() <-chan struct{}     { return nil }
func (nobody) Arrived() []sms.AccountID          { return nil }

// greet wakes the queues of accounts that have got a session: whatever rest there was is over.
func (o *Outbox) greet(ctx context.Context, working *sync.WaitGroup, accounts []sms.AccountID) {
	for _, account := range accounts {
		queue := store.EventQueue{Account: account, Way: sms.BySMPP}
		o.mu.Lock()
		o.bound[account] = true
		if l := o.lanes[queue]; l != nil {
			l.rest = time.Time{}
		}
		o.mu.Unlock()
		o.wake(ctx, working, queue)
	}
}

// lookForReceivers wakes the queues in which something is due, of those accounts only that have a session here: another
// server may have one of the rest, or nobody has, and then what waits costs nothing.
func (o *Outbox) lookForReceivers(ctx context.Context, working *sync.WaitGroup) {
	accounts := o.stillBound()
	if len(accounts) == 0 {
		return
	}
	lanes, err := o.store.EventLanesOf(ctx, sms.BySMPP, accounts)
	o.wakeDue(ctx, working, lanes, err)
}

func (o *Outbox) stillBound() (accounts []sms.AccountID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for account := range o.bound {
		if len(o.receivers.Receivers(account)) == 0 {
			delete(o.bound, account)
			continue
		}
		accounts = append(accounts, account)
	}
	return accounts
}
