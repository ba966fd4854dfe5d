package powerloss

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
)

var (
	powerCuts = flag.Int("cuts", 8, "how often TestPowerLoss cuts the power")
	powerSeed = flag.Uint64("seed", 1, "of the moments at which the power goes and of what survives; 0: any")
)

func seed(t *testing.T) uint64 {
	t.Helper()
	seed := *powerSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-seed %d", seed)
	return seed
}

// TestPowerLoss lets the power go under load, again and again, at work and while the server starts. Whatever was
// accepted reaches the carrier, its receipt is not lost, and it is paid once.
func TestPowerLoss(t *testing.T) {
	w := newWorld(t, seed(t))
	w.start()
	w.open()
	w.server.Kill()
	finish := w.offer(load.Plan{Connections: 20, Rate: 800, First: 1, Reconnect: true})
	working, octets := 0, 0
	for i := range *powerCuts {
		mode := Modes()[i%len(Modes())]
		steps := 500 + w.chance.Uint64N(3000)
		if i%4 == 3 {
			steps = w.chance.Uint64N(100) // about as long as a start takes
		}
		ready, loss := w.live(steps, mode)
		if ready {
			working++
		}
		octets += loss.Octets
		t.Logf("cut %d, %v, after %d steps, ready %t: %v", i, mode, steps, ready, loss)
	}
	w.start()
	<-time.After(300 * time.Millisecond) // of ordinary work at the end
	result := finish()
	w.drain()
	finding := w.check(result)
	t.Logf("%d begun, %d broken without an answer, other answers %v", result.Begun, result.Broken, result.Status)
	if finding.Held != 0 || finding.Waiting != 0 || finding.States["DELIVERED"] != finding.AtCarrier || len(finding.States) != 1 {
		t.Errorf("not every message is DELIVERED: %v", finding.States)
	}
	if err := checker.Credit(opening, w.balance(), finding.AtCarrier, price); err != nil {
		t.Error(err)
	}
	if working == 0 || octets == 0 || finding.Accepted < 100 {
		t.Errorf("no proof: %d cuts at work, %d octets not synced, %d messages accepted", working, octets, finding.Accepted)
	}
}

// TestPowerLossAtTheFirstStart lets the power go while a data folder comes into being: the next start must succeed,
// and what a command has answered must be there afterwards.
func TestPowerLossAtTheFirstStart(t *testing.T) {
	w := newWorld(t, seed(t))
	w.start()
	w.server.Kill()
	whole, _ := w.fs.Steps()
	t.Logf("a first start takes %d steps", whole)
	for i := range 8 {
		must(t, w.fs.Format())
		mode, steps := Modes()[i%len(Modes())], w.chance.Uint64N(whole)
		ready, loss := w.live(steps, mode)
		t.Logf("%v, after %d steps, ready %t: %v", mode, steps, ready, loss)
		w.start()
		account, err := w.server.CreateAccount(t.Context(), "prover", opening)
		must(t, err)
		loss = w.fs.Cut(w.chance.Uint64(), Lost)
		w.server.Kill()
		must(t, w.fs.Restore())
		w.start()
		if _, err := w.server.Balance(t.Context(), account.Name); err != nil {
			t.Errorf("an account that a command answered is gone: %v", err)
		}
		if _, err := w.server.Messages(t.Context(), account.APIKey, []string{"none"}); err != nil {
			t.Errorf("its key is not valid any more: %v", err)
		}
		w.server.Kill()
	}
}
