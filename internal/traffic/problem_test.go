package traffic

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// webhook gives acme one that fails, or was switched off.
func (w *world) webhook(failing, disabled time.Time) {
	w.t.Helper()
	err := w.store.SaveWebhook(context.Background(), store.Deed{Actor: "test"}, w.account, func(*sms.Webhook) (*sms.Webhook, error) {
		return &sms.Webhook{ID: "hook", URL: "https://example.com/hook", Secret: []byte("s"), Created: time.Now(), FailingSince: failing, DisabledAt: disabled}, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wantProblems(account sms.AccountID, want ...Problem) {
	w.t.Helper()
	got, err := w.reader.Problems(w.t.Context(), account)
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		w.t.Error(diff)
	}
}

func at(ago time.Duration) time.Time { return time.Now().Add(-ago).UTC().Truncate(time.Millisecond) }

func TestProblemsOfCarriers(t *testing.T) {
	w := newWorld(t)
	w.wantProblems(AllAccounts)
	since := at(time.Hour)
	for _, test := range []struct {
		state CarrierState
		want  []Problem
	}{
		{CarrierState{Name: "a", Sessions: 2, Bound: 2, Since: since}, nil},
		{CarrierState{Name: "a", Sessions: 2, Since: since, LastError: "timeout"}, []Problem{{Severity: Bad, Kind: CarrierDown, Subject: "a", Since: since, Detail: "timeout"}}},
		{CarrierState{Name: "a", Sessions: 2, Since: time.Now(), LastError: "timeout"}, nil}, // it is just starting
		{CarrierState{Name: "a", Sessions: 2, Since: since, Off: true}, nil},
		{CarrierState{Name: "a", Sessions: 2, Bound: 1, Since: since}, []Problem{{Severity: Warn, Kind: CarrierPartly, Subject: "a", Since: since, Count: 1, Limit: 2}}},
		{CarrierState{Name: "a", Sessions: 1, Since: time.Now(), Refused: true}, []Problem{{Severity: Bad, Kind: CarrierRefuses, Subject: "a"}}},
		{CarrierState{Name: "a", LastError: "no host", Since: since}, []Problem{{Severity: Bad, Kind: CarrierBroken, Subject: "a", Since: since, Detail: "no host"}}},
		{CarrierState{Name: "a", Sessions: 1, Bound: 1, Since: since, Slowed: true, Limit: 30}, []Problem{{Severity: Warn, Kind: CarrierThrottles, Subject: "a", Limit: 30}}},
	} {
		w.carriers = []CarrierState{test.state}
		if len(test.want) == 1 && test.want[0].Kind == CarrierRefuses {
			test.want[0].Since = test.state.Since
		}
		w.wantProblems(AllAccounts, test.want...)
		w.wantProblems(w.account) // it is not its own concern
	}
	w.carriers = nil
	w.wantProblems(AllAccounts, Problem{Severity: Bad, Kind: NoCarrier})
}

func TestProblemsOfAccounts(t *testing.T) {
	w := newWorld(t)
	failing := at(time.Hour)
	w.webhook(failing, time.Time{})
	hook := Problem{Severity: Bad, Kind: WebhookFails, Subject: "https://example.com/hook", Since: failing}
	w.wantProblems(w.account, hook)
	theirs := hook
	theirs.Account = "acme"
	w.wantProblems(AllAccounts, theirs)
	w.webhook(at(time.Second), time.Time{})
	w.wantProblems(w.account) // it is tried again
	off := at(time.Minute)
	w.webhook(failing, off)
	w.wantProblems(w.account, Problem{Severity: Bad, Kind: WebhookOff, Subject: hook.Subject, Since: off})
	w.webhook(time.Time{}, time.Time{})

	w.refused = Refused{Times: 9}
	w.wantProblems(w.account)
	w.refused = Refused{Times: 12, Last: off, From: "203.0.113.9"}
	w.wantProblems(w.account, Problem{Severity: Warn, Kind: CallersRefused, Subject: "203.0.113.9", Count: 12, Until: off})
	w.refused = Refused{}

	soon := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Millisecond)
	w.exec(`UPDATE api_key SET name = 'till', expires_at = ?`, soon.UnixMilli())
	w.wantProblems(w.account, Problem{Severity: Warn, Kind: KeyExpires, Subject: "till", Until: soon})
	w.exec(`UPDATE api_key SET revoked_at = 1`)
	w.wantProblems(w.account)

	w.exec(`UPDATE account SET suspended = 1, version = 99`)
	w.exec(`UPDATE revision SET revision = 99`)
	w.refresh()
	w.wantProblems(w.account, Problem{Severity: Bad, Kind: Suspended, Subject: "acme"})
	if _, err := w.reader.Problems(t.Context(), 99); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("an account that is not there: %v", err)
	}
}

func TestProblemsOfCredit(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.accept(w.account), time.Second)
	w.wantProblems(w.account)
	use := (sms.Euro / 5) / 7 / cent * cent
	w.exec(`UPDATE balance SET credit = ?`, int64(sms.Euro/2))
	w.wantProblems(w.account, Problem{Severity: Warn, Kind: CreditLow, Amount: sms.Euro / 2, Use: use})
	w.exec(`UPDATE balance SET credit = 0`)
	w.accept(w.account)
	gone := Problem{Severity: Bad, Kind: CreditGone, Use: use, Count: 1}
	w.wantProblems(w.account, gone)
	gone.Account = "acme"
	w.wantProblems(AllAccounts, gone)
	free := w.open("free", 0)
	w.wantProblems(free) // it has never paid, and nothing of it was refused
}

func TestProblemsOfWaitingMessages(t *testing.T) {
	w := newWorld(t)
	m := w.accept(w.account)
	w.wantProblems(w.account)
	now := time.Now()
	w.reader.now = func() time.Time { return now.Add(11 * time.Minute) }
	w.carriers[0].Since = now.Add(-time.Hour).UTC()
	waits := Problem{Severity: Warn, Kind: Waiting, Subject: "north", Since: m.ID.Time(), Count: 1}
	w.wantProblems(w.account, waits)
	w.carriers[0].Bound = 0
	waits.Severity = Bad
	w.wantProblems(w.account, waits)
	w.carriers[0].Bound = 1
	w.reader.now = func() time.Time { return now.Add(30 * time.Hour) }
	waits.Since = m.ID.Time().Truncate(time.Hour).Add(time.Hour)
	w.wantProblems(w.account, waits)
	w.wantProblems(AllAccounts, waits)
	w.deliver(m, time.Second)
	w.wantProblems(w.account)
}

func TestProblemsOfTheBacklog(t *testing.T) {
	w := newWorld(t)
	for range 7 {
		w.accept(w.account)
	}
	w.wantProblems(AllAccounts)
	w.accept(w.account)
	w.wantProblems(AllAccounts, Problem{Severity: Warn, Kind: BacklogNearLimit, Count: 8, Limit: 10})
	w.wantProblems(w.account)
	w.accept(w.account)
	w.accept(w.account)
	w.wantProblems(AllAccounts, Problem{Severity: Bad, Kind: BacklogFull, Count: 10, Limit: 10})
	w.wantProblems(w.account, Problem{Severity: Bad, Kind: BacklogFull})
}
