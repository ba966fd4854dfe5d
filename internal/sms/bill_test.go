package sms_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

const price = sms.Money(35_000)

// want says of each step which credit it moves: c charged, r released.
func TestSettleAtEachStep(t *testing.T) {
	for _, test := range []struct {
		from, to            sms.State
		submitted, delivery sms.Bill
	}{
		{sms.Scheduled, sms.Queued, sms.Bill{}, sms.Bill{}},
		{sms.Scheduled, sms.Cancelled, sms.Bill{Released: price}, sms.Bill{Released: price}},
		{sms.Queued, sms.Sending, sms.Bill{}, sms.Bill{}},
		{sms.Sending, sms.Queued, sms.Bill{}, sms.Bill{}},
		{sms.Queued, sms.Queued, sms.Bill{}, sms.Bill{}},
		{sms.Queued, sms.Sent, sms.Bill{Charged: price}, sms.Bill{}},
		{sms.Sending, sms.Sent, sms.Bill{Charged: price}, sms.Bill{}},
		{sms.Queued, sms.Failed, sms.Bill{Released: price}, sms.Bill{Released: price}},
		{sms.Queued, sms.Expired, sms.Bill{Released: price}, sms.Bill{Released: price}},
		{sms.Queued, sms.Cancelled, sms.Bill{Released: price}, sms.Bill{Released: price}},
		{sms.Queued, sms.Unknown, sms.Bill{Charged: price}, sms.Bill{Released: price}},
		{sms.Sending, sms.Unknown, sms.Bill{Charged: price}, sms.Bill{Released: price}},
		{sms.Sent, sms.Delivered, sms.Bill{}, sms.Bill{Charged: price}},
		{sms.Sent, sms.Failed, sms.Bill{}, sms.Bill{Released: price}},
		{sms.Sent, sms.Expired, sms.Bill{}, sms.Bill{Released: price}},
		{sms.Sent, sms.Unknown, sms.Bill{}, sms.Bill{Released: price}},
		{sms.Unknown, sms.Delivered, sms.Bill{}, sms.Bill{}},
		{sms.Unknown, sms.Failed, sms.Bill{}, sms.Bill{}},
		{sms.Delivered, sms.Delivered, sms.Bill{}, sms.Bill{}},
	} {
		for final, want := range map[bool]sms.Bill{false: test.submitted, true: test.delivery} {
			m := &sms.Message{PartPrice: price, ChargeFinal: final}
			if got := m.Settle(test.from, test.to); got != want {
				t.Errorf("%s → %s, charge final %v: %+v, want %+v", test.from, test.to, final, got, want)
			}
		}
	}
}

// Along any legal path, what was reserved is charged or given back once, and not before that is decided.
func TestSettleComesToWhatWasReserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &sms.Message{PartPrice: sms.Money(rapid.Int64Range(0, 1_000_000).Draw(t, "price")),
			ChargeFinal: rapid.Bool().Draw(t, "charge final")}
		state, total := rapid.SampledFrom([]sms.State{sms.Scheduled, sms.Queued}).Draw(t, "start"), sms.Bill{}
		for steps := 0; steps < 40 && len(next[state]) > 0; steps++ {
			to := rapid.SampledFrom(next[state]).Draw(t, "to")
			total = total.Add(m.Settle(state, to))
			state = to
			settled := total.Charged + total.Released
			open := !state.Settled() || (state == sms.Sent && m.ChargeFinal)
			switch {
			case total.Charged < 0 || total.Released < 0:
				t.Fatalf("at %s: %+v", state, total)
			case open && settled != 0:
				t.Fatalf("at %s, %+v is settled too early", state, total)
			case !open && settled != m.PartPrice:
				t.Fatalf("at %s, %+v of %s is settled", state, total, m.PartPrice)
			case total.Charged != 0 && total.Released != 0:
				t.Fatalf("at %s, both charged and released: %+v", state, total)
			}
		}
	})
}

// What a part shows as its price is what was charged for it, and what is reserved still, whatever receipts came or did not.
func TestPriceIsWhatIsPaid(t *testing.T) {
	for _, final := range []bool{false, true} {
		for _, lapsed := range []sms.State{0, sms.Unknown, sms.Delivered, sms.Failed} {
			for _, reports := range [][]sms.State{{}, {sms.Delivered}, {sms.Unknown, sms.Delivered}, {sms.Unknown, sms.Failed}, {sms.Expired, sms.Delivered}} {
				m := &sms.Message{PartPrice: price, ChargeFinal: final}
				p, paid := sms.Part{State: sms.Sent, Ref: "r"}, m.Settle(sms.Queued, sms.Sent)
				step := func(after sms.Part) { paid, p = paid.Add(m.Settle(p.State, after.State)), after }
				if lapsed != 0 {
					step(p.Lapse(lapsed, time.Now()))
				}
				for _, state := range reports {
					if after, changed := (sms.Report{State: state}).Apply(p); changed {
						step(after)
					}
				}
				reserved := price - paid.Charged - paid.Released
				if got := m.PriceOf(p); got != paid.Charged+reserved {
					t.Errorf("charge final %v, lapsed to %v, then %v: shows %v, paid %+v", final, lapsed, reports, got, paid)
				}
			}
		}
	}
}
