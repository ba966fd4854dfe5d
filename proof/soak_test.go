package proof

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
	"github.com/staffetta/staffetta/proof/toxic"
)

// The length and the rate of the soak: seconds among the other tests, half an hour in `make torture`.
var (
	soakFor  = flag.Duration("soak", 20*time.Second, "how long TestField_memory_grows runs")
	soakRate = flag.Float64("soak-rate", 250, "messages/s that TestField_memory_grows offers")
)

// absences is how often the carrier goes away: every two minutes of half an hour.
const absences = 15

// TestField_memory_grows has traffic with receipts, and a carrier that goes away again and again, each time in another
// way. Nothing is lost, and goroutines and memory of the server are the same in the last third as in the second.
func TestField_memory_grows(t *testing.T) {
	w := newWorld(t, setting{proxied: true, carrier: sink.Options{Receipts: true}, address: quick,
		credit: 10_000_000 * sms.Euro, price: 35_001}) // enough for any length
	finish := w.offer(load.Plan{Connections: 10, Rate: *soakRate, First: 1})
	stop := w.watch(*soakFor / 300)
	away := w.soak(*soakFor)
	samples := stop()
	finding := w.settled(finish)
	if most := away * 2 * w.window; finding.Twice > most {
		t.Errorf("%d sent twice, at most %d can have been in flight", finding.Twice, most)
	}
	t.Logf("%v at %v messages/s, the carrier away %d times", *soakFor, *soakRate, away)
	noise := 3.0
	if *soakFor < 5*time.Minute { // in a short run the carrier is away for much of the time
		noise = 12
	}
	if len(samples) < 30 {
		t.Fatalf("only %d samples", len(samples))
	}
	figures, complaints := samples.grown(noise)
	for _, figure := range figures {
		t.Log(figure)
	}
	for _, complaint := range complaints {
		t.Error(complaint)
	}
}

// soak has the carrier go away until the time is over.
func (w *world) soak(whole time.Duration) (away int) {
	w.Helper()
	pause := whole / absences
	broken := [][]toxic.Fault{
		nil, // the host refuses connections
		toxic.Both("reset_peer", map[string]int{"timeout": 50}),
		vanishing(toxic.Upstream),
		vanishing(toxic.Downstream),
	}
	for end := time.Now().Add(whole); time.Now().Before(end); away++ {
		<-time.After(pause - pause/8)
		w.goAway(broken[away%len(broken)], pause/8)
		w.eventually("the carrier is bound again", w.bound)
	}
	return away
}

// goAway breaks the connection to the carrier, and mends it after a time.
func (w *world) goAway(faults []toxic.Fault, absence time.Duration) {
	w.Helper()
	broken, mended := func() error { return w.proxy.Add(w.Context(), faults...) }, func() error { return w.proxy.Remove(w.Context(), faults...) }
	if faults == nil {
		broken, mended = func() error { return w.proxy.Down(w.Context()) }, func() error { return w.proxy.Up(w.Context()) }
	}
	if err := broken(); err != nil {
		w.Fatal(err)
	}
	w.eventually("the session is given up", func() bool { return !w.bound() })
	<-time.After(absence) // so long the carrier is away
	if err := mended(); err != nil {
		w.Fatal(err)
	}
}

// sample is what a server uses at a moment; memory in octets.
type sample struct{ goroutines, heap, resident float64 }

type samples []sample

// watch takes samples until it is stopped.
func (w *world) watch(every time.Duration) (stop func() samples) {
	ctx, cancel := context.WithCancel(w.Context())
	var watching sync.WaitGroup
	var taken samples
	watching.Go(func() {
		tick := time.NewTicker(max(every, 50*time.Millisecond))
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			var s sample
			for name, into := range map[string]*float64{"go_goroutines": &s.goroutines, "go_memstats_heap_alloc_bytes": &s.heap, "process_resident_memory_bytes": &s.resident} {
				v, err := w.server.Metric(ctx, name)
				if err != nil {
					if ctx.Err() == nil {
						w.Error(err)
					}
					return
				}
				*into = v
			}
			taken = append(taken, s)
		}
	})
	end := func() samples { cancel(); watching.Wait(); return taken }
	w.Cleanup(func() { end() })
	return end
}

// grown says what is more in the last third than in the second; the first is for warming up. The heap that is in use is
// the least of a third: that after a collection. noise is how many goroutines may come on top.
func (s samples) grown(noise float64) (figures, complaints []string) {
	const mib = 1 << 20
	third := len(s) / 3
	middle, last := s[third:2*third], s[2*third:]
	for _, c := range []struct {
		what       string
		of         func(sample) float64
		quantile   float64
		more, part float64 // what may come on top
	}{
		{"goroutines, median", func(one sample) float64 { return one.goroutines }, 0.5, noise, 0},
		{"MiB of heap after a collection", func(one sample) float64 { return one.heap / mib }, 0, 2, 0.1},
		{"MiB resident, median", func(one sample) float64 { return one.resident / mib }, 0.5, 8, 0.1},
	} {
		was, is := middle.quantile(c.quantile, c.of), last.quantile(c.quantile, c.of)
		figures = append(figures, fmt.Sprintf("%s: %.1f in the second third, %.1f in the last", c.what, was, is))
		if is > was*(1+c.part)+c.more {
			complaints = append(complaints, fmt.Sprintf("%s grew from %.1f to %.1f", c.what, was, is))
		}
	}
	return figures, complaints
}

func TestGrowthIsFound(t *testing.T) {
	const mib = 1 << 20
	flat := sample{goroutines: 40, heap: 10 * mib, resident: 60 * mib}
	for what, more := range map[string]sample{
		"":           {},
		"goroutines": {goroutines: 0.1},
		"heap":       {heap: 0.1 * mib},
		"resident":   {resident: 0.3 * mib},
	} {
		var s samples
		for i := range 300 {
			n := float64(i)
			s = append(s, sample{flat.goroutines + n*more.goroutines + float64(i%3), flat.heap + n*more.heap + float64(i%7)*mib, flat.resident + n*more.resident})
		}
		_, complaints := s.grown(3)
		if found := strings.Join(complaints, "; "); (what == "") != (found == "") || !strings.Contains(found, what) || len(complaints) > 1 {
			t.Errorf("%q: %q", what, found)
		}
	}
}

func (s samples) quantile(q float64, of func(sample) float64) float64 {
	values := make([]float64, len(s))
	for i, one := range s {
		values[i] = of(one)
	}
	slices.Sort(values)
	return values[int(q*float64(len(values)-1))]
}
