package proof

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
)

const (
	kills       = 5
	crashRate   = 1500 // messages/s offered
	crashDelay  = 20 * time.Millisecond
	crashWindow = 50
)

// TestField_lost_on_crash kills the server with kill -9 under load, five times on one data folder. Everything that
// was accepted reaches the carrier and is paid once; what is sent twice was in flight at a kill.
func TestField_lost_on_crash(t *testing.T) {
	w := newWorld(t, setting{window: crashWindow, carrier: sink.Options{Delay: crashDelay, Receipts: true}})
	finding := crash(w)
	if finding.Held != 0 || finding.Waiting != 0 || finding.States["DELIVERED"] != finding.AtCarrier || len(finding.States) != 1 {
		t.Errorf("not every message is DELIVERED: %v", finding.States)
	}
	w.checkCredit(finding.AtCarrier)
}

// TestField_lost_on_crash_hold is the same with the policy that never sends again what may have been sent.
func TestField_lost_on_crash_hold(t *testing.T) {
	w := newWorld(t, setting{window: crashWindow, carrier: sink.Options{Delay: crashDelay}})
	w.command("account", "set", w.account.Name, "uncertain=hold")
	finding := crash(w)
	if finding.Twice != 0 {
		t.Errorf("%d sent twice under hold", finding.Twice)
	}
	if unknown := finding.States["UNKNOWN"]; unknown > kills*2*crashWindow {
		t.Errorf("%d are UNKNOWN, at most %d can have been leaving", unknown, kills*2*crashWindow)
	}
	stored := finding.States["SENT"] + finding.States["UNKNOWN"]
	if len(finding.States) > 2 || stored < finding.AtCarrier {
		t.Errorf("states %v with %d at the carrier", finding.States, finding.AtCarrier)
	}
	w.checkCredit(stored)
}

// crash offers messages, kills and restarts the server at random moments, and compares when everything has left.
func crash(w *world) checker.Finding {
	w.Helper()
	finish := w.offer(load.Plan{Connections: 50, Rate: crashRate, First: 1, Reconnect: true})
	for range kills {
		moment := 600*time.Millisecond + rand.N(600*time.Millisecond)
		<-time.After(moment) // the moment of the crash is the test
		w.server.Kill()
		w.start()
	}
	<-time.After(500 * time.Millisecond)
	result := finish()
	w.drain()
	finding := w.check(result)
	if enough := kills * crashRate / 2; finding.Accepted < enough {
		w.Errorf("only %d accepted, a load of at least %d was meant", finding.Accepted, enough)
	}
	w.Logf("%d kills: %d begun, %d broken without an answer, other answers %v", kills, result.Begun, result.Broken, result.Status)
	return finding
}
