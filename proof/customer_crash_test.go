package proof

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
)

// TestField_lost_on_crash_smpp kills the server with kill -9 while a customer keeps 100 submit_sm in flight on one session.
// Everything that got a submit_sm_resp reaches the carrier; what is sent twice was in flight at a kill.
func TestField_lost_on_crash_smpp(t *testing.T) {
	w := newWorld(t, setting{window: crashWindow, carrier: sink.Options{}})
	w.server.Kill()
	addr, err := server.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.server.Flags = []string{"--smpp-listen", addr}
	w.start()
	target := load.OverSMPP(addr, load.SMPP{SystemID: w.account.Username, Password: w.account.Password, Window: 100})
	c := checker.Case{First: 1, Next: 1, Leaving: 2 * w.window}
	for range 3 {
		plan := load.Plan{Connections: 1, First: c.Next}
		done := make(chan *load.Result, 1)
		go func() {
			result, err := load.Run(context.WithoutCancel(t.Context()), target, plan)
			if err == nil {
				t.Error("the session did not break")
			}
			done <- result
		}()
		<-time.After(300*time.Millisecond + rand.N(300*time.Millisecond)) // the moment of the crash is the test
		w.server.Kill()
		result := <-done
		t.Logf("%d begun, %d accepted, %d broken without an answer, other answers %v", result.Begun, len(result.Accepted), result.Broken, result.Status)
		c.Accepted, c.Next = append(c.Accepted, result.Accepted...), result.Next
		w.start()
	}
	w.drain()
	c.Carrier, c.Sessions = w.carrier.Journal.Entries(), w.carrier.Journal.Sessions()
	w.judge(checker.Check(c))
	if len(c.Accepted) < 1000 {
		t.Errorf("only %d accepted, a real load was meant", len(c.Accepted))
	}
}
