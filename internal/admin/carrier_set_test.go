package admin

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// audited are the lines of the audit log about a target, oldest first: actor, action and detail.
func audited(t *testing.T, connection Connection, target string) (lines []string) {
	t.Helper()
	stored := connection.(*direct).service.Store
	err := stored.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT action, detail FROM audit WHERE target = ? ORDER BY id`, target)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var action, detail string
			if err := rows.Scan(&action, &detail); err != nil {
				return err
			}
			lines = append(lines, strings.TrimSpace(action+": "+detail))
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestCarrierOrders: what an operator changes of a carrier is in force, and in the audit log without a password.
func TestCarrierOrders(t *testing.T) {
	connection := connect(t, configured(t, folder(t)))
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := AddCarrier.Do(t.Context(), connection, CarrierRequest{Name: "north", Address: "smpp://me:hidden@h", Default: true})
	do(err)
	password := "hidden too"
	_, err = SetCarrier.Do(t.Context(), connection, CarrierSet{Name: "north", Pairs: []string{"address=smpp://you:hidden3@k", "window=7"}, Password: &password})
	do(err)
	for _, state := range []string{"draining", "disabled", "active"} {
		done, err := OrderCarrier.Do(t.Context(), connection, CarrierOrder{Name: "north", State: state})
		if err != nil || done.Alone != (state != "active") {
			t.Errorf("%s: %+v, %v", state, done, err)
		}
	}
	want := []string{"carrier add: smpp://me@h:2775", "carrier set: address=smpp://you@k:2775 window=7 another password",
		"carrier drain: it was active", "carrier disable: it was draining", "carrier enable: it was disabled"}
	if diff := cmp.Diff(want, audited(t, connection, "north")); diff != "" {
		t.Error(diff)
	}
	service := connection.(*direct).service
	if c, _ := service.carrierNamed("north"); c.Secret != "hidden too" || c.Address != "smpp://you@k:2775?window=7" {
		t.Errorf("%s, password %q", c.Address, c.Secret)
	}
	if _, err := OrderCarrier.Do(t.Context(), connection, CarrierOrder{Name: "north", State: "gone"}); sms.CodeOf(err) != sms.Invalid {
		t.Error(err)
	}
}

// TestTrialOfCarrier: a test says in words what is wrong, stands in the audit log, and does not knock twice.
func TestTrialOfCarrier(t *testing.T) {
	connection := connect(t, configured(t, folder(t)))
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandBindTransceiver, smpptest.Refuse(smpp.ESME_RINVPASWD))
	address := "smpp://me@" + smsc.Addr()
	password := "wrong"
	tried, err := TryCarrier.Do(t.Context(), connection, CarrierTrial{Address: address, Password: &password})
	if err != nil || tried.Good || len(tried.Steps) != 2 || tried.Steps[1].Words != "the carrier refuses system_id, password or system_type" {
		t.Fatalf("%+v, %v", tried, err)
	}
	if lines := audited(t, connection, address); len(lines) != 1 || !strings.HasPrefix(lines[0], "carrier test: bind of") || !strings.HasSuffix(lines[0], "credentials") {
		t.Error(lines)
	}
	if _, err := TryCarrier.Do(t.Context(), connection, CarrierTrial{Address: address}); sms.CodeOf(err) != sms.Limited {
		t.Errorf("at once again: %v", err)
	}
	if n := len(smsc.Frames(smpp.CommandBindTransceiver)); n != 1 {
		t.Errorf("%d binds", n)
	}
}
