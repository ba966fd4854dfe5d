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
		got := b.next(time.Second, down, true)
		if got < base/2 || got >= base {
			t.Errorf("wait %d is %v, not in [%v, %v)", i, got, base/2, base)
		}
		base = min(2*base, longest)
	}
	if got := b.next(steady, down, true); got >= firstWait {
		t.Errorf("after a session that lived long the wait is %v", got)
	}
}

// While hosts are left, the wait stays short; a round of all of them makes it longer.
func TestBackoff_grows_by_rounds(t *testing.T) {
	down := errors.New("connection refused")
	var b backoff
	for round, most := range []time.Duration{firstWait, 2 * firstWait, 4 * firstWait} {
		if got := b.next(0, down, false); got >= firstWait {
			t.Errorf("round %d: the wait before the second host is %v", round, got)
		}
		if got := b.next(0, down, true); got < most/2 || got >= most {
			t.Errorf("the wait after round %d is %v", round, got)
		}
	}
}

func TestBackoff_refused_binds_wait_for_minutes(t *testing.T) {
	for _, status := range []smpp.CommandStatus{smpp.ESME_RINVPASWD, smpp.ESME_RINVSYSID, smpp.ESME_RINVSYSTYP, smpp.ESME_RBINDFAIL} {
		var b backoff
		err := fmt.Errorf("bind: %w", &smpp.BindError{Type: smpp.Transceiver, Status: status})
		for i, least := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, slowest, slowest} {
			if got := b.next(0, err, false); got < least || got > least+least/10 {
				t.Errorf("%v: wait %d is %v", status, i, got)
			}
		}
		if got := b.next(steady, err, true); got > longest+longest/10 {
			t.Errorf("%v: after a session that lived long the wait is %v", status, got)
		}
	}
	var b backoff
	if got := b.next(0, &smpp.BindError{Status: smpp.ESME_RALYBND}, true); got > firstWait {
		t.Errorf("a session that the carrier has not given up yet waits for %v", got)
	}
}

func TestBackoff_is_spread(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 20 {
		var b backoff
		seen[b.next(0, nil, true)] = true
	}
	if len(seen) < 10 {
		t.Errorf("of 20 first waits only %d differ", len(seen))
	}
}
