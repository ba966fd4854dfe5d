// Package practice is the practice carrier: a real SMPP server that sends nothing to anybody, and shows every outcome
// that a message can have.
//
// What comes in: binds and submit_sm from any SMPP client. What goes out: the answers and receipts of a carrier, chosen
// by the last two digits of the destination (Outcomes). It never stores anything: receipts that nobody is bound for are
// kept in memory, up to a limit.
package practice

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/staffetta/staffetta/smpp"
)

// Options may all be left zero.
type Options struct {
	Log      *slog.Logger // default: nothing is logged
	SystemID string       // the only one that may bind; empty: any
	Password string       // that it must give; empty: any
	// Journal is told of every submit_sm together with its answer, in order of arrival on each session. It must be safe
	// for several goroutines, and return soon: the next submit_sm of the session waits.
	Journal func(Entry)
}

// Entry is one submit_sm and how it was answered.
type Entry struct {
	SystemID  string
	Submit    *smpp.SubmitSM // must not be changed
	Status    smpp.CommandStatus
	MessageID string // empty when refused
}

// Limits of what is kept in memory.
const (
	maxWaiting   = 100_000 // receipts for one system_id
	maxSystemIDs = 1_000
	maxThrottled = 10_000 // messages that were throttled once
)

// Carrier is a practice carrier.
type Carrier struct {
	options Options
	log     *slog.Logger
	lastID  atomic.Uint64
	clock   clock
	senders sync.WaitGroup

	mu        sync.Mutex
	mailboxes map[string]*mailbox // by system_id
}

// New makes a practice carrier that serves nobody.
func New(options Options) *Carrier {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	c := &Carrier{options: options, log: options.Log, mailboxes: map[string]*mailbox{}}
	c.clock.wake = make(chan struct{}, 1)
	c.lastID.Store(rand.Uint64N(1 << 62)) // ids of other carriers, and of an earlier run, do not come again
	return c
}

// Serve serves the clients that connect to ln until ctx ends; then it unbinds them and returns nil. It closes ln. Call
// it once.
func (c *Carrier) Serve(ctx context.Context, ln net.Listener) error {
	server := &smpp.Server{
		Config: smpp.Config{
			// The answers to receipts wait for a commit of the client: only a wide window lets them flow.
			Window:       500,
			InboundLimit: 10_000,
			Logger:       c.log,
		},
		SystemID:     "practice",
		Authenticate: c.authenticate,
		Bound:        c.bound,
		MaxConns:     1_000,
	}
	ticking, stop := context.WithCancel(context.WithoutCancel(ctx))
	var clock sync.WaitGroup
	clock.Go(func() { c.clock.run(ticking) })
	err := server.Serve(ctx, ln)
	c.senders.Wait() // each ends with its session
	stop()
	clock.Wait()
	return err
}

func (c *Carrier) authenticate(_ context.Context, b smpp.BindRequest) (smpp.Handler, smpp.CommandStatus) {
	switch {
	case c.options.SystemID != "" && b.SystemID != c.options.SystemID:
		return nil, smpp.ESME_RINVSYSID
	case c.options.Password != "" && subtle.ConstantTimeCompare([]byte(b.Password), []byte(c.options.Password)) != 1:
		return nil, smpp.ESME_RINVPASWD
	}
	box := c.mailbox(b.SystemID)
	if box == nil {
		return nil, smpp.ESME_RBINDFAIL
	}
	return &desk{carrier: c, systemID: b.SystemID, box: box}, smpp.ESME_ROK
}

// mailbox returns the one of a system_id, nil when there are too many.
func (c *Carrier) mailbox(systemID string) *mailbox {
	c.mu.Lock()
	defer c.mu.Unlock()
	box := c.mailboxes[systemID]
	if box == nil && len(c.mailboxes) < maxSystemIDs {
		box = newMailbox(c, systemID)
		c.mailboxes[systemID] = box
	}
	return box
}

// bound starts to send receipts to a session that takes them.
func (c *Carrier) bound(s *smpp.Session, h smpp.Handler) {
	d, ok := h.(*desk)
	if !ok || s.Info().Type == smpp.Transmitter {
		return
	}
	d.box.receivers.Add(1)
	c.senders.Go(func() {
		defer d.box.receivers.Add(-1)
		d.box.send(s)
	})
}

// nextID makes a message_id that this carrier never gave before.
func (c *Carrier) nextID() string { return strconv.FormatUint(c.lastID.Add(1), 16) }
