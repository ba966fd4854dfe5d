package smpp

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
)

func TestRefused(t *testing.T) {
	for status, want := range map[smpp.CommandStatus]dispatch.Verdict{
		smpp.ESME_RTHROTTLED:  dispatch.Throttled,
		smpp.ESME_RMSGQFUL:    dispatch.Throttled,
		smpp.ESME_RSYSERR:     dispatch.Temporary,
		smpp.ESME_RSUBMITFAIL: dispatch.Temporary,
		smpp.ESME_RX_T_APPN:   dispatch.Temporary,
		smpp.ESME_RUNKNOWNERR: dispatch.Temporary,
		smpp.ESME_RINVDSTADR:  dispatch.Permanent,
		smpp.ESME_RINVSRCADR:  dispatch.Permanent,
		smpp.ESME_RINVMSGLEN:  dispatch.Permanent,
		smpp.ESME_RINVEXPIRY:  dispatch.Permanent,
		smpp.ESME_RX_P_APPN:   dispatch.Permanent,
		smpp.ESME_RBINDFAIL:   dispatch.CarrierWide,
		smpp.ESME_RINVSYSID:   dispatch.CarrierWide,
		smpp.ESME_RINVPASWD:   dispatch.CarrierWide,
		smpp.ESME_RINVBNDSTS:  dispatch.CarrierWide,
		0x0101:                dispatch.Permanent,
		0x0102:                dispatch.Temporary,
		0x0400:                dispatch.Permanent,
		0x04FF:                dispatch.Permanent,
		0xDEADBEEF:            dispatch.Permanent,
	} {
		got := refused(status)
		if got.Verdict != want || got.Reason == "" {
			t.Errorf("%v: %+v", status, got)
		}
	}
	if got := refused(smpp.ESME_RTHROTTLED).Code; got != "0x00000058" {
		t.Errorf("the code is %s", got)
	}
}

func TestRefusals_are_words_for_customers(t *testing.T) {
	for status, r := range refusals {
		if r.verdict == 0 || r.verdict == dispatch.Accepted || !strings.HasPrefix(r.words, "the ") || strings.Contains(r.words, "ESME") {
			t.Errorf("%v: %+v", status, r)
		}
	}
}

func TestAnswered_without_an_answer(t *testing.T) {
	encoding := &smpp.EncodeError{Command: smpp.CommandSubmitSM, Field: "source_addr", Reason: "longer than 20 octets"}
	for name, c := range map[string]struct {
		err  error
		want dispatch.Verdict
	}{
		"timeout":       {&smpp.RequestError{Sent: true, Err: smpp.ErrTimeout}, dispatch.Uncertain},
		"lost":          {&smpp.RequestError{Sent: true, Err: errors.New("reset")}, dispatch.Uncertain},
		"never left":    {&smpp.RequestError{Err: smpp.ErrClosed}, dispatch.NotSent},
		"ctx ended":     {&smpp.RequestError{Err: context.Canceled}, dispatch.NotSent},
		"cannot be put": {&smpp.RequestError{Err: encoding}, dispatch.Permanent},
	} {
		got := answered(smpp.Response{Err: c.err})
		if got.Verdict != c.want || got.Reason == "" || got.Code != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAnswered_accepted(t *testing.T) {
	for _, id := range []string{"", "8a7f", "0000000001"} {
		got := answered(smpp.Response{PDU: &smpp.SubmitSMResp{MessageID: id}})
		if diff := cmp.Diff(dispatch.Answer{Verdict: dispatch.Accepted, Ref: id}, got); diff != "" {
			t.Error(diff)
		}
	}
}
