package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var auditTests = map[string]func(*testing.T, Opener){
	"pages":          auditPages,
	"of one account": auditOfOneAccount,
	"without a name": auditWithoutAName,
	"by whom":        auditByWhom,
}

// deed makes a line of the audit log.
func (w *world) deed(action, target, detail string) {
	w.t.Helper()
	err := w.Change(context.Background(), "tester", func(tx *store.Tx) error { return tx.Audit(action, target, detail) })
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) audit(page store.AuditPage) []sms.AuditLine {
	w.t.Helper()
	lines, err := w.Audit(context.Background(), page)
	if err != nil {
		w.t.Fatal(err)
	}
	return lines
}

// auditPages: the newest line is first, and each page goes on behind the last.
func auditPages(t *testing.T, open Opener) {
	w := newWorld(t, open)
	for i := range 5 {
		w.deed("key create", "acme", fmt.Sprint("key ", i))
	}
	page := store.AuditPage{Account: "acme", Limit: 2}
	var details []string
	for {
		lines := w.audit(page)
		if len(lines) == 0 {
			break
		}
		for _, line := range lines {
			details = append(details, line.Detail)
			if line.Actor != "tester" || line.Action != "key create" || line.Target != "acme" || line.At.IsZero() || line.At.Location().String() != "UTC" {
				t.Errorf("line %+v", line)
			}
		}
		page.Before = lines[len(lines)-1].ID
	}
	if got, want := fmt.Sprint(details), "[key 4 key 3 key 2 key 1 key 0]"; got != want {
		t.Errorf("lines %s, want %s", got, want)
	}
}

// auditOfOneAccount: an account reads what was done to it, not what was done to a carrier of the same name.
func auditOfOneAccount(t *testing.T, open Opener) {
	w := newWorld(t, open)
	w.deed("carrier add", "acme", "smpp://192.0.2.1")
	w.deed("route add", "acme", "")
	w.deed("key create", "other", "")
	w.deed("account credit", "acme", "+10 €")
	w.deed("user invite", "acme", "")
	if lines := w.audit(store.AuditPage{Account: "acme", Limit: 9}); len(lines) != 2 || lines[0].Action != "user invite" || lines[1].Action != "account credit" {
		t.Errorf("of the account: %+v", lines)
	}
	if lines := w.audit(store.AuditPage{Limit: 9}); len(lines) != 5 {
		t.Errorf("of everything: %+v", lines)
	}
}

// auditWithoutAName: who knows an account by its id only leaves its line where the account finds it.
func auditWithoutAName(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(0)
	hook := &sms.Webhook{ID: "whk_1", URL: "https://example.com/sms", Secret: []byte("secret")}
	if err := w.SaveWebhook(context.Background(), store.Deed{Actor: "outbox", Action: "webhook disable"}, account,
		func(*sms.Webhook) (*sms.Webhook, error) { return hook, nil }); err != nil {
		t.Fatal(err)
	}
	if lines := w.audit(store.AuditPage{Account: "user1", Limit: 9}); len(lines) == 0 || lines[0].Action != "webhook disable" {
		t.Errorf("lines %+v", lines)
	}
}

// auditByWhom: lines are found by who did it and by what was done.
func auditByWhom(t *testing.T, open Opener) {
	w := newWorld(t, open)
	for _, line := range [...][2]string{{"Ada@example.com", "carrier drain"}, {"bob", "carrier_x"}, {"ada@example.com", "price set"}, {"bob", "carrier set"}} {
		if err := w.Change(context.Background(), line[0], func(tx *store.Tx) error { return tx.Audit(line[1], "north", "") }); err != nil {
			t.Fatal(err)
		}
	}
	for page, want := range map[store.AuditPage]int{
		{Actor: "ADA@"}: 2, {Action: "carrier "}: 2, {Action: "carrier_"}: 1, {Actor: "bob", Action: "carrier set"}: 1, {Actor: "%"}: 0, {Action: "drain"}: 0, {Actor: "ada", Account: "north"}: 1,
	} {
		page.Limit = 10
		if got := w.audit(page); len(got) != want {
			t.Errorf("%+v finds %+v", page, got)
		}
	}
}
