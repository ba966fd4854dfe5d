package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

func TestOwnersPeople(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	bob := f.person("bob@example.com", "acme", sms.RoleSender)
	f.person("eve@example.com", "other", sms.RoleOwner)
	b := f.in("ada@example.com")
	page := b.get(accountPeople)
	page.wants(t, http.StatusOK, "ada@example.com", "bob@example.com", "Sender")
	page.lacks(t, "eve@example.com", "other", `value="operator"`)
	b.get(pathOf(accountPeople, bob, "")).wants(t, http.StatusOK, "bob@example.com", "Keep out")

	bobs := f.in("bob@example.com")
	bobs.get(accountPeople).wants(t, http.StatusForbidden)
	b.post(pathOf(accountPeople, bob, "role"), "role", "owner").leads(t, pathOf(accountPeople, bob, ""))
	bobs.get(accountPeople).wants(t, http.StatusOK) // in force at once
	b.post(pathOf(accountPeople, bob, "role"), "role", "operator").wants(t, http.StatusUnprocessableEntity, "must be owner, developer, sender or viewer")
	b.post(pathOf(accountPeople, bob, "disable")).leads(t, pathOf(accountPeople, bob, ""))
	bobs.get("/me").leads(t, "/login?next=%2Fme")
	b.get(pathOf(accountPeople, bob, "")).wants(t, http.StatusOK, "Kept out", "Let in again")
	b.post(pathOf(accountPeople, bob, "link")).wants(t, http.StatusConflict)
	b.post(pathOf(accountPeople, bob, "enable")).leads(t, "")
	bobs = f.in("bob@example.com")
	b.post(pathOf(accountPeople, bob, "sign-out")).leads(t, "")
	bobs.get("/me").leads(t, "/login?next=%2Fme")

	reset := b.post(pathOf(accountPeople, bob, "link"))
	reset.wants(t, http.StatusOK, "A link for bob@example.com", "Good until:", f.server.URL+"/welcome?token=")
	b.get(pathOf(accountPeople, bob, "")).lacks(t, reset.tokenOf(t))
	b.post(pathOf(accountPeople, bob, "remove"), "email", "ada@example.com").wants(t, http.StatusUnprocessableEntity, "is not the address of this person")
	b.post(pathOf(accountPeople, bob, "remove"), "email", "bob@example.com").leads(t, accountPeople)
	b.get(pathOf(accountPeople, bob, "")).wants(t, http.StatusNotFound)
	for action, n := range map[string]int{"user role": 1, "user disable": 1, "user enable": 1, "user sign-out": 1, "user link": 1, "user remove": 1} {
		if got := f.audited("ada@example.com", action, "acme bob@example.com"); got != n {
			t.Errorf("%s: %d lines in the audit log", action, got)
		}
	}
}

func TestLastOwnerOnThePage(t *testing.T) {
	f := openFolk(t, people.Parts{})
	ada := f.person("ada@example.com", "acme", sms.RoleOwner)
	b := f.in("ada@example.com")
	b.get(pathOf(accountPeople, ada, "")).lacks(t, "Keep out", "Remove for good")
	b.post(pathOf(accountPeople, ada, "role"), "role", "viewer").wants(t, http.StatusConflict, "the last owner of an account stays")
	b.post(pathOf(accountPeople, ada, "disable")).wants(t, http.StatusConflict, "you cannot do this to yourself")
	b.post(pathOf(accountPeople, ada, "remove"), "email", "ada@example.com").wants(t, http.StatusConflict, "you cannot do this to yourself")
}

// What belongs to another account is not found, by whatever way it is asked for.
func TestForeignPeopleAreNotFound(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	eve := f.person("eve@example.com", "other", sms.RoleOwner)
	operator := f.person("op@example.com", "", sms.RoleOperator)
	b := f.in("ada@example.com")
	for _, p := range []sms.Person{eve, operator, {ID: 999}} {
		b.get(pathOf(accountPeople, p, "")).wants(t, http.StatusNotFound)
		for _, step := range []string{"role", "link", "disable", "enable", "sign-out", "two-factor-off", "remove"} {
			b.post(pathOf(accountPeople, p, step), "role", "viewer", "email", p.Email).wants(t, http.StatusNotFound)
		}
		b.get(pathOf(everybodysPage, p, "")).wants(t, http.StatusNotFound)
		b.post(pathOf(everybodysPage, p, "disable")).wants(t, http.StatusNotFound)
	}
	b.get(accountPeople+"/x").wants(t, http.StatusNotFound)
	b.get(everybodysPage).wants(t, http.StatusNotFound)
	b.post(accountPeople, "email", "new@example.com", "role", "operator").wants(t, http.StatusUnprocessableEntity)
	a := b.post(accountPeople, "email", "eve@example.com", "role", "viewer")
	a.wants(t, http.StatusConflict, "cannot be invited: ask the operator of the platform")
	a.lacks(t, "is taken")
}

