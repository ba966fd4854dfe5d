package route

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

// TestNext: each carrier in turn is asked once before the message waits, whatever happened to it before and though the
// carriers' health changes on the way; one that is out of turn is not asked at all.
func TestNext(t *testing.T) {
	h := newHand(4)
	p := &places{carriers: carriers(4)}
	for i := range 4 {
		p.routes = append(p.routes, sms.Route{ID: sms.RouteID(i + 1), Carrier: sms.CarrierID(i + 1), Priority: i, Weight: 1})
	}
	r := New(p, h.Health)
	for attempts := range 5 {
		h.bind(2, false)
		m := &sms.Message{Account: 1, Destination: italian, Carrier: 1, Attempts: attempts}
		var way []string
		for step := range 6 {
			next, again := r.Next(m)
			way = append(way, fmt.Sprint(next.ID, again))
			m.Carrier = next.ID
			m.Attempts++
			if step == 2 { // after a round
				h.bind(2, true)
				h.bind(3, false)
				h.pass(100 * stepUp)
			}
		}
		if diff := cmp.Diff([]string{"3 false", "4 false", "1 true", "2 false", "4 false", "1 true"}, way); diff != "" {
			t.Errorf("after %d attempts: %s", attempts, diff)
		}
		h.bind(3, true)
		h.pass(100 * stepUp)
	}
	for id := range sms.CarrierID(4) {
		h.bind(id+1, false)
	}
	if next, again := r.Next(&sms.Message{Account: 1, Destination: italian, Carrier: 3}); next.ID != 3 || !again {
		t.Errorf("nobody is in turn: next is %d, again %v", next.ID, again)
	}
}

// TestHealthForgets: what is five minutes old counts no more.
func TestHealthForgets(t *testing.T) {
	h := newHand(1)
	note := func() {
		for range judged - 1 {
			h.Answered(1, false)
		}
	}
	note()
	h.pass(slice)
	if s := h.Of(1); s.Answers != judged-1 || s.Refused != 1 {
		t.Errorf("%+v", s)
	}
	h.pass((slices5 - 1) * slice)
	note()
	h.pass(0)
	if s := h.Of(1); s.Share != 1 || s.Answers != judged-1 {
		t.Errorf("with what was five minutes ago: %+v", s)
	}
	h.pass(100 * slices5 * slice)
	if s := h.Of(1); s.Answers != 0 {
		t.Errorf("hours later: %+v", s)
	}
}

func BenchmarkAnswered(b *testing.B) {
	h := newHand(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			h.Answered(3, true)
		}
	})
}
