package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var personTests = map[string]func(*testing.T, Opener){
	"life":        personLife,
	"one address": personAddress,
	"last one":    personLast,
	"removed":     personRemoved,
	"links":       personLinks,
	"set-up":      personSetUp,
	"sessions":    personSessions,
	"codes":       personCodes,
	"identities":  personIdentities,
}

var byTest = store.Deed{Actor: "test", Action: "user", Target: "t", Detail: "d"}

// person makes one.
func (w *world) person(email string, account sms.AccountID, role sms.Role) sms.Person {
	w.t.Helper()
	p, err := w.CreatePerson(context.Background(), byTest, store.NewPerson{Person: sms.Person{Email: email, Account: account, Role: role, Hash: "hash"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) changed(c store.PersonChange) sms.Person {
	w.t.Helper()
	p, err := w.ChangePerson(context.Background(), byTest, c)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func personLife(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	account := w.account(0)
	p := w.person("a@example.com", account, sms.RoleSender)
	want := p
	want.Name, want.Role, want.Language, want.Hash = "Ada", sms.RoleViewer, "it", "other"
	want.TOTP = sms.TOTP{Secret: []byte{1, 0, 255}, On: true, Step: 7}
	w.changed(store.PersonChange{Person: p.ID, Change: func(q *sms.Person) error { *q = want; return nil }})
	w.restart()
	got, err := w.Person(ctx, p.ID)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s, error %v", diff, err)
	}
	if n := w.rows(`SELECT COUNT(*) FROM person WHERE totp_secret = ?`, []byte{1, 0, 255}); n != 0 {
		t.Error("the secret of the second factor is not sealed")
	}
	operator := w.person("o@example.com", 0, sms.RoleOperator)
	for account, want := range map[sms.AccountID]sms.PersonID{account: p.ID, 0: operator.ID} {
		people, err := w.People(ctx, account)
		if err != nil || len(people) != 1 || people[0].ID != want {
			t.Errorf("%+v, error %v", people, err)
		}
	}
	if all, err := w.EveryPerson(ctx); err != nil || len(all) != 2 || all[0].ID != operator.ID {
		t.Errorf("%+v, error %v", all, err)
	}
	if n := w.rows(`SELECT COUNT(*) FROM audit WHERE action = 'user' AND actor = 'test'`); n != 3 {
		t.Errorf("%d lines in the audit log", n)
	}
}

func personAddress(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	account := w.account(0)
	p := w.person("a@example.com", account, sms.RoleOwner)
	_, err := w.CreatePerson(ctx, byTest, store.NewPerson{Person: sms.Person{Email: "a@example.com", Role: sms.RoleOperator}})
	w.wantCode(err, sms.Conflict)
	if got, err := w.PersonAt(ctx, "a@example.com"); err != nil || got.ID != p.ID {
		t.Errorf("%+v, error %v", got, err)
	}
	_, err = w.PersonAt(ctx, "b@example.com")
	w.wantCode(err, sms.NotFound)
	if any, err := w.AnyPerson(ctx); !any || err != nil {
		t.Error(any, err)
	}
}

func personLast(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	account, other := w.account(0), w.account(0)
	w.person("elsewhere@example.com", other, sms.RoleOwner)
	first, operator := w.person("a@example.com", account, sms.RoleOwner), w.person("o@example.com", 0, sms.RoleOperator)
	w.person("v@example.com", account, sms.RoleViewer)
	demote := func(p *sms.Person) error { p.Role = sms.RoleViewer; return nil }
	disable := func(p *sms.Person) error { p.Disabled = true; return nil }
	for _, change := range []store.PersonChange{{Person: first.ID, Change: demote}, {Person: first.ID, Change: disable}, {Person: operator.ID, Change: disable}} {
		_, err := w.ChangePerson(ctx, byTest, change)
		w.wantCode(err, sms.Conflict)
	}
	w.wantCode(w.RemovePerson(ctx, byTest, first.ID), sms.Conflict)
	w.wantCode(w.RemovePerson(ctx, byTest, operator.ID), sms.Conflict)
	second := w.person("b@example.com", account, sms.RoleOwner)
	w.changed(store.PersonChange{Person: first.ID, Change: disable})
	w.wantCode(w.RemovePerson(ctx, byTest, second.ID), sms.Conflict) // the first one cannot sign in
	if err := w.RemovePerson(ctx, byTest, first.ID); err != nil {
		t.Error(err)
	}
}

func personRemoved(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	account := w.account(0)
	p := w.person("a@example.com", account, sms.RoleSender)
	w.session(p, "s", later(time.Hour))
	codes := []string{"c"}
	w.changed(store.PersonChange{Person: p.ID, Codes: &codes, Identity: &sms.Identity{Issuer: "i", Subject: "s"}})
	if err := w.SaveLink(ctx, byTest, link(p, sms.LinkReset, "l")); err != nil {
		t.Fatal(err)
	}
	if err := w.RemovePerson(ctx, byTest, p.ID); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"person", "console_session", "one_time_link", "recovery_code", "person_identity"} {
		if n := w.rows(`SELECT COUNT(*) FROM ` + table); n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	w.wantCode(w.RemovePerson(ctx, byTest, p.ID), sms.NotFound)
	if again := w.person("a@example.com", account, sms.RoleSender); again.ID <= p.ID {
		t.Errorf("the id %d was given again as %d", p.ID, again.ID)
	}
}

func link(p sms.Person, kind sms.LinkKind, id string) sms.OneTimeLink {
	return sms.OneTimeLink{ID: id, Kind: kind, Person: p.ID, Created: later(0), Expires: later(time.Hour)}
}

func personLinks(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	account := w.account(0)
	invite := link(sms.Person{}, sms.LinkInvite, "one")
	p, err := w.CreatePerson(ctx, byTest, store.NewPerson{Person: sms.Person{Email: "a@example.com", Account: account, Role: sms.RoleViewer}, Link: &invite})
	if err != nil {
		t.Fatal(err)
	}
	other := w.person("b@example.com", account, sms.RoleViewer)
	got, err := w.Link(ctx, "one")
	invite.Person = p.ID
	if diff := cmp.Diff(invite, got); diff != "" || err != nil {
		t.Errorf("%s, error %v", diff, err)
	}
	if read, err := w.Person(ctx, p.ID); err != nil || !read.Invited.Equal(invite.Expires) {
		t.Errorf("%+v, error %v", read, err)
	}
	if err := w.SaveLink(ctx, byTest, link(p, sms.LinkInvite, "two")); err != nil { // in place of the first
		t.Fatal(err)
	}
	_, err = w.Link(ctx, "one")
	w.wantCode(err, sms.NotFound)
	use := func(who sms.Person, id string, at time.Time) error {
		_, err := w.ChangePerson(ctx, byTest, store.PersonChange{Person: who.ID, Link: id, At: at, Change: func(p *sms.Person) error { p.Hash = "set"; return nil }})
		return err
	}
	w.wantCode(use(other, "two", later(0)), sms.NotFound)
	w.wantCode(use(p, "two", later(2*time.Hour)), sms.NotFound)
	if err := use(p, "two", later(0)); err != nil {
		t.Fatal(err)
	}
	w.wantCode(use(p, "two", later(0)), sms.NotFound)
	if read, err := w.Person(ctx, p.ID); err != nil || read.Hash != "set" || !read.Invited.IsZero() {
		t.Errorf("%+v, error %v", read, err)
	}
}

func personSetUp(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	for _, id := range []string{"node one", "node two"} {
		if err := w.SaveLink(ctx, byTest, link(sms.Person{}, sms.LinkSetUp, id)); err != nil {
			t.Fatal(err)
		}
	}
	first := func(email, id string) error {
		_, err := w.CreatePerson(ctx, byTest, store.NewPerson{Person: sms.Person{Email: email, Role: sms.RoleOperator}, First: id})
		return err
	}
	w.wantCode(first("a@example.com", "wrong"), sms.NotFound)
	if err := first("a@example.com", "node one"); err != nil {
		t.Fatal(err)
	}
	w.wantCode(first("b@example.com", "node two"), sms.NotFound) // somebody is there
}

// session starts one.
func (w *world) session(p sms.Person, id string, expires time.Time) sms.ConsoleSession {
	w.t.Helper()
	c := sms.ConsoleSession{ID: id, Person: p.ID, Created: later(0), Seen: later(0), Expires: expires, Address: "2001:db8::1", Agent: "à"}
	if err := w.StartSession(context.Background(), byTest, c); err != nil {
		w.t.Fatal(err)
	}
	return c
}

func personSessions(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	account := w.account(0)
	p, other := w.person("a@example.com", account, sms.RoleOwner), w.person("b@example.com", account, sms.RoleOwner)
	want := w.session(p, "one", later(time.Hour))
	got, person, err := w.Session(ctx, "one")
	if diff := cmp.Diff(want, got); diff != "" || err != nil || person.ID != p.ID || !person.LastLogin.Equal(want.Created) {
		t.Errorf("%s, %+v, error %v", diff, person, err)
	}
	if err := w.TouchSession(ctx, "one", later(time.Minute), later(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := w.ActAs(ctx, byTest, "one", account); err != nil {
		t.Fatal(err)
	}
	got, _, err = w.Session(ctx, "one")
	if err != nil || got.Acting != account || !got.Seen.After(want.Seen) || !got.Expires.After(want.Expires) {
		t.Errorf("%+v, error %v", got, err)
	}
	w.session(p, "two", later(time.Hour))
	w.session(p, "three", later(time.Millisecond)) // over when the next one begins
	w.wantCode(w.EndSession(ctx, byTest, other.ID, "two"), sms.NotFound)
	w.session(other, "four", later(time.Hour))
	ids := func(who sms.Person) (ids []string) {
		sessions, err := w.Sessions(ctx, who.ID, later(30*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sessions {
			ids = append(ids, s.ID)
		}
		return ids
	}
	if got := ids(p); !slices.Equal(got, []string{"one", "two"}) {
		t.Error(got)
	}
	w.changed(store.PersonChange{Person: p.ID, SignOut: true, But: "two"})
	if got := ids(p); !slices.Equal(got, []string{"two"}) {
		t.Error(got)
	}
	if err := w.EndSession(ctx, byTest, p.ID, "two"); err != nil || len(ids(p)) != 0 || len(ids(other)) != 1 {
		t.Errorf("%v %v, error %v", ids(p), ids(other), err)
	}
	w.changed(store.PersonChange{Person: p.ID, Change: func(p *sms.Person) error { p.Disabled = true; return nil }})
	w.wantCode(w.StartSession(ctx, byTest, sms.ConsoleSession{ID: "five", Person: p.ID, Created: later(0)}), sms.NotFound)
}

func personCodes(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	p := w.person("a@example.com", w.account(0), sms.RoleOwner)
	codes := []string{"x", "y"}
	w.changed(store.PersonChange{Person: p.ID, Codes: &codes})
	for _, step := range []struct {
		code string
		want bool
		left int
	}{{"z", false, 2}, {"x", true, 1}, {"x", false, 1}} {
		taken, err := w.TakeRecoveryCode(ctx, byTest, p.ID, step.code)
		left, counted := w.RecoveryCodes(ctx, p.ID)
		if taken != step.want || left != step.left || err != nil || counted != nil {
			t.Errorf("%+v: %v, %d left, errors %v, %v", step, taken, left, err, counted)
		}
	}
	for _, step := range []struct {
		step int64
		want bool
	}{{5, true}, {5, false}, {4, false}, {6, true}} {
		if taken, err := w.TakeCode(ctx, p.ID, step.step); taken != step.want || err != nil {
			t.Errorf("%+v: %v, error %v", step, taken, err)
		}
	}
}

func personIdentities(t *testing.T, open Opener) {
	w, ctx := newWorld(t, open), context.Background()
	p := w.person("a@example.com", w.account(0), sms.RoleOwner)
	who := sms.Identity{Issuer: "https://id.example.com", Subject: "1"}
	w.changed(store.PersonChange{Person: p.ID, Identity: &who})
	if got, err := w.PersonIdentified(ctx, who); err != nil || got.ID != p.ID {
		t.Errorf("%+v, error %v", got, err)
	}
	second := sms.Identity{Issuer: who.Issuer, Subject: "2"}
	_, err := w.PersonIdentified(ctx, second)
	w.wantCode(err, sms.NotFound)
	_, err = w.ChangePerson(ctx, byTest, store.PersonChange{Person: p.ID, Identity: &second})
	w.wantCode(err, sms.Conflict)
	other := w.person("b@example.com", 0, sms.RoleOperator)
	_, err = w.ChangePerson(ctx, byTest, store.PersonChange{Person: other.ID, Identity: &who})
	w.wantCode(err, sms.Conflict)
}
