package proof

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
)

// The faults of carriers. After each, every accepted message has reached the carrier and exactly one final state, what
// was sent twice was in flight at a reset, and the account paid for each message once.

const resets = 3

// TestCarrierResets lets the carrier reset its connections under load.
func TestCarrierResets(t *testing.T) {
	w := newWorld(t, setting{carrier: sink.Options{Delay: crashDelay, Receipts: true}})
	finding := resetting(w)
	if finding.Twice > resets*2*w.window {
		t.Errorf("%d sent twice, at most %d can have been in flight", finding.Twice, resets*2*w.window)
	}
	w.checkDelivered(finding)
}

// TestCarrierResets_hold is the same with the policy that never sends again what may have been sent.
func TestCarrierResets_hold(t *testing.T) {
	w := newWorld(t, setting{carrier: sink.Options{Delay: crashDelay, Receipts: true}})
	w.command("account", "set", w.account.Name, "uncertain=hold")
	finding := resetting(w)
	if finding.Twice != 0 {
		t.Errorf("%d sent twice under hold", finding.Twice)
	}
	unknown, delivered := finding.States["UNKNOWN"], finding.States["DELIVERED"]
	if unknown > resets*w.window || len(finding.States) > 2 || unknown+delivered < finding.AtCarrier {
		t.Errorf("states %v with %d at the carrier, at most %d can have been in flight", finding.States, finding.AtCarrier, resets*w.window)
	}
	w.checkCredit(unknown + delivered)
}

func resetting(w *world) checker.Finding {
	w.Helper()
	finish := w.offer(load.Plan{Connections: 20, Rate: 500, First: 1})
	for range resets {
		sessions := len(w.carrier.Journal.Sessions())
		<-time.After(300*time.Millisecond + rand.N(300*time.Millisecond)) // the moment of the reset is the test
		if err := w.carrier.Reset(); err != nil {
			w.Fatal(err)
		}
		w.eventually("the carrier is bound again", func() bool { return len(w.carrier.Journal.Sessions()) > sessions })
	}
	result := finish()
	w.allTaken(result)
	w.drain()
	return w.check(result)
}

// TestCarrierFreezes lets the carrier take connections and messages and answer nothing: for less than the server waits
// for an answer, and for longer.
func TestCarrierFreezes(t *testing.T) {
	for _, freeze := range []struct {
		name   string
		time   time.Duration
		timers []string
		lost   bool // the session is given up, and what was in flight on it sent again
	}{
		{"shortly", 2 * time.Second, nil, false},
		{"for longer than the server waits", 5 * time.Second, []string{"response_timeout=2s", "enquire_link=1s", "enquire_timeout=1s"}, true},
	} {
		t.Run(freeze.name, func(t *testing.T) {
			w := newWorld(t, setting{carrier: sink.Options{Receipts: true}, address: freeze.timers})
			finish := w.offer(load.Plan{Connections: 20, Rate: 300, First: 1})
			w.eventually("messages leave", func() bool { return w.carrier.Journal.Len() > 50 })
			w.carrier.Freeze()
			<-time.After(freeze.time) // so long is the freeze
			w.carrier.Thaw()
			<-time.After(300 * time.Millisecond)
			result := finish()
			w.allTaken(result)
			w.drain()
			finding := w.check(result)
			if given := len(w.carrier.Journal.Sessions()) > 1; given != freeze.lost {
				t.Errorf("the session was given up: %t", given)
			}
			if finding.Twice > 2*w.window || (finding.Twice > 0) != freeze.lost {
				t.Errorf("%d sent twice", finding.Twice)
			}
			w.checkDelivered(finding)
		})
	}
}

// TestCarrierIsSlow lets each answer of the carrier take 200 ms: intake does not wait for it, and the window is used.
func TestCarrierIsSlow(t *testing.T) {
	const delay = 200 * time.Millisecond
	w := newWorld(t, setting{window: 100, carrier: sink.Options{Delay: delay, Receipts: true}})
	began := time.Now()
	finish := w.offer(load.Plan{Connections: 20, Rate: 1000, First: 1})
	<-time.After(2 * time.Second)
	result := finish()
	w.allTaken(result)
	if median := result.Latency.Quantile(0.5); median > delay/2 {
		t.Errorf("half of the answers took %v or more: intake waits for the carrier", median)
	}
	w.drain()
	finding := w.check(result)
	// A window for each delay is 500 a second; half of that is asked for.
	if atBest := delay * time.Duration(finding.AtCarrier/w.window); time.Since(began) > 2*atBest+2*time.Second {
		t.Errorf("%d messages took %v, with the window used they take %v", finding.AtCarrier, time.Since(began), atBest)
	}
	if finding.Twice != 0 {
		t.Errorf("%d sent twice", finding.Twice)
	}
	w.checkDelivered(finding)
}

// TestCarrierThrottles lets the carrier refuse one of forty with ESME_RTHROTTLED.
func TestCarrierThrottles(t *testing.T) {
	w := newWorld(t, setting{window: 10, carrier: sink.Options{Throttle: 40, Receipts: true}})
	finish := w.offer(load.Plan{Connections: 10, Rate: 200, First: 1})
	<-time.After(time.Second)
	result := finish()
	w.allTaken(result)
	w.drain()
	finding := w.check(result)
	if w.carrier.Throttled() == 0 || finding.Twice != 0 {
		t.Errorf("%d throttled, %d sent twice", w.carrier.Throttled(), finding.Twice)
	}
	w.checkDelivered(finding)
}

// allTaken checks that the customer felt nothing of the carrier's fault.
func (w *world) allTaken(result *load.Result) {
	w.Helper()
	if len(result.Accepted) == 0 || len(result.Accepted) != result.Begun {
		w.Errorf("of %d messages %d were accepted; other answers %v, broken %d", result.Begun, len(result.Accepted), result.Status, result.Broken)
	}
}

// checkDelivered checks that each message was delivered, came to that state once and to no other end, and was paid.
func (w *world) checkDelivered(finding checker.Finding) {
	w.Helper()
	if finding.States["DELIVERED"] != finding.Accepted || len(finding.States) != 1 {
		w.Errorf("not every message is DELIVERED: %v", finding)
	}
	for state, want := range map[string]int{"delivered": finding.Accepted, "failed": 0, "expired": 0, "unknown": 0, "cancelled": 0} {
		n, err := w.server.Metric(w.Context(), `staffetta_messages_total{state="`+state+`"}`)
		if err != nil || int(n) != want {
			w.Errorf("%v messages came to the state %s, want %d; error %v", n, state, want, err)
		}
	}
	w.checkCredit(finding.Accepted)
}
