package proof

import (
	"context"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/proof/sink"
)

// TestCarrierDies lets the carrier of the first route die under load, with much waiting for it: everything goes through
// the next one. Nothing is lost, nothing is sent twice, and each message is paid once at its price.
func TestCarrierDies(t *testing.T) {
	w := newWorld(t, setting{carrier: sink.Options{Delay: crashDelay}})
	w.command("account", "set", w.account.Name, "uncertain=hold")
	first, kill := w.secondCarrier(sink.Options{Delay: crashDelay})
	w.command("carrier", "add", "first", "--smpp", "smpp://staffetta:secret@"+first.Addr()+"?window=50&throughput=200")
	w.command("route", "add", "--prefix", "+39", "--carrier", "first", "--priority", "1")
	w.command("route", "add", "--carrier", "sink", "--priority", "2")
	w.eventually("the first carrier is bound", func() bool { return len(first.Journal.Sessions()) > 0 })
	finish := w.offer(load.Plan{Connections: 20, Rate: 500, First: 1})
	w.eventually("the first carrier has taken some", func() bool { return first.Journal.Len() > 200 })
	kill()
	w.eventually("the next carrier takes what waited", func() bool { return w.carrier.Journal.Len() > 500 })
	result := finish()
	w.allTaken(result)
	w.drain()
	finding := w.compareBoth(first, result)
	w.judge(finding)
	if finding.Twice != 0 || finding.Held > 2*w.window || finding.Waiting != 0 {
		t.Errorf("%d sent twice under hold, %d held, %d wait", finding.Twice, finding.Held, finding.Waiting)
	}
	if moved, err := w.server.Metric(t.Context(), `staffetta_messages_diverted_total{why="away"}`); err != nil || moved == 0 {
		t.Errorf("%v messages were moved, error %v", moved, err)
	}
	w.checkCredit(finding.Accepted)
}

// secondCarrier is one more, which can be killed.
func (w *world) secondCarrier(options sink.Options) (*sink.Sink, func()) {
	w.Helper()
	s, err := sink.Listen(w.Context(), "127.0.0.1:0", options)
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	kill := func() { cancel(); running.Wait() }
	w.Cleanup(kill)
	return s, kill
}

// compareBoth compares with what two carriers have.
func (w *world) compareBoth(other *sink.Sink, r *load.Result) checker.Finding {
	w.Helper()
	c := checker.Case{First: r.First, Next: r.Next, Accepted: r.Accepted, Carrier: w.carrier.Journal.Entries(), Sessions: w.carrier.Journal.Sessions(), Leaving: 2 * w.window}
	for _, e := range other.Journal.Entries() {
		e.Session += uint64(len(c.Sessions))
		c.Carrier = append(c.Carrier, e)
	}
	c.Sessions = append(c.Sessions, other.Journal.Sessions()...)
	var ids []string
	for n := r.First; n < r.Next; n++ {
		ids = append(ids, marker.ID(n))
	}
	messages, err := w.server.Messages(w.Context(), w.account.APIKey, ids)
	if err != nil {
		w.Fatal(err)
	}
	c.Messages = messages
	return checker.Check(c)
}
