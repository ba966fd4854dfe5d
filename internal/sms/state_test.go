package sms_test

import (
	"fmt"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

const lastState = sms.Refused

// next is the state machine of the design, written a second time.
var next = map[sms.State][]sms.State{
	sms.Scheduled: {sms.Queued, sms.Cancelled},
	sms.Queued:    {sms.Sending, sms.Sent, sms.Failed, sms.Expired, sms.Unknown, sms.Cancelled},
	sms.Sending:   {sms.Queued, sms.Sent, sms.Failed, sms.Unknown},
	sms.Sent:      {sms.Delivered, sms.Failed, sms.Expired, sms.Unknown},
	sms.Unknown:   {sms.Delivered, sms.Failed, sms.Expired},
}

func TestStateMachineEveryPair(t *testing.T) {
	for from := sms.State(0); from <= lastState+1; from++ {
		legal := map[sms.State]bool{}
		for _, to := range next[from] {
			legal[to] = true
		}
		for to := sms.State(0); to <= lastState+1; to++ {
			if got := from.CanBecome(to); got != legal[to] {
				t.Errorf("%s → %s: %v, want %v", from, to, got, legal[to])
			}
		}
	}
}

func TestFinalStatesAreThoseWithoutAWayOut(t *testing.T) {
	for s := sms.Scheduled; s <= lastState; s++ {
		if s.Final() != (len(next[s]) == 0) {
			t.Errorf("%s: final %v, with %d ways out", s, s.Final(), len(next[s]))
		}
		settled := s.Final() || s == sms.Sent || s == sms.Unknown
		if s.Settled() != settled {
			t.Errorf("%s: settled %v", s, s.Settled())
		}
	}
}

// The numbers are stored.
func TestStatesKeepTheirNumbers(t *testing.T) {
	names := []string{"none", "scheduled", "queued", "sending", "sent", "delivered", "failed", "expired", "unknown", "cancelled", "refused", "invalid"}
	for number, name := range names {
		if got := sms.State(number).String(); got != name {
			t.Errorf("state %d is %q, want %q", number, got, name)
		}
	}
	if got := fmt.Sprint(sms.State(255)); got != "invalid" {
		t.Errorf("state 255 is %q", got)
	}
}
