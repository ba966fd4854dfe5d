package smpp

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

func TestBackoff(t *testing.T) {
	down := errors.New("connection refused")
	base := firstWait
	var b backoff
	for i := range 20 {
		got := b.next(time.Second, down)
		if got < base/2 || got >= base {
			t.Errorf("wait %d is %v, not in [%v, %v)", i, got, base/2, base)
		}
		base = min(2*base, longest)
	}
	if got := b.next(steady, down); got >= firstWait {
		t.Errorf("after a session that lived long the wait is %v", got)
	}
}

func TestBackoff_wrong_credentials_wait_long(t *testing.T) {
	for _, status := range []smpp.CommandStatus{smpp.ESME_RINVPASWD, smpp.ESME_RINVSYSID, smpp.ESME_RINVSYSTYP} {
		var b backoff
		err := fmt.Errorf("bind: %w", &smpp.BindError{Type: smpp.Transceiver, Status: status})
		if got := b.next(0, err); got < longest || got > 70*time.Second {
			t.Errorf("%v: the wait is %v", status, got)
		}
	}
	var b backoff
	if got := b.next(0, &smpp.BindError{Status: smpp.ESME_RALYBND}); got > firstWait {
		t.Errorf("a session that the carrier has not given up yet waits for %v", got)
	}
}

func TestBackoff_is_spread(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 20 {
		var b backoff
		seen[b.next(0, nil)] = true
	}
	if len(seen) < 10 {
		t.Errorf("of 20 first waits only %d differ", len(seen))
	}
}
