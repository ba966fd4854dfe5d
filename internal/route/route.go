package route

import (
	"slices"
	"sync/atomic"

	"github.com/staffetta/staffetta/internal/sms"
)

// Directory knows routes, carriers and accounts. What it answers does not change afterwards.
type Directory interface {
	Routes() []sms.Route
	Carriers() []sms.Carrier
	DefaultCarrier() (sms.Carrier, bool)
	Account(id sms.AccountID) (*sms.Account, bool)
}

// Router chooses. Safe for concurrent use.
type Router struct {
	directory Directory
	health    *Health
	compiled  atomic.Pointer[compiled]
}

// compiled is the table of one list of routes.
type compiled struct {
	routes []sms.Route
	table  *Table
}

// New makes a router over a directory; nil health: every carrier is in turn.
func New(directory Directory, health *Health) *Router {
	return &Router{directory: directory, health: health}
}

// table is that of the routes as they are now.
func (r *Router) table() *Table {
	routes := r.directory.Routes()
	if c := r.compiled.Load(); c != nil && sameSlice(c.routes, routes) {
		return c.table
	}
	c := &compiled{routes: routes, table: NewTable(routes)}
	r.compiled.Store(c)
	return c.table
}

func sameSlice(a, b []sms.Route) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Candidate is a carrier that a message may go by, and what speaks for and against it.
type Candidate struct {
	Carrier  sms.Carrier
	Route    sms.Route // zero: no route fits, and it is the default carrier
	Standing Standing
	InTurn   bool
}

// Choose is the carrier for a new message; false when there is none.
func (r *Router) Choose(account *sms.Account, sender sms.Sender, to sms.Number) (sms.Carrier, bool) {
	if r.table().Empty() {
		c, ok := r.directory.DefaultCarrier()
		return c, ok && c.State != sms.CarrierDraining
	}
	q := queryOf(account, sender, to)
	carriers := r.directory.Carriers()
	for _, route := range r.table().fitting(q) {
		at := slices.IndexFunc(carriers, func(c sms.Carrier) bool { return c.ID == route.Carrier })
		if at >= 0 && r.inTurn(carriers[at], to) {
			return carriers[at], true // almost always
		}
	}
	candidates := r.Candidates(q)
	if len(candidates) == 0 {
		return sms.Carrier{}, false
	}
	return candidates[0].Carrier, true
}

func queryOf(account *sms.Account, sender sms.Sender, to sms.Number) Query {
	return Query{Account: account.ID, Sender: sender, Destination: to, ByCost: account.Settings.Routing == "cost"}
}

// Candidates are the carriers for a message in the order in which they are tried: first those that are in turn, then the
// others that are bound, then the rest. Without a route that fits it is the default carrier. One that is being drained is
// none, nor is the route to it one that fits; see Drained.
func (r *Router) Candidates(q Query) []Candidate {
	found := slices.DeleteFunc(r.inOrder(q), Candidate.drains)
	slices.SortStableFunc(found, func(a, b Candidate) int { return a.rank() - b.rank() })
	return found
}

// Drained are the carriers that would be candidates if they were not being drained.
func (r *Router) Drained(q Query) []Candidate {
	return slices.DeleteFunc(r.inOrder(q), func(c Candidate) bool { return !c.drains() })
}

func (c Candidate) drains() bool { return c.Carrier.State == sms.CarrierDraining }

// inOrder are the carriers for a message in the order of their routes, however they do.
func (r *Router) inOrder(q Query) []Candidate {
	var found []Candidate
	carriers := r.directory.Carriers()
	for _, route := range r.table().Fitting(q) {
		at := slices.IndexFunc(carriers, func(c sms.Carrier) bool { return c.ID == route.Carrier })
		if at >= 0 {
			found = append(found, r.candidate(carriers[at], route, q.Destination))
		}
	}
	if c, ok := r.directory.DefaultCarrier(); ok && !slices.ContainsFunc(found, func(f Candidate) bool { return !f.drains() || f.Carrier.ID == c.ID }) {
		found = append(found, r.candidate(c, sms.Route{}, q.Destination))
	}
	return found
}

func (c Candidate) rank() int {
	switch {
	case c.InTurn:
		return 0
	case c.Standing.Bound:
		return 1
	}
	return 2
}

// ofShare tells the lots of a return from those of weights.
const ofShare = 1

func (r *Router) candidate(c sms.Carrier, route sms.Route, to sms.Number) Candidate {
	return Candidate{Carrier: c, Route: route, Standing: r.Standing(c), InTurn: r.inTurn(c, to)}
}

// Standing is how a carrier does, and what an operator has told it to do.
func (r *Router) Standing(c sms.Carrier) Standing {
	s := Standing{Bound: true, Share: 1}
	if r.health != nil {
		s = r.health.Of(c.ID)
	}
	switch c.State {
	case sms.CarrierDraining:
		s.Share, s.Why = 0, "it is being drained: it gets nothing new"
	case sms.CarrierDisabled:
		s.Bound, s.Share, s.Why = false, 0, "it is disabled"
	}
	return s
}

func (r *Router) inTurn(c sms.Carrier, to sms.Number) bool {
	share := r.Standing(c).Share
	return share >= 1 || lot(c.ID, to, ofShare) < share
}

// Next is the carrier that a message goes by when its own has refused everything: the next in turn in the order of the
// routes, which is always the same, so that each has its turn before any has it again. again: that order has come to its
// end, and the message should wait a while. It is the message's own when nobody else is in turn.
func (r *Router) Next(m *sms.Message) (next sms.Carrier, again bool) {
	list := r.inOrder(r.queryFor(m))
	own := slices.IndexFunc(list, func(c Candidate) bool { return c.Carrier.ID == m.Carrier })
	for _, c := range list[own+1:] {
		if c.InTurn {
			return c.Carrier, false
		}
	}
	for _, c := range list[:own+1] {
		if c.InTurn {
			return c.Carrier, true
		}
	}
	return sms.Carrier{ID: m.Carrier}, true
}

// Other is a carrier in turn for a message whose own cannot send; false when there is none.
func (r *Router) Other(m *sms.Message) (sms.Carrier, bool) {
	for _, c := range r.Candidates(r.queryFor(m)) {
		if c.Carrier.ID != m.Carrier && c.InTurn && c.Standing.Bound {
			return c.Carrier, true
		}
	}
	return sms.Carrier{}, false
}

// For is Candidates of a message that was accepted, by the routes and the state of the carriers as they are now.
func (r *Router) For(m *sms.Message) []Candidate { return r.Candidates(r.queryFor(m)) }

func (r *Router) queryFor(m *sms.Message) Query {
	account, ok := r.directory.Account(m.Account)
	if !ok {
		account = &sms.Account{ID: m.Account}
	}
	return queryOf(account, m.Sender, m.Destination)
}

// Answered notes what a carrier said to a submit_sm, Away says whether it cannot send for long: see Health.
func (r *Router) Answered(carrier sms.CarrierID, taken bool) {
	if r.health != nil {
		r.health.Answered(carrier, taken)
	}
}

// Away reports whether what waits for a carrier should go another way.
func (r *Router) Away(carrier sms.CarrierID) bool { return r.health != nil && r.health.Away(carrier) }
