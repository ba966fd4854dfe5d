package main

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// queued simulates a station with Poisson arrivals and answers how long its customers stayed. Times are in units of one
// service.
func queued(servers int, load float64, takes func(*rand.Rand) float64) *sample {
	const unit = time.Millisecond
	e, stays, random := &engine{}, &sample{}, rand.New(rand.NewPCG(1, 2))
	s := &station{engine: e, servers: servers}
	var arrive func()
	arrive = func() {
		e.after(time.Duration(random.ExpFloat64()/load/float64(servers)*float64(unit)), arrive)
		came := e.now
		s.do(time.Duration(takes(random)*float64(unit)), func() { stays.add(e.now - came) })
	}
	e.after(0, arrive)
	e.run(400_000 * unit)
	return stays
}

func wantUnits(t *testing.T, what string, got time.Duration, want float64) {
	t.Helper()
	if units := float64(got) / float64(time.Millisecond); math.Abs(units/want-1) > 0.05 {
		t.Errorf("%s: %.3f, queueing theory says %.3f", what, units, want)
	}
}

// The core against results that are known in closed form (Kleinrock, Queueing Systems, vol. 1).
func TestStationIsAQueueOfTheTextbook(t *testing.T) {
	exponential := func(r *rand.Rand) float64 { return r.ExpFloat64() }
	constant := func(*rand.Rand) float64 { return 1 }
	for _, load := range []float64{0.3, 0.8} {
		s := queued(1, load, exponential)
		wantUnits(t, fmt.Sprintf("M/M/1 at %v, mean stay", load), s.mean(), 1/(1-load))
		wantUnits(t, fmt.Sprintf("M/M/1 at %v, p99", load), s.quantile(0.99), math.Log(100)/(1-load))
		wantUnits(t, fmt.Sprintf("M/D/1 at %v, mean stay", load), queued(1, load, constant).mean(), 1+load/(2*(1-load)))
		waits := 2 * load * load / (1 + load) // Erlang's C of two servers
		wantUnits(t, fmt.Sprintf("M/M/2 at %v, mean stay", load), queued(2, load, exponential).mean(), 1+waits/(2*(1-load)))
	}
}

// A batch server takes everybody who waits: one who comes to an idle one stays for one service; one who comes to a busy
// one stays for what is left of this service, half on average, and the next.
func TestFlusherServesAllAtOnce(t *testing.T) {
	for _, test := range []struct{ rate, want float64 }{{0.01, 1}, {50, 1.5}} {
		e, stays, random := &engine{}, &sample{}, rand.New(rand.NewPCG(1, 2))
		f := &flusher{engine: e, takes: func(int) time.Duration { return time.Millisecond }}
		var arrive func()
		arrive = func() {
			e.after(time.Duration(random.ExpFloat64()/test.rate*float64(time.Millisecond)), arrive)
			came := e.now
			f.do(1, func() { stays.add(e.now - came) })
		}
		e.after(0, arrive)
		e.run(time.Duration(200_000/test.rate) * time.Millisecond)
		wantUnits(t, fmt.Sprintf("%v arrivals in a service", test.rate), stays.mean(), test.want)
	}
}

func TestLockIsHeldByOneInOrder(t *testing.T) {
	e := &engine{}
	l := &lock{engine: e}
	var order []int
	for i := range 3 {
		l.take(func() {
			order = append(order, i)
			e.after(time.Second, l.release)
		})
	}
	e.run(1500 * time.Millisecond)
	if fmt.Sprint(order) != "[0 1]" {
		t.Errorf("taken by %v after one and a half turns", order)
	}
	e.run(time.Minute)
	if l.held || l.worked != 3*time.Second {
		t.Errorf("held %v, for %v in all", l.held, l.worked)
	}
}

// With nobody else there, accepting takes the sum of its steps.
func TestAcceptOfAnIdleCellIsTheSumOfItsSteps(t *testing.T) {
	in := today()
	in.housekeeping = 1
	c := newCell(in, scenario{nodes: 1, cells: 1, rate: 1, accounts: 10}, 1)
	c.arrive()
	c.run(2000 * time.Second)
	want := in.httpCPU + in.nodeTransaction + in.nodeMember + in.baseTransaction + in.baseMember +
		time.Duration(in.journeys)*in.journey + in.flush + in.standby
	if got := c.accepts.mean(); math.Abs(float64(got)/float64(want)-1) > 0.05 {
		t.Errorf("%v, the steps add up to %v", got, want)
	}
}

func TestNothingIsLostInACell(t *testing.T) {
	c := newCell(today(), scenario{nodes: 4, cells: 1, rate: 4000, accounts: 100}, 1)
	c.arrive()
	c.run(5 * time.Second)
	accepted, missing := len(c.accepts.values), len(c.accepts.values)-c.finished
	if alive := 4000 * (today().carrier + today().receipt + 50*time.Millisecond).Seconds(); accepted < 19_000 || missing < 0 || float64(missing) > alive {
		t.Errorf("%d accepted, %d finished", accepted, c.finished)
	}
}

// What the document concludes holds of the figures as they are now.
func TestConclusions(t *testing.T) {
	run := func(s scenario) result { return s.run(today(), 1, time.Second) }
	apart := run(scenario{nodes: 8, cells: 1, rate: 30_000, accounts: 1000, one: 0.2})
	together := run(scenario{nodes: 8, cells: 1, rate: 30_000, accounts: 1000, one: 0.2, sticky: true})
	if !strings.HasSuffix(apart.verdict(), "row of a balance") || together.p99 > apart.p99/3 {
		t.Errorf("balances: %s with p99 %v, and %v when an account stays on its node", apart.verdict(), apart.p99, together.p99)
	}
	if one := run(scenario{nodes: 1, cells: 1, rate: 20_000, accounts: many}); one.verdict() != "breaks: commit loop of a node" {
		t.Errorf("a node at 20,000/s %s", one.verdict())
	}
	if cells := run(scenario{nodes: 100, cells: 10, rate: 100_000, accounts: 1000, sticky: true}); cells.verdict() != "works" {
		t.Errorf("100 nodes in 10 cells: %s", cells.verdict())
	}
	dead := outage{scenario: scenario{nodes: 2, cells: 1, rate: 2000, accounts: many}, left: 10_000}.run(today(), 1)
	if dead.again < today().stale || dead.again > 20*time.Second {
		t.Errorf("sent again after %v", dead.again)
	}
}

func TestSameSeedSameFigures(t *testing.T) {
	s := scenario{nodes: 3, cells: 1, rate: 3000, accounts: 50, one: 0.1}
	if a, b := s.run(today(), 7, time.Second), s.run(today(), 7, time.Second); a != b {
		t.Errorf("%+v and %+v", a, b)
	}
	if a, b := s.run(today(), 7, time.Second), s.run(today(), 8, time.Second); a == b {
		t.Error("the seed changes nothing")
	}
}

// docs/scaling.md tells the inputs with which the figures in it were made.
func TestDocumentHasTheInputs(t *testing.T) {
	text, err := os.ReadFile("../../docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range today().table() {
		if line := fmt.Sprintf("| %s | %s | ", i.name, i.value); !bytes.Contains(text, []byte(line)) {
			t.Errorf("docs/scaling.md has no line %q", line)
		}
	}
	if lines := bytes.Count(text, []byte("\n")); lines > 150 {
		t.Errorf("docs/scaling.md has %d lines", lines)
	}
}