func TestOperatorsPeople(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("op@example.com", "", sms.RoleOperator)
	ada := f.person("ada@example.com", "acme", sms.RoleOwner)
	f.person("eve@example.com", "other", sms.RoleOwner)
	b := f.in("op@example.com")
	b.get(everybodysPage).wants(t, http.StatusOK, "op@example.com", "ada@example.com", "eve@example.com", "acme")
	page := b.get(everybodysPage + "?q=ACME")
	page.wants(t, http.StatusOK, "ada@example.com")
	page.lacks(t, "eve@example.com")
	b.get(everybodysPage+"?q=nobody").wants(t, http.StatusOK, "Nobody found")
	b.post(everybodysPage, "email", "op2@example.com", "role", "operator").wants(t, http.StatusOK, "A link for op2@example.com")
	b.post(everybodysPage, "email", "bob@example.com", "role", "viewer", "account", "acme").wants(t, http.StatusOK, "A link for bob@example.com")
	b.post(everybodysPage, "email", "x@example.com", "role", "viewer", "account", "nowhere").wants(t, http.StatusUnprocessableEntity, "there is no such account")
	b.post(everybodysPage, "email", "x@example.com", "role", "operator", "account", "acme").wants(t, http.StatusUnprocessableEntity, "must be empty for an operator")
	b.post(everybodysPage, "email", "ada@example.com", "role", "viewer", "account", "acme").wants(t, http.StatusConflict, "is taken")

	codes := f.turnOn(f.in("ada@example.com"))
	if len(codes) == 0 {
		t.Fatal("no codes")
	}
	b.post(pathOf(everybodysPage, ada, "two-factor-off")).leads(t, pathOf(everybodysPage, ada, ""))
	f.in("ada@example.com")
	b.post("/operator/act", "account", "acme").leads(t, "/")
	b.get(accountPeople).wants(t, http.StatusOK, "ada@example.com")
	b.get(accountPeople).lacks(t, "eve@example.com")
	b.get(everybodysPage).wants(t, http.StatusOK, "eve@example.com") // still an operator
}

func TestInvitationsByMail(t *testing.T) {
	mail := &post{}
	f := openFolk(t, people.Parts{Mail: mail, URL: "https://sms.example.com"})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	b := f.in("ada@example.com")
	b.post(accountPeople, "email", "bob@example.com", "role", "viewer").leads(t, accountPeople)
	b.get(accountPeople).wants(t, http.StatusOK, "A link was mailed to bob@example.com.", "Invited")
	if len(mail.mails) != 1 || !strings.Contains(mail.mails[0], "https://sms.example.com/welcome?token=") {
		t.Errorf("%q", mail.mails)
	}
	mail.fail = true
	b.post(accountPeople, "email", "cleo@example.com", "role", "viewer").wants(t, http.StatusOK, "A link for cleo@example.com")
}

// Another node's change is seen here within two seconds.
func TestRevokedElsewhereIsOut(t *testing.T) {
	f := openFolk(t, people.Parts{})
	p := f.person("ada@example.com", "acme", sms.RoleOwner)
	b := f.in("ada@example.com")
	b.get("/me").wants(t, http.StatusOK)
	node, err := people.New(people.Parts{Store: f.store, Accounts: f.directory, Passwords: auth.NewPasswords(), Secret: secret, Now: f.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	if err := node.SignOut(t.Context(), everybody, p.ID); err != nil {
		t.Fatal(err)
	}
	f.clock.pass(2 * time.Second)
	b.get("/me").leads(t, "/login?next=%2Fme")
}

func TestManyPeople(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("op@example.com", "", sms.RoleOperator)
	for i := range mostPeople {
		n := people.NewPerson{Email: fmt.Sprintf("p%03d@example.com", i), Account: f.account("acme").ID, Role: sms.RoleViewer}
		if _, err := f.people.Invite(t.Context(), everybody, n); err != nil {
			t.Fatal(err)
		}
	}
	b := f.in("op@example.com")
	page := b.get(everybodysPage)
	page.wants(t, http.StatusOK, "There are more", "p198@example.com")
	page.lacks(t, "p199@example.com")
	if len(page.body) > 150_000 {
		t.Errorf("%d octets", len(page.body))
	}
	b.get(everybodysPage+"?q=p199").wants(t, http.StatusOK, "p199@example.com")
}
