package smppapi

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

func TestStatusOfErrors(t *testing.T) {
	for _, c := range []struct {
		err          error
		submit, bind smpp.CommandStatus
	}{
		{errors.New("a defect"), 0x08, 0x08},
		{sms.Errorf(sms.Unavailable, "later"), 0x08, 0x08},
		{sms.Errorf(sms.Unauthenticated, "who"), 0x0D, 0x0E},
		{sms.Errorf(sms.Forbidden, "suspended"), 0x0D, 0x0D},
		{sms.Errorf(sms.Limited, "slowly"), 0x58, 0x58},
		{sms.Errorf(sms.NotFound, "nothing"), 0x0C, 0x08},
		{sms.Errorf(sms.NoCredit, "too dear"), 0x103, 0x08},
		{sms.Errorf(sms.TooLarge, "large"), 0x45, 0x08},
		{sms.InvalidField("sender", "no"), 0x0A, 0x08},
		{sms.InvalidField("destination", "no"), 0x0B, 0x08},
		{sms.InvalidField("body", "no"), 0x45, 0x08},
		{sms.InvalidField("udhData", "no"), 0x45, 0x08},
		{sms.InvalidField("scheduledDate", "no"), 0x61, 0x08},
		{sms.InvalidField("validityPeriod", "no"), 0x62, 0x08},
		{sms.Errorf(sms.Invalid, "without a field"), 0x45, 0x08},
	} {
		if got := statusOf(c.err); got != c.submit {
			t.Errorf("%v: %v, want %v", c.err, got, c.submit)
		}
		if got := bindStatus(c.err); got != c.bind {
			t.Errorf("bind, %v: %v, want %v", c.err, got, c.bind)
		}
	}
	for reason, want := range map[string]smpp.CommandStatus{intake.NoCredit: 0x103, intake.SenderNotAllowed: 0x402, intake.NoRoute: 0x0B,
		intake.Blocked: 0x0B, intake.NotAllowed: 0x0B, intake.TooManyParts: 0x45} {
		if got := refusalStatus(reason); got != want {
			t.Errorf("%s: %v, want %v", reason, got, want)
		}
	}
}

// brokenIntake takes nothing.
type brokenIntake struct{ err error }

func (b brokenIntake) Begin(_ auth.Caller, _ string, _ *intake.Request, done func(intake.Answer, error)) {
	done(intake.Answer{}, b.err)
}

// TestNothingCanBeStored: the customer hears ESME_RSYSERR and no detail, the log hears of a defect, and the session goes on.
func TestNothingCanBeStored(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	real := w.door.parts.Intake
	w.door.parts.Intake = brokenIntake{errors.New("disk on fire")}
	for range 3 {
		if _, err := s.Submit(context.Background(), plain(nil)); !errors.Is(err, smpp.ESME_RSYSERR) {
			t.Errorf("%v, want ESME_RSYSERR", err)
		}
	}
	if log := w.log.String(); !strings.Contains(log, "disk on fire") || strings.Count(log, "request refused") != 1 {
		t.Errorf("log:\n%s", log)
	}
	w.door.parts.Intake = real
	_, err := s.Submit(context.Background(), plain(nil))
	w.must(err)
}
