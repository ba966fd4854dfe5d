package route

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

// places is a directory by hand.
type places struct {
	routes   []sms.Route
	carriers []sms.Carrier
	accounts map[sms.AccountID]*sms.Account
}

func (p *places) Routes() []sms.Route     { return p.routes }
func (p *places) Carriers() []sms.Carrier { return p.carriers }
func (p *places) DefaultCarrier() (sms.Carrier, bool) {
	for _, c := range p.carriers {
		if c.Default {
			return c, true
		}
	}
	return sms.Carrier{}, false
}

func (p *places) Account(id sms.AccountID) (*sms.Account, bool) {
	a, ok := p.accounts[id]
	return a, ok
}

func carriers(n int) (list []sms.Carrier) {
	for i := 1; i <= n; i++ {
		list = append(list, sms.Carrier{ID: sms.CarrierID(i), Name: fmt.Sprint("c", i)})
	}
	return list
}

const italian, german, swiss = sms.Number(393401234567), sms.Number(4915112345678), sms.Number(41791234567)

func order(routes []sms.Route) (ids []sms.RouteID) {
	for _, r := range routes {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestFitting(t *testing.T) {
	table := NewTable([]sms.Route{
		{ID: 1, Carrier: 1, Priority: 100, Weight: 1, Cost: 50},
		{ID: 2, Carrier: 2, Prefix: "39", Priority: 20, Weight: 1, Cost: 40},
		{ID: 3, Carrier: 3, Prefix: "39", Priority: 10, Weight: 1, Cost: 45},
		{ID: 4, Carrier: 4, Prefix: "39340", Priority: 900, Weight: 1, Cost: 60},
		{ID: 5, Carrier: 5, Country: "DE", Priority: 5, Weight: 1, Cost: 10},
		{ID: 6, Carrier: 6, Sender: "ACME", Priority: 5, Weight: 1, Cost: 70},
		{ID: 7, Carrier: 7, Account: 9, Priority: 900, Weight: 1, Cost: 80},
		{ID: 8, Carrier: 3, Prefix: "3934", Priority: 1, Weight: 1, Cost: 44},
		{ID: 9, Carrier: 2, Prefix: "3934012345678", Priority: 1, Weight: 1}, // longer than any number asked for here
	})
	for name, test := range map[string]struct {
		q    Query
		want []sms.RouteID
	}{
		"longest prefix, one for each carrier": {Query{Destination: italian}, []sms.RouteID{4, 8, 2, 1}},
		"country before all":                   {Query{Destination: german}, []sms.RouteID{5, 1}},
		"only what is for all":                 {Query{Destination: swiss}, []sms.RouteID{1}},
		"its sender first":                     {Query{Destination: swiss, Sender: "ACME"}, []sms.RouteID{6, 1}},
		"letter case of senders counts":        {Query{Destination: swiss, Sender: "Acme"}, []sms.RouteID{1}},
		"its account before its sender":        {Query{Destination: italian, Sender: "ACME", Account: 9}, []sms.RouteID{7, 6, 4, 8, 2, 1}},
		"by cost":                              {Query{Destination: italian, ByCost: true}, []sms.RouteID{2, 8, 1, 4}},
		"by cost, but its account's first":     {Query{Destination: italian, ByCost: true, Account: 9}, []sms.RouteID{7, 2, 8, 1, 4}},
	} {
		if diff := cmp.Diff(test.want, order(table.Fitting(test.q))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if NewTable(nil).Fitting(Query{Destination: italian}) != nil || !NewTable(nil).Empty() {
		t.Error("routes out of nothing")
	}
}

// Every destination has its own order, always the same, and the shares are those of the weights.
func TestWeights(t *testing.T) {
	weights := []int{1, 2, 5}
	var routes []sms.Route
	for i, w := range weights {
		routes = append(routes, sms.Route{ID: sms.RouteID(i + 1), Carrier: sms.CarrierID(i + 1), Priority: 10, Weight: w})
	}
	const n = 40_000
	table, without := NewTable(routes), NewTable(routes[:2])
	var first [3]int
	for i := range n {
		q := Query{Destination: italian + sms.Number(i)}
		order := table.Fitting(q)
		first[order[0].Carrier-1]++
		if order[0].Carrier != 3 && without.Fitting(q)[0].Carrier != order[0].Carrier {
			t.Fatal("a destination changed its carrier though its own stayed")
		}
	}
	for i, w := range weights {
		if got, want := float64(first[i])/n, float64(w)/8; math.Abs(got-want) > 0.02 {
			t.Errorf("weight %d gets %.3f of the destinations, want %.3f", w, got, want)
		}
	}
}

// The order is a total one, whatever the routes are: none is lost but for carriers that come twice.
func TestFittingNamesEachCarrierOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var routes []sms.Route
		for i := range rapid.IntRange(0, 12).Draw(t, "routes") {
			routes = append(routes, sms.Route{
				ID: sms.RouteID(i + 1), Carrier: sms.CarrierID(rapid.IntRange(1, 4).Draw(t, "carrier")),
				Prefix:   rapid.SampledFrom([]string{"", "3", "39", "3934", "49"}).Draw(t, "prefix"),
				Country:  rapid.SampledFrom([]string{"", "IT", "DE"}).Draw(t, "country"),
				Account:  sms.AccountID(rapid.IntRange(0, 1).Draw(t, "account")),
				Priority: rapid.IntRange(0, 2).Draw(t, "priority"), Weight: rapid.IntRange(1, 3).Draw(t, "weight"),
				Cost: sms.Money(rapid.IntRange(0, 2).Draw(t, "cost")),
			})
		}
		q := Query{Account: 1, Destination: italian, ByCost: rapid.Bool().Draw(t, "by cost")}
		want := map[sms.CarrierID]bool{}
		for _, r := range routes {
			if fits(&r, q) && (r.Prefix == "" || r.Prefix[0] == '3') {
				want[r.Carrier] = true
			}
		}
		got := map[sms.CarrierID]bool{}
		fitting := NewTable(routes).Fitting(q)
		for _, r := range fitting {
			got[r.Carrier] = true
		}
		if len(fitting) != len(got) || !cmp.Equal(want, got) {
			t.Fatalf("carriers %v, want %v, in %d routes", got, want, len(fitting))
		}
	})
}

// hand is carriers whose connections a test changes.
type hand struct {
	list []Connection
	now  time.Time
	*Health
}

func newHand(n int) *hand {
	h := &hand{now: time.Now()}
	for i := 1; i <= n; i++ {
		h.list = append(h.list, Connection{Carrier: sms.CarrierID(i), Bound: true, Since: h.now})
	}
	h.Health = NewHealth(func() []Connection { return slices.Clone(h.list) })
	h.Look(h.now)
	return h
}

func (h *hand) bind(id sms.CarrierID, bound bool) {
	h.list[id-1].Bound, h.list[id-1].Since = bound, h.now
	h.Look(h.now)
}

func (h *hand) pass(d time.Duration) {
	h.now = h.now.Add(d)
	h.Look(h.now)
}

func TestBoundFirst(t *testing.T) {
	h := newHand(2)
	p := &places{carriers: carriers(2), routes: []sms.Route{{ID: 1, Carrier: 1, Priority: 1, Weight: 1}, {ID: 2, Carrier: 2, Priority: 2, Weight: 1}}}
	r := New(p, h.Health)
	account := &sms.Account{ID: 1}
	want := func(name string) {
		t.Helper()
		if c, ok := r.Choose(account, "X", italian); !ok || c.Name != name {
			t.Errorf("goes by %q, want %q", c.Name, name)
		}
	}
	want("c1")
	h.bind(1, false)
	want("c2")
	h.bind(2, false)
	want("c1") // nobody can send: it waits where it belongs
	h.bind(2, true)
	want("c2")
	m := &sms.Message{Account: 1, Carrier: 1, Destination: italian}
	if other, ok := r.Other(m); !ok || other.Name != "c2" {
		t.Errorf("the other way is %q", other.Name)
	}
	p.carriers = p.carriers[1:] // the first one is removed
	h.list = h.list[1:]
	h.Look(h.now)
	if next, again := r.Next(m); next.Name != "c2" || again {
		t.Errorf("next is %q, again %v", next.Name, again)
	}
	if !r.Away(1) {
		t.Error("a carrier that is removed is not away")
	}
}

// TestGentleReturn: one that refuses too much is out of turn, and back by and by; each time longer.
func TestGentleReturn(t *testing.T) {
	h := newHand(1)
	refuse := func() {
		for range judged {
			h.Answered(1, false)
		}
		h.Look(h.now)
	}
	refuse()
	if s := h.Of(1); s.Share != 0 || s.Why == "" {
		t.Fatalf("%+v", s)
	}
	h.pass(firstRest)
	var shares []float64
	for range 5 {
		shares = append(shares, h.Of(1).Share)
		h.pass(stepUp)
	}
	if diff := cmp.Diff([]float64{0.1, 0.2, 0.4, 0.8, 1}, shares); diff != "" {
		t.Error(diff)
	}
	refuse()
	h.pass(firstRest)
	if s := h.Of(1); s.Share != 0 {
		t.Errorf("the second rest is as short as the first: %+v", s)
	}
	h.pass(firstRest)
	if s := h.Of(1); s.Share != firstShare {
		t.Errorf("%+v", s)
	}
}

func TestDeliveryRate(t *testing.T) {
	h := newHand(1)
	for i := range judgedReceipts {
		h.Reported(1, i == 0)
	}
	h.Look(h.now)
	if s := h.Of(1); s.Share != 0 {
		t.Errorf("%+v", s)
	}
}

func TestBrieflyAwayIsNoReturn(t *testing.T) {
	h := newHand(1)
	h.bind(1, false)
	h.pass(time.Second)
	h.bind(1, true)
	if s := h.Of(1); s.Share != 1 {
		t.Errorf("after a second: %+v", s)
	}
	h.bind(1, false)
	h.pass(time.Minute)
	if h.Of(1).Share != 0 {
		t.Error("in turn without a session")
	}
	h.bind(1, true)
	if s := h.Of(1); s.Share != firstShare {
		t.Errorf("after a minute: %+v", s)
	}
}

func BenchmarkChoose(b *testing.B) {
	p := &places{carriers: carriers(8)}
	for i := range 200 {
		p.routes = append(p.routes, sms.Route{ID: sms.RouteID(i + 1), Carrier: sms.CarrierID(i%8 + 1), Prefix: fmt.Sprint(30 + i%70), Weight: 1})
	}
	r, account := New(p, newHand(8).Health), &sms.Account{ID: 1}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Choose(account, "X", italian+sms.Number(i%1000))
	}
}
