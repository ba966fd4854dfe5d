package proof

import (
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
)

// TestSigterm ends the server under load: exit code 0 within 10 s, windows finished, so that after a restart nothing
// is lost and nothing sent twice.
func TestSigterm(t *testing.T) {
	w := newWorld(t, setting{carrier: sink.Options{Delay: crashDelay}})
	finish := w.offer(load.Plan{Connections: 50, Rate: crashRate, First: 1, Reconnect: true})
	<-time.After(time.Second)
	began := time.Now()
	if err := w.server.Terminate(t.Context(), 10*time.Second); err != nil {
		t.Fatal(err)
	}
	t.Logf("ended after %v", time.Since(began))
	w.start()
	<-time.After(300 * time.Millisecond)
	result := finish()
	w.drain()
	finding := w.check(result)
	if finding.Twice != 0 || finding.Held != 0 || finding.Waiting != 0 {
		t.Errorf("after an orderly end: %v", finding)
	}
	w.checkCredit(finding.AtCarrier)
}
