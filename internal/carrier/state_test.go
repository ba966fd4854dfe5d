package carrier

import (
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// TestManager_binds_anew_only_when_needed: what an operator changes of a carrier leaves its session, unless the session is
// about it.
func TestManager_binds_anew_only_when_needed(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	north := toSMSC(1, smsc)
	w := start(t, north)
	session := await(t, w.sessions)
	w.awaitState(t, "north", bound)
	change := func(alter func(*sms.Carrier)) {
		t.Helper()
		alter(&north)
		w.directory.set(north)
	}
	change(func(c *sms.Carrier) { c.Default = true })
	change(func(c *sms.Carrier) { c.State = sms.CarrierDraining })
	w.awaitState(t, "north", func(s State) bool { return s.State == sms.CarrierDraining && s.Bound == 1 })
	change(func(c *sms.Carrier) { c.Address += "?throughput=70" })
	for limit := time.Now().Add(10 * time.Second); throttled.Load() != 70; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("the dispatcher does not hear of the throughput")
		}
	}
	change(func(c *sms.Carrier) { c.State = sms.CarrierActive })
	w.awaitState(t, "north", func(s State) bool { return s.State == sms.CarrierActive && s.Bound == 1 })
	select {
	case <-session.Done():
		t.Fatal("the session ended for what is not about it")
	default:
	}
	change(func(c *sms.Carrier) { c.State = sms.CarrierDisabled })
	<-session.Done()
	w.awaitState(t, "north", func(s State) bool { return s.State == sms.CarrierDisabled && s.Bound == 0 && s.LastError == "" })
	change(func(c *sms.Carrier) { c.Address += "&window=3" })
	change(func(c *sms.Carrier) { c.State = sms.CarrierActive })
	await(t, w.sessions)
	w.awaitState(t, "north", bound)
	if n := len(smsc.Frames(smpp.CommandBindTransceiver)); n != 2 {
		t.Errorf("%d binds", n)
	}
}
