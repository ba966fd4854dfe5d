package sms_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestCodeOfFindsTheClassBelowOtherErrors(t *testing.T) {
	refusal := sms.Errorf(sms.Conflict, "the id %q is taken", "m-1")
	for want, err := range map[sms.Code]error{
		sms.Conflict: fmt.Errorf("accept: %w", errors.Join(errors.New("other"), refusal)),
		sms.Internal: errors.New("disk on fire"),
		sms.Invalid:  sms.InvalidField("body", "is required"),
		sms.Limited:  &sms.Error{Code: sms.Limited, RetryAfter: time.Second},
	} {
		if got := sms.CodeOf(err); got != want {
			t.Errorf("CodeOf(%v) = %d, want %d", err, got, want)
		}
	}
	if sms.CodeOf(nil) != sms.Internal {
		t.Error("no error has a class")
	}
}

func TestErrorTellsItsCauseToTheLogOnly(t *testing.T) {
	cause := errors.New("disk on fire")
	err := &sms.Error{Code: sms.Unavailable, Message: "the server cannot store anything now", Cause: cause}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if err.Error() != "the server cannot store anything now: disk on fire" || err.Message != "the server cannot store anything now" {
		t.Errorf("text %q, message %q", err, err.Message)
	}
}

func TestInvalidFieldNamesTheMember(t *testing.T) {
	err := sms.InvalidField("sender", "must be at most %d characters", 11)
	want := &sms.Error{Code: sms.Invalid, Message: "validation failed", Fields: []sms.FieldError{{Field: "sender", Message: "must be at most 11 characters"}}}
	if diff := cmp.Diff(want, err); diff != "" {
		t.Error(diff)
	}
	if err.Error() != "validation failed; sender: must be at most 11 characters" {
		t.Errorf("text %q", err)
	}
}
