package storetest

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var refusalTests = map[string]func(*testing.T, Opener){
	"adds up":     refusalAddsUp,
	"the last 50": refusalTheLast50,
	"tidied":      refusalTidied,
}

var compareAddress = cmpopts.EquateComparable(netip.Addr{})

func refusalOf(account sms.AccountID, address string, at time.Time) sms.AccessRefusal {
	return sms.AccessRefusal{Account: account, Address: netip.MustParseAddr(address), Credential: "stf_live_abc",
		Reason: sms.NotOnAccountList, Times: 1, First: at, Last: at}
}

func (w *world) refuse(refusals ...sms.AccessRefusal) {
	w.t.Helper()
	if err := w.SaveAccessRefusals(context.Background(), refusals); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refusals(account sms.AccountID) []sms.AccessRefusal {
	w.t.Helper()
	found, err := w.AccessRefusals(context.Background(), account)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func refusalAddsUp(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.account(0), w.account(0)
	now := later(0)
	first, second := refusalOf(account, "203.0.113.1", now.Add(-time.Minute)), refusalOf(account, "203.0.113.1", now)
	second.Times = 4
	revoked := refusalOf(account, "2001:db8::1", now.Add(-time.Second))
	revoked.Reason = sms.KeyRevoked
	w.refuse(refusalOf(other, "203.0.113.1", now), first)
	w.refuse(second, revoked)
	w.restart()
	sum := first
	sum.Times, sum.Last = 5, now
	if diff := cmp.Diff([]sms.AccessRefusal{sum, revoked}, w.refusals(account), compareAddress); diff != "" {
		t.Error(diff)
	}
	if got := w.refusals(other); len(got) != 1 {
		t.Errorf("of the other account: %+v", got)
	}
}

// refusalTheLast50: who comes from ever new addresses fills no disk.
func refusalTheLast50(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(0)
	start := later(-time.Hour)
	address := netip.MustParseAddr("203.0.113.0")
	var some []sms.AccessRefusal
	for i := range 2*store.KeptRefusals + 7 {
		some = append(some, refusalOf(account, address.String(), start.Add(time.Duration(i)*time.Second)))
		address = address.Next()
		if len(some) == 40 {
			w.refuse(some...)
			some = nil
		}
	}
	w.refuse(some...)
	got := w.refusals(account)
	if len(got) != store.KeptRefusals || got[0].Address != netip.MustParseAddr("203.0.113.106") || got[49].Address != netip.MustParseAddr("203.0.113.57") {
		t.Errorf("%d are kept, %s to %s", len(got), got[0].Address, got[len(got)-1].Address)
	}
	var stored int
	if err := w.View(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM access_refusal`).Scan(&stored)
	}); err != nil || stored != store.KeptRefusals {
		t.Errorf("%d rows are stored, error %v", stored, err)
	}
}

func refusalTidied(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(0)
	w.refuse(refusalOf(account, "203.0.113.1", later(-91*24*time.Hour)), refusalOf(account, "203.0.113.2", later(-89*24*time.Hour)))
	if removed, err := w.Tidy(context.Background()); err != nil || removed != 1 {
		t.Errorf("%d rows removed, error %v", removed, err)
	}
	if got := w.refusals(account); len(got) != 1 || got[0].Address != netip.MustParseAddr("203.0.113.2") {
		t.Errorf("left: %+v", got)
	}
}
