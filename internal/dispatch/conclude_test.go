package dispatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// TestConclude goes through every pair of answers, both policies, and the doubts of an earlier attempt.
func TestConclude(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for first := Accepted; first <= Uncertain; first++ {
		for second := Verdict(0); second <= Uncertain; second++ { // 0: there is one part only
			for _, hold := range []bool{false, true} {
				for doubts := range uint8(4) {
					name := fmt.Sprintf("%v, %v, hold %v, %d doubts", first, second, hold, doubts)
					checkConclusion(t, name, []Verdict{first, second}, hold, doubts, now)
				}
			}
		}
	}
}

func checkConclusion(t *testing.T, name string, verdicts []Verdict, hold bool, doubts uint8, now time.Time) {
	if verdicts[1] == 0 {
		verdicts = verdicts[:1]
	}
	m := &sms.Message{ID: 1, Carrier: 3, Parts: len(verdicts), Hold: hold, Expires: now.Add(time.Hour)}
	answers := make([]Answer, m.Parts)
	want := make([]sms.State, m.Parts)
	for i, v := range verdicts {
		answers[i] = Answer{Verdict: v, Ref: "ref", Code: "0x01", Reason: "why"}
		m.Progress = append(m.Progress, sms.Part{State: sms.Queued, Doubts: doubts})
		want[i] = map[Verdict]sms.State{Accepted: sms.Sent, Permanent: sms.Failed}[v]
		if v == Uncertain && (hold || doubts >= 2) {
			want[i] = sms.Unknown
		}
		if want[i] == 0 {
			want[i] = sms.Queued
		}
	}
	failed := want[0] == sms.Failed || want[len(want)-1] == sms.Failed
	o := conclude(m, answers, now)
	for i, p := range o.Parts {
		if failed && want[i] == sms.Queued {
			want[i] = sms.Failed // it will not be tried again
		}
		if p.State != want[i] || (p.State == sms.Sent) != (p.Ref != "") || (p.State != sms.Queued && p.At != now) {
			t.Errorf("%s: part %d is %+v, want %v", name, i, p, want[i])
		}
		wantDoubts := doubts
		if verdicts[i] == Uncertain && !hold && doubts < 2 {
			wantDoubts++
		}
		if p.Doubts != wantDoubts {
			t.Errorf("%s: part %d has %d doubts, want %d", name, i, p.Doubts, wantDoubts)
		}
	}
	if o.State != sms.Standing(o.Parts) || o.Carrier != 3 || o.At != now || o.Message != m {
		t.Errorf("%s: %+v", name, o)
	}
	if (o.State == sms.Queued) != o.Retry.After(now) || o.Retry.After(m.Expires) {
		t.Errorf("%s: state %v, again at %v", name, o.State, o.Retry)
	}
	if wantReason := o.State == sms.Failed || o.State == sms.Unknown; (o.Reason != "") != wantReason {
		t.Errorf("%s: state %v, reason %q", name, o.State, o.Reason)
	}
	if ordinary := verdicts[0] == Accepted && verdicts[len(verdicts)-1] == Accepted; (o.Incident == "") != ordinary {
		t.Errorf("%s: incident %q", name, o.Incident)
	}
	if len(m.Progress) > 0 && m.Progress[0].State != sms.Queued {
		t.Errorf("%s: the message was changed", name)
	}
	all := true
	for _, v := range verdicts {
		all = all && v == NotSent
	}
	if untouched(answers, m) != all {
		t.Errorf("%s: untouched %v", name, !all)
	}
}

// Parts that had their answer before keep it, and their answers do not count.
func TestConcludeKeepsEarlierAnswers(t *testing.T) {
	now := time.Now().UTC()
	sent := sms.Part{State: sms.Sent, Ref: "first", At: now.Add(-time.Minute)}
	for ended, want := range map[sms.State]sms.State{sms.Sent: sms.Sent, sms.Failed: sms.Failed, sms.Expired: sms.Expired, sms.Unknown: sms.Sent} {
		earlier := sent
		earlier.State = ended
		m := &sms.Message{Parts: 2, Progress: []sms.Part{earlier, {State: sms.Queued}}, Expires: now.Add(time.Hour)}
		o := conclude(m, []Answer{{}, {Verdict: Accepted, Ref: "second", Whole: true}}, now)
		if o.State != want || o.Parts[0] != earlier || o.Parts[1].Ref != "second" || !o.Parts[1].Whole {
			t.Errorf("%v: %+v", ended, o)
		}
		o = conclude(m, []Answer{{}, {Verdict: Temporary}}, now)
		if ended == sms.Expired && (o.State != sms.Expired || o.Parts[1].State != sms.Expired) {
			t.Errorf("a part waits though the message has expired: %+v", o)
		}
		if untouched([]Answer{{}, {Verdict: Temporary}}, m) || !untouched([]Answer{{}, {Verdict: NotSent}}, m) {
			t.Error("untouched counts the part that was sent before")
		}
	}
	m := &sms.Message{Parts: 1, Progress: []sms.Part{sent}}
	if untouched([]Answer{{}}, m) {
		t.Error("a message of which nothing waited is given back for ever")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Now().UTC()
	before := time.Duration(0)
	for attempts := range 12 {
		m := &sms.Message{Parts: 1, Attempts: attempts, Expires: now.Add(time.Hour)}
		slow := conclude(m, []Answer{{Verdict: Temporary}}, now).Retry.Sub(now)
		fast := conclude(m, []Answer{{Verdict: Throttled}}, now).Retry.Sub(now)
		if slow < before || slow > 5*time.Minute || fast > slow || fast <= 0 {
			t.Errorf("attempt %d: refused %v, throttled %v", attempts, slow, fast)
		}
		before = slow
	}
	m := &sms.Message{Parts: 1, Attempts: 9, Expires: now.Add(time.Second)}
	if o := conclude(m, []Answer{{Verdict: Temporary}}, now); !o.Retry.Equal(m.Expires) {
		t.Errorf("again %v after its validity", o.Retry.Sub(m.Expires))
	}
}

func TestExpired(t *testing.T) {
	now := time.Now().UTC()
	m := &sms.Message{Parts: 2, Carrier: 4, Progress: []sms.Part{{State: sms.Sent, Ref: "r"}, {State: sms.Queued}}}
	o := expired(m, now)
	if o.State != sms.Expired || o.Parts[0].State != sms.Sent || o.Parts[1].State != sms.Expired || o.Reason == "" || o.Carrier != 4 {
		t.Errorf("%+v", o)
	}
}
