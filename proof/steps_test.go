package proof

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
)

// TestKillAtEachStep kills the server with kill -9 at each step of the way of a message, as the client or the carrier
// sees it, while others are on theirs. Whatever the step: every accepted message reaches the carrier and is DELIVERED,
// is paid once, and only what was leaving is sent twice.
func TestKillAtEachStep(t *testing.T) {
	for _, step := range []struct {
		name string
		at   sink.Step
		http httpStep
	}{
		{"a request is about to be written", 0, asking},
		{"acceptance is answered", 0, answered},
		{"submit_sm has come, without an answer", sink.Submitted, 0},
		{"submit_sm_resp is written", sink.Answered, 0},
		{"the receipt is written", sink.Reported, 0},
		{"the receipt is acknowledged", sink.Acknowledged, 0},
	} {
		t.Run(step.name, func(t *testing.T) { killAt(t, step.at, step.http) })
	}
}

// httpStep is a step between the client and the server.
type httpStep uint8

const (
	asking httpStep = iota + 1
	answered
)

// trap kills the server when its step comes the n-th time, once.
type trap struct {
	left   atomic.Int64
	kill   func()
	sprung chan struct{}
	once   sync.Once
}

const stepsBefore = 40 // so that the step is not the first of its kind: others are on their way

func newTrap() *trap {
	tr := &trap{sprung: make(chan struct{})}
	tr.left.Store(stepsBefore)
	return tr
}

func (tr *trap) step() {
	if tr.left.Add(-1) == 0 {
		tr.once.Do(func() { tr.kill(); close(tr.sprung) })
	}
}

func killAt(t *testing.T, at sink.Step, http httpStep) {
	tr := newTrap()
	w := newWorld(t, setting{carrier: sink.Options{Delay: time.Millisecond, Receipts: true, On: func(s sink.Step) {
		if s == at {
			tr.step()
		}
	}}})
	tr.kill = w.server.Kill
	target := load.Staffetta(w.server.Addr, w.account.APIKey, true)
	request, accepted := target.Request, target.Accepted
	target.Request = func(dst []byte, n uint64) []byte {
		if http == asking {
			tr.step()
		}
		return request(dst, n)
	}
	target.Accepted = func(status int, body []byte) bool {
		ok := accepted(status, body)
		if http == answered {
			tr.step()
		}
		return ok
	}
	finish := w.offerAt(target, load.Plan{Connections: 10, Rate: 400, First: 1, Reconnect: true})
	w.eventually("the step has come", func() bool {
		select {
		case <-tr.sprung:
			return true
		default:
			return false
		}
	})
	w.start()
	w.eventually("messages leave again", func() bool { return len(w.carrier.Journal.Sessions()) > 1 })
	result := finish()
	w.drain()
	finding := w.check(result)
	if finding.Accepted < stepsBefore/2 {
		t.Errorf("only %d accepted", finding.Accepted)
	}
	if finding.States["DELIVERED"] != finding.AtCarrier || len(finding.States) != 1 {
		t.Errorf("not every message is DELIVERED: %v", finding.States)
	}
	if finding.Twice > 2*w.window {
		t.Errorf("%d sent twice, at most %d can have been leaving", finding.Twice, 2*w.window)
	}
	w.checkCredit(finding.AtCarrier)
}
