package smpp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
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
		got := Classes(nil).refused(status)
		if got.Verdict != want || got.Reason == "" {
			t.Errorf("%v: %+v", status, got)
		}
	}
	if got := Classes(nil).refused(smpp.ESME_RTHROTTLED).Code; got != "0x00000058" {
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

// Every status that has a name in SMPP 3.4 has its class, and docs/carriers.md says the same of it.
func TestRefusals_name_every_status_and_the_docs_repeat_them(t *testing.T) {
	docs, err := os.ReadFile("../../../docs/carriers.md")
	if err != nil {
		t.Fatal(err)
	}
	classes := map[dispatch.Verdict]string{dispatch.Temporary: "temporary", dispatch.Permanent: "permanent",
		dispatch.CarrierWide: "carrier-wide", dispatch.Throttled: "throttled"}
	named := 0
	for status := smpp.ESME_RINVMSGLEN; status <= 0xFFFF; status++ {
		r, listed := refusals[status]
		if name := status.String(); !strings.HasPrefix(name, "0x") {
			named++
			if !listed {
				t.Errorf("%s has no class", name)
			}
		}
		if row := fmt.Sprintf("| 0x%02x | %s | %s | %s |\n", uint32(status), status.String(), classes[r.verdict], r.why); listed && !strings.Contains(string(docs), row) {
			t.Errorf("docs/carriers.md has no row %s", row)
		}
	}
	if named != 47 { // SMPP 3.4 table 5-2 without ESME_ROK and what is reserved
		t.Errorf("%d statuses have a name", named)
	}
}

// A carrier's own meaning of a code comes before the table, and only for that carrier.
func TestClasses_of_a_carrier(t *testing.T) {
	a, err := ParseAddress("smpp://me@a?temporary=0x0B,1025&permanent=0x45&carrier_wide=0x400&throttled=0x64,1026")
	if err != nil {
		t.Fatal(err)
	}
	for status, want := range map[smpp.CommandStatus]dispatch.Verdict{
		smpp.ESME_RINVDSTADR: dispatch.Temporary, 1025: dispatch.Temporary, smpp.ESME_RSUBMITFAIL: dispatch.Permanent,
		0x400: dispatch.CarrierWide, smpp.ESME_RX_T_APPN: dispatch.Throttled, 1026: dispatch.Throttled, smpp.ESME_RSYSERR: dispatch.Temporary,
	} {
		if got := a.Classes.refused(status); got.Verdict != want || got.Reason == "" {
			t.Errorf("%v: %+v", status, got)
		}
	}
	if want := "smpp://me@a:2775?temporary=0xb%2C0x401&permanent=0x45&carrier_wide=0x400&throttled=0x64%2C0x402"; a.String() != want {
		t.Errorf("written as %s", a)
	}
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM, smpptest.Refuse(smpp.ESME_RINVDSTADR))
	for parameters, want := range map[string]dispatch.Verdict{"": dispatch.Permanent, "temporary=11": dispatch.Temporary} {
		_, s := startWith(t, smsc, parameters)
		if got := await(t, s.submit(t.Context(), message("x"))); got.Verdict != want || got.Code != "0x0000000b" {
			t.Errorf("%q: %+v", parameters, got)
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
		got := Classes(nil).answered(smpp.Response{Err: c.err})
		if got.Verdict != c.want || got.Reason == "" || got.Code != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAnswered_accepted(t *testing.T) {
	for _, id := range []string{"", "8a7f", "0000000001"} {
		got := Classes(nil).answered(smpp.Response{PDU: &smpp.SubmitSMResp{MessageID: id}})
		if diff := cmp.Diff(dispatch.Answer{Verdict: dispatch.Accepted, Ref: id}, got); diff != "" {
			t.Error(diff)
		}
	}
}
