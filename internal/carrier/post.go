package carrier

import (
	"strings"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/carrier/smpp"
	"github.com/staffetta/staffetta/internal/sms"
)

// post is one carrier of the directory and what runs for it.
type post struct {
	carrier sms.Carrier
	stop    func()
	ended   chan struct{} // closed when nothing of it runs any more

	mu      sync.Mutex
	running *smpp.Carrier // nil: not started, or it cannot
	address smpp.Address
	since   time.Time
	err     string
	order   sms.CarrierState // of carrier, as it is now
	listed  sms.Carrier      // carrier as it is now: what differs needed no new start; of follow alone
}

// same reports whether what runs need not be started again. Which carrier is the default is not its own concern, nor
// whether it gets anything new.
func (p *post) same(c sms.Carrier) bool {
	old := p.listed
	old.Default = c.Default
	if old.State != sms.CarrierDisabled && c.State != sms.CarrierDisabled {
		old.State = c.State
	}
	return old == c
}

// retunes takes over a carrier that differs in its throughput only, which needs no new session; false: it differs otherwise.
func (p *post) retunes(c sms.Carrier) bool {
	was := p.listed
	before, err := smpp.ParseAddress(was.Address)
	after, e := smpp.ParseAddress(c.Address)
	if err != nil || e != nil || c.State == sms.CarrierDisabled {
		return false
	}
	was.Address = c.Address
	throughput := after.Throughput
	if after.Throughput = before.Throughput; before.String() != after.String() {
		return false
	}
	p.mu.Lock()
	running := p.running
	p.mu.Unlock()
	old := post{listed: was}
	if running == nil || !old.same(c) {
		return false
	}
	running.Throttle(throughput)
	p.listed = c
	p.mu.Lock()
	p.address.Throughput = throughput
	p.mu.Unlock()
	return true
}

// told notes what an operator wants of it.
func (p *post) told(order sms.CarrierState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.order = order
}

// runs notes what was started.
func (p *post) runs(c *smpp.Carrier, a smpp.Address) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running, p.address, p.err = c, a, ""
}

// cannot notes why nothing was started.
func (p *post) cannot(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running, p.err = nil, err.Error()
}

func (p *post) state() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := State{ID: p.carrier.ID, Name: p.carrier.Name, Kind: p.carrier.Kind, State: p.order, Address: hidePassword(p.carrier.Address),
		Since: p.since, LastError: p.err}
	if p.running == nil {
		return s
	}
	now := p.running.State()
	s.Address, s.Sessions, s.Window, s.InFlight = p.address.String(), p.address.Sessions, p.address.Window, now.InFlight
	s.Bound, s.Since, s.LastError, s.Refused, s.Warning = now.Bound, now.Since, now.LastError, now.Refused, p.address.Warning()
	return s
}

// hidePassword leaves the password out of an address that nobody could read.
func hidePassword(address string) string {
	start := strings.Index(address, "://")
	end := strings.LastIndexByte(address, '@')
	if start < 0 || end < start {
		return address
	}
	user, _, _ := strings.Cut(address[start+3:end], ":")
	return address[:start+3] + user + address[end:]
}
