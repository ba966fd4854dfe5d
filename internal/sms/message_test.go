package sms_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestMessageStandsWhereItsPartsDo(t *testing.T) {
	sent := sms.Part{State: sms.Sent, Ref: "r"}
	queued := sms.Part{State: sms.Queued}
	for name, test := range map[string]struct {
		progress, want []sms.Part
	}{
		"nothing has left":          {nil, []sms.Part{queued, queued}},
		"all known":                 {[]sms.Part{sent, queued}, []sms.Part{sent, queued}},
		"less known than has parts": {[]sms.Part{sent}, []sms.Part{sent, queued}},
		"more known than has parts": {[]sms.Part{sent, queued, sent}, []sms.Part{sent, queued}},
	} {
		m := &sms.Message{Parts: 2, Progress: test.progress}
		got := m.Standing()
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		got[0].State = sms.Failed
		if len(m.Progress) > 0 && m.Progress[0].State == sms.Failed {
			t.Errorf("%s: Standing gave out the message's own parts", name)
		}
	}
}

func TestDoubtSendsAgainTwiceAtMost(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	m, p := &sms.Message{Parts: 1}, sms.Part{State: sms.Sending}
	for copies := uint8(1); copies <= 2; copies++ {
		p = m.Doubt(p, at)
		if want := (sms.Part{State: sms.Queued, Doubts: copies, At: at}); p != want {
			t.Fatalf("doubt %d: %+v, want %+v", copies, p, want)
		}
	}
	for range 3 {
		if p = m.Doubt(p, at); p.State != sms.Unknown || p.Doubts != 2 {
			t.Fatalf("the third doubt: %+v", p)
		}
	}
}

func TestDoubtHoldsWhenTheAccountWantsIt(t *testing.T) {
	m := &sms.Message{Parts: 1, Hold: true}
	if p := m.Doubt(sms.Part{State: sms.Queued}, time.Time{}); p.State != sms.Unknown || p.Doubts != 0 {
		t.Errorf("held: %+v", p)
	}
}
