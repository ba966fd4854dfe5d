// Package carrier runs the configured carriers.
//
// What comes in: the list of carriers and its changes. What goes out: a running carrier for each, its sessions served
// by the dispatcher, what it brings recorded, and how it stands. A carrier that cannot work is named in States and
// stops nothing else. It never chooses a carrier for a message.
package carrier

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/carrier/smpp"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
)

// The kinds of carriers.
const (
	KindSMPP     = "smpp"
	KindPractice = "practice"
)

// Directory is the list of carriers. Changed is closed at the next change after it was asked for.
type Directory interface {
	Carriers() []sms.Carrier
	Changed() <-chan struct{}
}

// Options says whom the carriers work for. Grace, TLS and DialContext are those of smpp.Config and may be left zero.
type Options struct {
	Directory   Directory
	Dispatcher  smpp.Dispatcher
	Recorder    smpp.Recorder
	Log         *slog.Logger
	Grace       time.Duration
	TLS         *tls.Config
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	Pace        func(sms.CarrierID) dispatch.Pace         // for States; nil: it is not told
	Figures     func(sms.CarrierID) dispatch.Figures      // for Figures
	Depth       func(sms.CarrierID) (held int, more bool) // for States; nil: it is not told
}

// State is how one carrier stands.
type State struct {
	ID        sms.CarrierID    `json:"-"`
	Name      string           `json:"name"`
	Kind      string           `json:"kind"`
	State     sms.CarrierState `json:"-"`
	Address   string           `json:"address"`  // without a password
	Sessions  int              `json:"sessions"` // wanted
	Bound     int              `json:"bound"`
	Since     time.Time        `json:"since"`               // of the last change of Bound
	LastError string           `json:"lastError,omitempty"` // why not all are bound
	Refused   bool             `json:"refused,omitempty"`   // the carrier refuses the bind: somebody must look at the address
	Warning   string           `json:"warning,omitempty"`   // what is not safe about the address
	Held      int              `json:"-"`                   // messages in memory that wait for it, or are on their way
	More      bool             `json:"-"`                   // more wait in the store
	InFlight  int              `json:"-"`                   // parts on the wire without an answer
	Window    int              `json:"-"`                   // how many may be, on each session
	Pace      dispatch.Pace    `json:"-"`
}

// Manager runs the carriers of a directory.
type Manager struct {
	options Options
	running sync.WaitGroup

	mu       sync.Mutex
	carriers map[sms.CarrierID]*post
}

// New makes a manager that runs nothing yet.
func New(options Options) *Manager {
	return &Manager{options: options, carriers: map[sms.CarrierID]*post{}}
}

// Run starts, restarts and stops carriers as the directory says. When ctx ends it stops all, which takes some seconds
// at most, and returns nil. Call it once.
func (m *Manager) Run(ctx context.Context) error {
	defer m.running.Wait()
	for {
		changed := m.options.Directory.Changed()
		m.follow(ctx, m.options.Directory.Carriers())
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// follow makes what runs the same as the list.
func (m *Manager) follow(ctx context.Context, list []sms.Carrier) {
	m.mu.Lock()
	defer m.mu.Unlock()
	listed := map[sms.CarrierID]bool{}
	for _, c := range list {
		listed[c.ID] = true
		old := m.carriers[c.ID]
		if old != nil && (old.same(c) || old.retunes(c)) {
			old.told(c.State)
			continue
		}
		if old != nil {
			old.stop()
		}
		m.start(ctx, c, old)
	}
	for id, p := range m.carriers {
		if !listed[id] {
			p.stop()
			delete(m.carriers, id)
		}
	}
}

// start runs a carrier once the one that it replaces, if any, has stopped.
func (m *Manager) start(ctx context.Context, c sms.Carrier, old *post) {
	ctx, stop := context.WithCancel(ctx)
	p := &post{carrier: c, order: c.State, listed: c, stop: stop, ended: make(chan struct{}), since: time.Now()}
	m.carriers[c.ID] = p
	m.running.Go(func() {
		defer close(p.ended)
		defer stop()
		if old != nil {
			<-old.ended
		}
		if ctx.Err() == nil {
			m.run(ctx, p)
		}
	})
}

// States tells how all carriers of the directory stand, in order of their names.
func (m *Manager) States() []State {
	m.mu.Lock()
	defer m.mu.Unlock()
	states := make([]State, 0, len(m.carriers))
	for _, p := range m.carriers {
		states = append(states, m.paced(p.state()))
	}
	slices.SortFunc(states, func(a, b State) int { return strings.Compare(a.Name, b.Name) })
	return states
}

// Figures is what a carrier did in the last minutes.
func (m *Manager) Figures(id sms.CarrierID) dispatch.Figures {
	if m.options.Figures == nil {
		return dispatch.Figures{}
	}
	return m.options.Figures(id)
}

func (m *Manager) paced(s State) State {
	if m.options.Pace != nil {
		s.Pace = m.options.Pace(s.ID)
	}
	if m.options.Depth != nil {
		s.Held, s.More = m.options.Depth(s.ID)
	}
	return s
}

// Words is what a carrier means by the code of a receipt; empty: nobody knows.
func Words(carriers []sms.Carrier, id sms.CarrierID, code string) string {
	codes := smpp.Codes(nil)
	for _, c := range carriers {
		if c.ID == id && strings.Contains(c.Address, "codes=") {
			if address, err := smpp.ParseAddress(c.Address); err == nil {
				codes = address.Codes
			}
		}
	}
	return codes.Words(code)
}
