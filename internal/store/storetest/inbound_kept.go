package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

func inboundOfEarlierVersion(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	err := w.Change(context.Background(), "test", func(tx *store.Tx) error {
		for i, octets := range [][]byte{[]byte("old"), {5, 0, 3, 1, 2, 2, 'b'}, {5, 0, 3, 1, 2, 1, 'a'}, []byte("old")} {
			class := 0x40
			if i%3 == 0 {
				class = 0
			}
			if _, err := tx.Exec(`INSERT INTO inbound (carrier_id, source, destination, esm_class, data_coding, octets, at) VALUES (1, '39340', ?, ?, 0, ?, 1000)`,
				shortCode, class, octets); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.care()
	w.wantTexts(account, "old", "ab", "old") // nobody knows how long there was between the two
	w.care()
	w.wantTexts(account, "old", "ab", "old")
}

func (w *world) settings(account sms.AccountID, s sms.Settings) {
	w.t.Helper()
	if err := w.ChangeAccount(context.Background(), store.Deed{Actor: "test"}, account, func(a *sms.Account) error {
		a.Settings = s
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

func inboundRetention(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.receiver(), w.account(1)
	w.number("40404", "", other)
	w.settings(account, sms.Settings{Retention: 48 * time.Hour})
	for i := range 70 {
		w.deliver(sms.Inbound{Octets: fmt.Appendf(nil, "%d", i)})
	}
	w.deliver(sms.Inbound{Destination: "40404", Octets: []byte("stays")})
	w.age(49 * time.Hour)
	w.deliver(sms.Inbound{Octets: []byte("young")})
	w.care()
	if n := w.rows(`SELECT COUNT(*) FROM inbound_message WHERE account_id = ?`, int64(account)); n != 1 {
		t.Errorf("%d left", n)
	}
	if n := w.rows(`SELECT COUNT(*) FROM inbound`); n != 2 {
		t.Errorf("%d deliveries left", n)
	}
	for _, e := range w.events(account) {
		if (e.Inbound == nil) != (e.Inbound == nil || e.Inbound.Text != "young") {
			t.Errorf("%+v", e)
		}
	}
}

func inboundRedaction(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.receiver()
	w.settings(account, sms.Settings{Retention: 48 * time.Hour, RedactAfter: time.Hour})
	for i := range 60 {
		w.deliver(sms.Inbound{Octets: fmt.Appendf(nil, "secret %d", i)})
	}
	waits := w.claim(account, 1)[0]
	for _, e := range w.claim(account, 100) {
		w.settleEvent(sms.Attempt{Event: e.ID, Number: 1, At: later(0), Status: 200, Stage: sms.EventDelivered})
	}
	w.age(2 * time.Hour)
	w.deliver(sms.Inbound{Octets: []byte("secret, and young")})
	care := store.NewInboundCare(w.Store)
	pass := func(left int) {
		t.Helper()
		if err := care.Pass(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := w.rows(`SELECT COUNT(*) FROM inbound_message WHERE text LIKE 'secret%' AND source <> ''`); n != left {
			t.Errorf("%d can be read, want %d", n, left)
		}
		if n := w.rows(`SELECT COUNT(*) FROM inbound`); n != left {
			t.Errorf("%d deliveries left, want %d", n, left)
		}
	}
	pass(2) // one is still to be told
	w.settleEvent(sms.Attempt{Event: waits.ID, Number: 1, At: later(0), Status: 200, Stage: sms.EventDelivered})
	pass(1)
	pass(1)
}

func inboundKeptLongEnough(t *testing.T, open Opener) {
	w := newWorld(t, open)
	for i := range 60 {
		w.deliver(sms.Inbound{Octets: fmt.Appendf(nil, "%d", i)})
	}
	w.age(29 * 24 * time.Hour)
	w.care()
	if n := w.rows(`SELECT COUNT(*) FROM inbound_message`); n != 60 {
		t.Errorf("%d after 29 days", n)
	}
	w.age(2 * 24 * time.Hour)
	w.care()
	if n := w.rows(`SELECT COUNT(*) FROM inbound_message`) + w.rows(`SELECT COUNT(*) FROM inbound`); n != 0 {
		t.Errorf("%d after 31 days", n)
	}
	if n := w.Counters.InboundDropped.Load(); n != 60 {
		t.Errorf("%d counted", n)
	}
}
