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
	endInOrder(newWorld(t, setting{carrier: sink.Options{Delay: crashDelay}}), crashRate)
}

// TestSigtermOnDatabase is the same on PostgreSQL: the server hands over what still waits, and takes it up again.
func TestSigtermOnDatabase(t *testing.T) {
	endInOrder(newWorld(t, setting{url: postgres(t).URL(), carrier: sink.Options{Delay: crashDelay}}), 400)
}

func endInOrder(w *world, rate float64) {
	w.Helper()
	finish := w.offer(load.Plan{Connections: 50, Rate: rate, First: 1, Reconnect: true})
	<-time.After(time.Second)
	began := time.Now()
	if err := w.server.Terminate(w.Context(), 10*time.Second); err != nil {
		w.Fatal(err)
	}
	w.Logf("ended after %v", time.Since(began))
	w.start()
	<-time.After(300 * time.Millisecond)
	result := finish()
	w.drain()
	finding := w.check(result)
	if finding.Twice != 0 || finding.Held != 0 || finding.Waiting != 0 {
		w.Errorf("after an orderly end: %v", finding)
	}
	w.checkCredit(finding.AtCarrier)
}
