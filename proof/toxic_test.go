package proof

import (
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
	"github.com/staffetta/staffetta/proof/toxic"
)

// What networks do to a session, done by toxiproxy between the server and its carrier. After each fault everything goes
// on by itself: nothing is lost, each message comes to one final state and is paid once, and what was sent twice was in
// flight when a session ended.

// quick lets a dead session be noticed within three seconds.
var quick = []string{"response_timeout=2s", "enquire_link=1s", "enquire_timeout=1s"}

// vanishing is a connection that is open and carries nothing in one direction.
func vanishing(stream string) []toxic.Fault {
	return []toxic.Fault{{Name: "timeout", Type: "timeout", Stream: stream, Attributes: map[string]int{"timeout": 0}}}
}

// TestToxiproxy_slow has networks that are bad, but carry everything: the session lives on, and nothing is sent twice.
func TestToxiproxy_slow(t *testing.T) {
	for _, c := range []struct {
		name   string
		rate   float64
		faults []toxic.Fault
	}{
		{"latency and jitter", 100, toxic.Both("latency", map[string]int{"latency": 150, "jitter": 100})},
		{"single octets", 20, toxic.Both("slicer", map[string]int{"average_size": 1, "size_variation": 0, "delay": 1})},
		{"little bandwidth", 120, toxic.Both("bandwidth", map[string]int{"rate": 16})}, // KB/s, less than is offered
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, setting{proxied: true, carrier: sink.Options{Receipts: true}})
			w.inject(c.faults)
			finish := w.offer(load.Plan{Connections: 10, Rate: c.rate, First: 1})
			<-time.After(2 * time.Second) // so long is the load
			finding := w.settled(finish)
			if sessions := len(w.carrier.Journal.Sessions()); sessions != 1 || finding.Twice != 0 {
				t.Errorf("%d sessions, %d sent twice", sessions, finding.Twice)
			}
		})
	}
}

// TestToxiproxy_broken has networks that end the session: it is noticed, and all goes on when the network is well.
func TestToxiproxy_broken(t *testing.T) {
	for _, c := range []struct {
		name   string
		faults []toxic.Fault
	}{
		{"reset", toxic.Both("reset_peer", map[string]int{"timeout": 50})},
		{"half-open, nothing arrives there", vanishing(toxic.Upstream)},
		{"half-open, nothing arrives here", vanishing(toxic.Downstream)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, setting{proxied: true, carrier: sink.Options{Receipts: true}, address: quick})
			finish := w.offer(load.Plan{Connections: 10, Rate: 200, First: 1})
			w.eventually("messages leave", func() bool { return w.carrier.Journal.Len() > 50 })
			w.inject(c.faults)
			w.eventually("the session is given up", func() bool { return !w.bound() })
			w.heal(c.faults)
			w.eventually("the carrier is bound again", w.bound)
			<-time.After(300 * time.Millisecond)
			finding := w.settled(finish)
			if most := 2 * w.window; finding.Twice > most {
				t.Errorf("%d sent twice, at most %d can have been in flight", finding.Twice, most)
			}
		})
	}
}

func (w *world) inject(faults []toxic.Fault) {
	w.Helper()
	if err := w.proxy.Add(w.Context(), faults...); err != nil {
		w.Fatal(err)
	}
}

func (w *world) heal(faults []toxic.Fault) {
	w.Helper()
	if err := w.proxy.Remove(w.Context(), faults...); err != nil {
		w.Fatal(err)
	}
}

// bound reports whether the carrier's session is.
func (w *world) bound() bool { return w.metric(`staffetta_carrier_sessions_bound{carrier="sink"}`) > 0 }

func (w *world) metric(name string) float64 {
	w.Helper()
	v, err := w.server.Metric(w.Context(), name)
	if err != nil {
		w.Fatalf("%v\n%s", err, w.server.Tail())
	}
	return v
}

// settled ends a load, waits until all is said, and compares.
func (w *world) settled(finish func() *load.Result) checker.Finding {
	w.Helper()
	result := finish()
	w.allTaken(result)
	w.drain()
	finding := w.check(result)
	w.checkDelivered(finding)
	return finding
}
