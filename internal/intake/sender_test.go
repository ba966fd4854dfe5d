package intake

import (
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestASenderThatIsNotAllowed(t *testing.T) {
	w := newWorld(t, sms.Euro)
	w.places.refusal = map[sms.Number]string{393401234567: "the rule of IT: numeric senders only"}
	a := w.send(t, plain())
	wantReasons(t, a, SenderNotAllowed)
	if len(a.Details) != 1 || a.Details[0] != w.places.refusal[393401234567] {
		t.Errorf("the details are %q", a.Details)
	}
	wantReasons(t, w.send(t, with(func(r *Request) { r.Notice = true })))
	for _, simulated := range []bool{true, false} {
		b := w.bulk(t, &Bulk{Simulation: simulated, Entries: []BulkEntry{{Sender: "ACME", Body: "hello", Destinations: []string{"+393401234567", "+393401234568"}}}})
		if r := b.Results; r[0].Reason != SenderNotAllowed || r[0].Detail != w.places.refusal[393401234567] || r[1].Reason != "" || r[1].Detail != "" {
			t.Errorf("simulated %v: %+v", simulated, r)
		}
	}
	if b := w.balance(t); b.Reserved != 2*partPrice {
		t.Errorf("balance %+v", b)
	}
}
