package route

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

// TestDraining: a carrier that is being drained gets nothing new, by a route or as the default, and what waits for it stays.
func TestDraining(t *testing.T) {
	p := &places{carriers: carriers(3), routes: []sms.Route{{ID: 1, Carrier: 1, Prefix: "39", Weight: 1}, {ID: 2, Carrier: 2, Weight: 1}}}
	p.carriers[2].Default = true
	chosen := func(to sms.Number) sms.CarrierID {
		c, _ := New(p, nil).Choose(&sms.Account{ID: 1}, "ACME", to)
		return c.ID
	}
	var got []sms.CarrierID
	for _, draining := range [][]int{nil, {0}, {0, 1}, {0, 1, 2}} {
		for _, i := range draining {
			p.carriers[i].State = sms.CarrierDraining
		}
		got = append(got, chosen(italian))
	}
	if diff := cmp.Diff([]sms.CarrierID{1, 2, 3, 0}, got); diff != "" {
		t.Errorf("as one after another is drained: %s", diff)
	}
	r := New(p, nil)
	if n := len(r.Drained(Query{Account: 1, Destination: italian})); n != 3 {
		t.Errorf("%d are told of as drained", n)
	}
	if next, again := r.Next(&sms.Message{Account: 1, Destination: italian, Carrier: 1}); next.ID != 1 || !again {
		t.Errorf("what the carrier refused goes by %d", next.ID)
	}
	p.routes = nil
	if _, ok := New(p, nil).Choose(&sms.Account{ID: 1}, "ACME", italian); ok {
		t.Error("without routes the default carrier was chosen though it is being drained")
	}
}

// TestDisabled: a disabled carrier is out of turn; what no other takes waits for it.
func TestDisabled(t *testing.T) {
	h := newHand(2)
	p := &places{carriers: carriers(2), routes: []sms.Route{{ID: 1, Carrier: 1, Prefix: "39", Weight: 1}, {ID: 2, Carrier: 2, Prefix: "393", Weight: 1}}}
	p.carriers[1].State = sms.CarrierDisabled
	r := New(p, h.Health)
	for to, want := range map[sms.Number]sms.CarrierID{italian: 1, 39061234567: 1} {
		if c, _ := r.Choose(&sms.Account{ID: 1}, "ACME", to); c.ID != want {
			t.Errorf("%d goes by %d", to, c.ID)
		}
	}
	p.carriers[0].State = sms.CarrierDisabled
	if c, ok := r.Choose(&sms.Account{ID: 1}, "ACME", italian); !ok || c.ID == 0 {
		t.Error("with all carriers disabled nothing is accepted; it should wait")
	}
	if s := r.Standing(p.carriers[0]); s.Bound || s.Why != "it is disabled" {
		t.Errorf("%+v", s)
	}
}
