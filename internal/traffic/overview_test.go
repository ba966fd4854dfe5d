package traffic

import (
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

func (w *world) overview(account sms.AccountID, zone *time.Location) *Overview {
	w.t.Helper()
	o, err := w.reader.Overview(w.t.Context(), account, zone)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func TestOverview(t *testing.T) {
	w := newWorld(t)
	other := w.open("other", sms.Euro/20)
	w.deliver(w.accept(w.account), 4*time.Second)
	w.accept(w.account)
	w.accept(other) // it has credit for half of it
	at := time.Now()
	w.reader.now = func() time.Time { return at }
	o := w.overview(w.account, time.UTC)
	if today := o.Today; today.Accepted != 2 || today.Parts != 4 || today.Delivered != 1 || today.Charged != sms.Euro/5 || o.Waiting != 1 {
		t.Errorf("%+v", o)
	}
	if o.Median < 3*time.Second || o.Median > 5*time.Second {
		t.Errorf("the median is %v", o.Median)
	}
	if o.Balance.Credit != 100*sms.Euro-sms.Euro/5 || o.Balance.Reserved != sms.Euro/5 {
		t.Errorf("%+v", o.Balance)
	}
	if len(o.Hours) != 24 || o.Hours[at.UTC().Hour()].Today.Accepted != 2 || len(o.Days) != 7 || o.Days[6].Accepted != 2 {
		t.Errorf("%+v", o)
	}
	if len(o.Carriers) != 1 || o.Carriers[0].ID != 1 || o.Carriers[0].Accepted != 2 {
		t.Errorf("%+v", o.Carriers)
	}
	all := w.overview(AllAccounts, time.UTC)
	if all.Today.Accepted != 2 || all.Today.Refused != 1 || len(all.Accounts) != 2 || all.Accounts[0].Name != "acme" {
		t.Errorf("%+v", all)
	}
	if all.Balance.Credit != o.Balance.Credit+sms.Euro/20 {
		t.Errorf("%+v", all.Balance)
	}
	w.reader.now = func() time.Time { return at.Add(24 * time.Hour) }
	if o := w.overview(w.account, time.UTC); o.Today.Accepted != 0 || o.Yesterday.Accepted != 2 || o.Hours[at.UTC().Hour()].Yesterday.Accepted != 2 || o.Days[5].Accepted != 2 {
		t.Errorf("the day after: %+v", o)
	}
}

// TestDaysOfZones: a day has the hours that begin in it, also where clocks change or are half an hour off.
func TestDaysOfZones(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		zone, at string
		hours    int
		first    string
	}{
		{"UTC", "2026-11-28T07:00:00Z", 24, "2026-11-28T00:00:00Z"},
		{"Europe/Rome", "2026-11-28T23:30:00Z", 24, "2026-11-28T23:00:00Z"},
		{"Europe/Rome", "2026-03-29T12:00:00Z", 23, "2026-03-28T23:00:00Z"},
		{"Europe/Rome", "2026-10-25T12:00:00Z", 25, "2026-10-24T22:00:00Z"},
		{"Asia/Kolkata", "2026-11-28T07:00:00Z", 24, "2026-11-27T19:00:00Z"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		w.reader.now = func() time.Time { return at }
		o := w.overview(w.account, zone)
		if got := o.Hours[0].Start.UTC().Format(time.RFC3339); len(o.Hours) != test.hours || got != test.first {
			t.Errorf("%s at %s: %d hours from %s, want %d from %s", test.zone, test.at, len(o.Hours), got, test.hours, test.first)
		}
		for i, d := range o.Days {
			if d.Start.Hour() != 0 || i > 0 && d.Start.YearDay() == o.Days[i-1].Start.YearDay() {
				t.Errorf("%s: %v", test.zone, o.Days)
			}
		}
	}
}

func TestSteps(t *testing.T) {
	w := newWorld(t)
	steps := func() Steps {
		done, err := w.reader.Steps(t.Context(), w.account)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	if got := steps(); got != (Steps{Key: true}) {
		t.Errorf("a new account: %+v", got)
	}
	w.exec(`UPDATE api_key SET revoked_at = 1`)
	w.webhook(time.Time{}, time.Time{})
	if got := steps(); got != (Steps{Webhook: true}) {
		t.Errorf("without a key: %+v", got)
	}
	w.accept(w.account)
	if got := steps(); !got.Done() {
		t.Errorf("after a message: %+v", got)
	}
}
