package route

import (
	"cmp"
	"math"
	"slices"

	"github.com/staffetta/staffetta/internal/country"
	"github.com/staffetta/staffetta/internal/sms"
)

// Query is what of a message decides about its way.
type Query struct {
	Account     sms.AccountID
	Sender      sms.Sender
	Destination sms.Number
	ByCost      bool // the account asks for the cheapest
}

// Table is routes, ready to be asked. It does not change.
type Table struct {
	byPrefix map[string][]sms.Route
	lengths  []int // of the prefixes, the longest first
	empty    bool
}

// NewTable makes a table of routes.
func NewTable(routes []sms.Route) *Table {
	t := &Table{byPrefix: map[string][]sms.Route{}, empty: len(routes) == 0}
	for _, r := range routes {
		t.byPrefix[r.Prefix] = append(t.byPrefix[r.Prefix], r)
		if !slices.Contains(t.lengths, len(r.Prefix)) {
			t.lengths = append(t.lengths, len(r.Prefix))
		}
	}
	slices.SortFunc(t.lengths, func(a, b int) int { return b - a })
	return t
}

// Empty reports whether there are no routes.
func (t *Table) Empty() bool { return t.empty }

// Fitting are the routes for a message in the order in which they are tried, one for each carrier:
//
//  1. what names the account before what does not, then what names the sender;
//  2. the longer prefix, then what names the country; for an account that goes by cost, the lower cost instead, each carrier
//     with its longest prefix;
//  3. the lower priority;
//  4. by weight: each destination has its own order, always the same, in which a carrier is first for its share of all
//     destinations.
func (t *Table) Fitting(q Query) []sms.Route {
	var fitting []sms.Route
	for _, r := range t.fitting(q) {
		fitting = append(fitting, *r)
	}
	return fitting
}

// fitting is Fitting without a copy of each.
func (t *Table) fitting(q Query) []*sms.Route {
	digits := q.Destination.Digits()
	var fitting []*sms.Route
	for _, length := range t.lengths {
		if length > len(digits) {
			continue
		}
		routes := t.byPrefix[digits[:length]]
		for i := range routes {
			if fits(&routes[i], q) {
				fitting = append(fitting, &routes[i])
			}
		}
	}
	slices.SortStableFunc(fitting, func(a, b *sms.Route) int { return bySpecificity(a, b, q) })
	fitting = onePerCarrier(fitting)
	if q.ByCost {
		slices.SortStableFunc(fitting, func(a, b *sms.Route) int { return byCost(a, b, q) })
	}
	return fitting
}

func fits(r *sms.Route, q Query) bool {
	return (r.Account == 0 || r.Account == q.Account) && (r.Sender == "" || r.Sender == q.Sender) &&
		(r.Country == "" || r.Country == country.Of(q.Destination))
}

func bySpecificity(a, b *sms.Route, q Query) int {
	if order := cmp.Or(byPolicy(a, b), len(b.Prefix)-len(a.Prefix), given(a.Country != "", b.Country != "")); order != 0 {
		return order
	}
	return byRank(a, b, q)
}

func byCost(a, b *sms.Route, q Query) int {
	if order := cmp.Or(byPolicy(a, b), cmp.Compare(a.Cost, b.Cost)); order != 0 {
		return order
	}
	return byRank(a, b, q)
}

func byPolicy(a, b *sms.Route) int {
	return cmp.Or(given(a.Account != 0, b.Account != 0), given(a.Sender != "", b.Sender != ""))
}

// byRank compares scores, which cost the most, only where nothing else decides.
func byRank(a, b *sms.Route, q Query) int {
	if order := cmp.Compare(a.Priority, b.Priority); order != 0 {
		return order
	}
	return cmp.Or(cmp.Compare(score(b, q.Destination), score(a, q.Destination)), cmp.Compare(a.ID, b.ID))
}

// given puts what is given before what is not.
func given(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}

func onePerCarrier(routes []*sms.Route) []*sms.Route {
	kept := routes[:0]
	for _, r := range routes {
		if !slices.ContainsFunc(kept, func(k *sms.Route) bool { return k.Carrier == r.Carrier }) {
			kept = append(kept, r)
		}
	}
	return kept
}

// score orders the routes of a destination by weighted rendezvous hashing: the highest is first for a share of the
// destinations that is its part of the sum of weights, and a destination changes its carrier only when it must.
func score(r *sms.Route, to sms.Number) float64 {
	return float64(max(r.Weight, 1)) / -math.Log(lot(r.Carrier, to, 0))
}

// lot is a number between 0 and 1 that is always the same for a carrier and a destination.
func lot(carrier sms.CarrierID, to sms.Number, salt uint64) float64 {
	x := uint64(to)*0x9e3779b97f4a7c15 + uint64(carrier)*0xbf58476d1ce4e5b9 + salt*0x94d049bb133111eb
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return (float64(x>>11) + 0.5) / (1 << 53)
}
