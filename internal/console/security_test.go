package console

import (
	"net/http"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
)

// The browsers of these tests come from 127.0.0.1.

func TestAllowListIsFilledAndTurnedOn(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	b.get("/settings/security").wants(t, http.StatusOK, "The list is empty", "127.0.0.1", "Add my address", "Nobody was refused")
	got := b.redirects(b.post("/settings/security/entries", "cidr", "127.0.0.1"), "/settings/security", "127.0.0.1 is on the list.")
	without(t, got, "Add my address")
	b.redirects(b.post("/settings/security/entries", "cidr", " 203.0.113.77/24 ", "note", "Milan"), "/settings/security", "Milan")
	s.audit("allow-list add", "127.0.0.1/32 203.0.113.0/24")
	b.post("/settings/security/entries", "cidr", "nowhere", "note", "kept").wants(t, http.StatusUnprocessableEntity, "must be an IPv4 or IPv6 address", "kept")
	b.redirects(b.post("/settings/security/switch", "to", "on"), "/settings/security", "The list is on")
	s.audit("allow-list on", "enabled true")
	b.redirects(b.post("/settings/security/entries/remove", "cidr", "203.0.113.0/24"), "/settings/security", "is off the list")
	s.audit("allow-list remove", "enabled true: 127.0.0.1/32")
	b.redirects(b.post("/settings/security/switch", "to", "off"), "/settings/security", "The list is off")
	s.audit("allow-list off", "enabled false")
	if other := s.account("other").AllowList; len(other.Entries) != 0 || other.Enabled {
		t.Errorf("the list of the other account: %+v", other)
	}
}

// TestLockedOutAndBack: nobody shuts themselves out without saying so, and the refused address is let in by one click.
func TestLockedOutAndBack(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	key := b.post("/settings/keys", "name", "shop", "operation", "SMS", "lifetime", "never").value(t, shownKey)
	b.post("/settings/security/switch", "to", "on").wants(t, http.StatusConflict, "shut out your own address", "nobody at all would get in", `name="force" value="yes"`)
	b.post("/settings/security/entries", "cidr", "203.0.113.0/24")
	b.post("/settings/security/switch", "to", "on").wants(t, http.StatusConflict, "You are at 127.0.0.1", `name="to" value="on"`)
	if s.account("acme").AllowList.Enabled {
		t.Fatal("the list was turned on without confirmation")
	}
	b.redirects(b.post("/settings/security/switch", "to", "on", "force", "yes"), "/settings/security", "The list is on")
	for range 3 {
		if err := s.enter(key, "127.0.0.1"); sms.CodeOf(err) != sms.Forbidden {
			t.Errorf("from here: %v", err)
		}
	}
	page := b.get("/settings/security")
	page.wants(t, http.StatusOK, "The account&#39;s list does not have the address", "Allow this address", key[:21])
	b.redirects(b.post("/settings/security/entries", "cidr", "127.0.0.1"), "/settings/security", "is on the list")
	if err := s.enter(key, "127.0.0.1"); err != nil {
		t.Errorf("let in again: %v", err)
	}
	page = b.get("/settings/security")
	page.wants(t, http.StatusOK, "<td class=\"number\">3\u00a0×</td>")
	without(t, page, "Allow this address")
	b.post("/settings/security/entries/remove", "cidr", "127.0.0.1").wants(t, http.StatusConflict, "shut out your own address")
}

func TestTryOut(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleDeveloper)
	b.post("/settings/security/entries", "cidr", "203.0.113.0/24", "note", "Milan")
	b.post("/settings/security/switch", "to", "on", "force", "yes")
	value := b.post("/settings/keys", "name", "narrow", "operation", "SMS", "lifetime", "never", "addresses", "203.0.113.8").value(t, shownKey)
	id := strings.TrimPrefix(value[:21], "stf_live_")
	b.get("/settings/security?address=203.0.113.9").wants(t, http.StatusOK, "Yes: 203.0.113.9 would get in", "Entry 203.0.113.0/24 (Milan).")
	b.get("/settings/security?address=198.51.100.1").wants(t, http.StatusOK, "No: 198.51.100.1 would be refused. The account&#39;s list does not have the address.")
	b.get("/settings/security?address=203.0.113.9&key="+id).wants(t, http.StatusOK, "The key&#39;s own list does not have the address")
	b.get("/settings/security?address=203.0.113.8&key="+id).wants(t, http.StatusOK, "Yes: 203.0.113.8 would get in", "Entry 203.0.113.8.")
	b.get("/settings/security?address=everywhere").wants(t, http.StatusUnprocessableEntity, "must be an IPv4 or IPv6 address", `value="everywhere"`)
	_, foreign, err := s.settings.CreateKey(t.Context(), settings.By{Actor: "test"}, s.account("other"), settings.KeyRequest{Name: "theirs"})
	if err != nil {
		t.Fatal(err)
	}
	b.get("/settings/security?address=203.0.113.9&key="+foreign.ID).wants(t, http.StatusNotFound)
	without(t, b.get("/settings/security"), "theirs")
}

// TestRefusalsOfOthers: nobody reads who was refused elsewhere.
func TestRefusalsOfOthers(t *testing.T) {
	s := openSettings(t)
	value, key, err := s.settings.CreateKey(t.Context(), settings.By{Actor: "test"}, s.account("other"), settings.KeyRequest{Name: "theirs"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.settings.RevokeKey(t.Context(), settings.By{Actor: "test"}, s.account("other"), key.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.enter(value, "198.51.100.99"); sms.CodeOf(err) != sms.Unauthenticated {
		t.Fatal(err)
	}
	without(t, s.as(sms.RoleOwner).get("/settings/security"), "198.51.100.99")
}

func TestAuditLogOfAnAccount(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	for range auditOnPage + 5 {
		b.post("/settings/security/entries", "cidr", "203.0.113.7")
	}
	if _, _, err := s.settings.CreateKey(t.Context(), settings.By{Actor: "somebody else"}, s.account("other"), settings.KeyRequest{Name: "theirs"}); err != nil {
		t.Fatal(err)
	}
	first := b.get("/settings/audit")
	first.wants(t, http.StatusOK, "allow-list add", "owner@example.com", "Older")
	without(t, first, "somebody else", "account create")
	older := between(t, first.body, `href="/settings/audit?before=`, `"`)
	last := b.get("/settings/audit?before=" + older)
	last.wants(t, http.StatusOK, "account create", "Newer")
	without(t, last, "Older")
	b.get("/settings/audit?before=x").wants(t, http.StatusUnprocessableEntity)
}

// between is the text between two others.
func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, before)
	if !found {
		t.Fatalf("there is no %q in\n%s", before, text)
	}
	found2, _, _ := strings.Cut(rest, after)
	return found2
}
