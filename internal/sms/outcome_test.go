package sms_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

func partsIn(states ...sms.State) []sms.Part {
	parts := make([]sms.Part, len(states))
	for i, s := range states {
		parts[i].State = s
	}
	return parts
}

func TestStanding(t *testing.T) {
	const (
		queued, sending, sent, delivered = sms.Queued, sms.Sending, sms.Sent, sms.Delivered
		failed, expired, unknown         = sms.Failed, sms.Expired, sms.Unknown
		cancelled                        = sms.Cancelled
	)
	for _, test := range []struct {
		want  sms.State
		parts []sms.State
	}{
		{queued, []sms.State{queued}},
		{queued, []sms.State{sending}},
		{sent, []sms.State{sent}},
		{delivered, []sms.State{delivered}},
		{failed, []sms.State{failed}},
		{expired, []sms.State{expired}},
		{unknown, []sms.State{unknown}},
		{cancelled, []sms.State{cancelled}},
		{cancelled, []sms.State{cancelled, cancelled}},
		{delivered, []sms.State{delivered, delivered, delivered}},
		{sent, []sms.State{delivered, sent}},
		{sent, []sms.State{unknown, sent}},
		{unknown, []sms.State{unknown, delivered}},
		{queued, []sms.State{delivered, queued}},
		{queued, []sms.State{sent, sending}},
		{queued, []sms.State{unknown, queued}},
		{failed, []sms.State{delivered, failed}},
		{failed, []sms.State{queued, failed}},
		{failed, []sms.State{unknown, failed, sent}},
		{failed, []sms.State{expired, failed}},
		{expired, []sms.State{expired, delivered}},
		{expired, []sms.State{expired, queued}},
		{expired, []sms.State{unknown, expired}},
		// What cannot be is not called delivered.
		{queued, nil},
		{queued, []sms.State{0}},
		{queued, []sms.State{delivered, 0}},
		{queued, []sms.State{delivered, 200}},
	} {
		if got := sms.Standing(partsIn(test.parts...)); got != test.want {
			t.Errorf("Standing(%v) = %s, want %s", test.parts, got, test.want)
		}
	}
}

func TestStandingDoesNotDependOnTheOrderOfParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		states := rapid.SliceOfN(rapid.Uint8Range(uint8(sms.Queued), uint8(sms.Unknown)), 1, 8).Draw(t, "states")
		parts := make([]sms.Part, len(states))
		for i, s := range states {
			parts[i].State = sms.State(s)
		}
		want := sms.Standing(parts)
		for i, place := range rapid.Permutation(states).Draw(t, "shuffled") {
			parts[i].State = sms.State(place)
		}
		if got := sms.Standing(parts); got != want {
			t.Fatalf("%v stand at %s, shuffled at %s", states, want, got)
		}
	})
}

// However parts move, their message moves only as the state machine allows, and what is final stays.
func TestMessageFollowsItsPartsLegally(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &sms.Message{Parts: rapid.IntRange(1, 4).Draw(t, "parts")}
		parts, state := m.Standing(), sms.Queued
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			i := rapid.IntRange(0, m.Parts-1).Draw(t, "part")
			ways := next[parts[i].State]
			if len(ways) == 0 {
				continue
			}
			parts[i].State = rapid.SampledFrom(ways).Draw(t, "way")
			if parts[i].State == sms.Cancelled {
				return // a cancelled message is cancelled whole
			}
			now := sms.Standing(parts)
			if now != state && !state.Final() {
				if !state.CanBecome(now) {
					t.Fatalf("%s → %s with %v", state, now, parts)
				}
				state = now
			}
		}
	})
}

func TestApplyTakesReportsForWhatACarrierHas(t *testing.T) {
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	for _, from := range []sms.State{sms.Sent, sms.Unknown} {
		for _, to := range []sms.State{sms.Delivered, sms.Failed, sms.Expired} {
			got, changed := sms.Report{State: to, Code: "017", At: at}.Apply(sms.Part{State: from, Ref: "r", Seen: true, Doubts: 1})
			want := sms.Part{State: to, Ref: "r", Code: "017", Seen: true, Doubts: 1, Waived: from == sms.Unknown, At: at}
			if diff := cmp.Diff(want, got); diff != "" || !changed {
				t.Errorf("%s → %s: changed %v %s", from, to, changed, diff)
			}
		}
	}
}

func TestApplyRemembersAnIntermediateReportOnce(t *testing.T) {
	for _, from := range []sms.State{sms.Sent, sms.Unknown} {
		report := sms.Report{State: sms.Sent, Code: "000"}
		seen, changed := report.Apply(sms.Part{State: from, Ref: "r"})
		if !changed || !seen.Seen || seen.State != from {
			t.Errorf("%s: %+v, changed %v", from, seen, changed)
		}
		if again, changed := report.Apply(seen); changed || again != seen {
			t.Errorf("%s: the second time %+v, changed %v", from, again, changed)
		}
	}
}

// A report cannot speak of a part that no carrier has: it would fail a part that waits to be sent.
func TestApplyLeavesWhatIsNotSent(t *testing.T) {
	for _, from := range []sms.State{0, sms.Scheduled, sms.Queued, sms.Sending} {
		for to := sms.State(0); to <= lastState+1; to++ {
			part := sms.Part{State: from}
			if got, changed := (sms.Report{State: to}).Apply(part); changed || got != part {
				t.Errorf("%s became %s by a report of %s", from, got.State, to)
			}
		}
	}
}

func TestApplyNeverChangesWhatIsFinal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := sms.Part{State: sms.Sent, Ref: "r"}
		for range rapid.IntRange(1, 12).Draw(t, "reports") {
			report := sms.Report{State: sms.State(rapid.Uint8Range(0, uint8(lastState)+1).Draw(t, "state")),
				Code: rapid.StringN(0, 3, 3).Draw(t, "code")}
			got, changed := report.Apply(part)
			if part.State.Final() && (changed || got != part) {
				t.Fatalf("%+v became %+v", part, got)
			}
			if !changed && got != part {
				t.Fatalf("%+v became %+v, and was said not to change", part, got)
			}
			if got.State != part.State && !part.State.CanBecome(got.State) {
				t.Fatalf("%s → %s", part.State, got.State)
			}
			part = got
		}
	})
}
