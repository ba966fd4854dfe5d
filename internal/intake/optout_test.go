package intake

import (
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// optOut blocks a sender, or with none all of them, for a recipient.
func (w *world) optOut(t *testing.T, number sms.Number, sender string) {
	t.Helper()
	if _, err := w.store.AddOptOuts(t.Context(), store.Deed{Actor: "tester"}, w.caller.Account.ID, []sms.OptOut{{Number: number, Sender: sender}}); err != nil {
		t.Fatal(err)
	}
}

func TestWhoHasOptedOutGetsNothing(t *testing.T) {
	w := newWorld(t, sms.Euro)
	w.optOut(t, 393401234567, "mycompany")
	for _, simulated := range []bool{true, false} {
		r := with(func(r *Request) { r.Simulation = simulated })
		a := w.send(t, r)
		wantReasons(t, a, Blocked)
		if simulated && (a.Preview == nil || a.Preview.Price != partPrice || a.Preview.Route != "north") {
			t.Errorf("the preview is %+v", a.Preview)
		}
		r.Sender = "Other"
		wantReasons(t, w.send(t, r))
	}
	wantReasons(t, w.send(t, with(func(r *Request) { r.Notice = true })))
	if b := w.balance(t); b.Reserved != 2*partPrice || w.sent() != 2 {
		t.Errorf("%d messages went on, balance %+v", w.sent(), b)
	}
}

func TestWhoHasOptedOutGetsNothingOfABulkCall(t *testing.T) {
	w := newWorld(t, sms.Euro)
	w.optOut(t, 393401234567, "")
	for _, simulated := range []bool{true, false} {
		a := w.bulk(t, &Bulk{Simulation: simulated, Entries: []BulkEntry{{Sender: "ACME", Body: "hello", Destinations: []string{"+393401234567", "+393401234568"}}}})
		if a.Results[0].Reason != Blocked || a.Results[1].Reason != "" || a.Messages != 1 || a.Unpaid {
			t.Errorf("simulated %v: %+v", simulated, a)
		}
	}
	if w.sent() != 1 {
		t.Errorf("%d messages went on", w.sent())
	}
}
