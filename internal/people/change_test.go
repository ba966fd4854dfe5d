package people

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestInvitation(t *testing.T) {
	w := newWorld(t)
	w.At("https://sms.example.com/")
	link, err := w.Invite(t.Context(), everybody, NewPerson{Email: "Ada@Example.com", Name: "Ada", Account: w.account, Role: sms.RoleSender})
	w.do(err)
	if link.URL != "https://sms.example.com/welcome?token="+link.Token || link.Mailed {
		t.Errorf("%+v", link)
	}
	guest, err := w.Guest(t.Context(), link.Token)
	if err != nil || guest != (Guest{Email: "ada@example.com", Name: "Ada", Kind: sms.LinkInvite}) {
		t.Errorf("%+v, error %v", guest, err)
	}
	_, err = w.Welcome(t.Context(), link.Token, "short", here)
	wantField(t, err, "password")
	entry, err := w.Welcome(t.Context(), link.Token, goodPassword, here)
	w.do(err)
	if s := w.session(entry.Token); s.Person.Email != "ada@example.com" || s.Role() != sms.RoleSender {
		t.Errorf("%+v", s)
	}
	for _, over := range []string{link.Token, "", "x"} {
		_, err = w.Welcome(t.Context(), over, goodPassword, here)
		wantCode(t, err, sms.NotFound)
		_, err = w.Guest(t.Context(), over)
		wantCode(t, err, sms.NotFound)
	}
	w.in("ada@example.com")
}

func TestLinksGrowOld(t *testing.T) {
	w := newWorld(t)
	link, err := w.Invite(t.Context(), everybody, NewPerson{Email: "ada@example.com", Account: w.account, Role: sms.RoleSender})
	w.do(err)
	w.pass(inviteLife)
	_, err = w.Welcome(t.Context(), link.Token, goodPassword, here)
	wantCode(t, err, sms.NotFound)
	again, err := w.NewLink(t.Context(), everybody, link.Person.ID)
	w.do(err)
	w.pass(inviteLife - time.Minute)
	_, err = w.Welcome(t.Context(), again.Token, goodPassword, here)
	w.do(err)
	reset, err := w.NewLink(t.Context(), everybody, link.Person.ID)
	w.do(err)
	w.pass(resetLife)
	_, err = w.Welcome(t.Context(), reset.Token, goodPassword, here)
	wantCode(t, err, sms.NotFound)
}

// A reset ends sessions, and does not go around the second factor.
func TestReset(t *testing.T) {
	w := newWorld(t)
	p := w.person("ada@example.com", w.account, sms.RoleOwner)
	token, session := w.in("ada@example.com")
	secret, _ := w.enrolled(session)
	first, err := w.NewLink(t.Context(), everybody, p.ID)
	w.do(err)
	second, err := w.NewLink(t.Context(), everybody, p.ID)
	w.do(err)
	_, err = w.Welcome(t.Context(), first.Token, "another harbour 7", here)
	wantCode(t, err, sms.NotFound)
	entry, err := w.Welcome(t.Context(), second.Token, "another harbour 7", here)
	if err != nil || entry.Token != "" || entry.Pending == "" {
		t.Fatalf("%+v, error %v", entry, err)
	}
	_, err = w.SessionOf(t.Context(), token)
	wantCode(t, err, sms.Unauthenticated)
	if _, err = w.SecondFactor(t.Context(), entry.Pending, totpCode(secret, stepAt(w.now())+1), here); err != nil {
		t.Error(err)
	}
	third, err := w.NewLink(t.Context(), everybody, p.ID)
	w.do(err)
	w.person("bob@example.com", w.account, sms.RoleOwner)
	w.do(w.SetDisabled(t.Context(), everybody, p.ID, true))
	_, err = w.Welcome(t.Context(), third.Token, goodPassword, here)
	wantCode(t, err, sms.NotFound)
	_, err = w.NewLink(t.Context(), everybody, p.ID)
	wantCode(t, err, sms.Conflict)
}

// An owner touches the people of their account only, and makes no operator; the others nobody.
func TestWhoMayTouchWhom(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.person("ada@example.com", w.account, sms.RoleOwner)
	foreign := w.person("eve@example.com", w.other, sms.RoleOwner)
	operator := w.person("op@example.com", 0, sms.RoleOperator)
	_, ada := w.in("ada@example.com")
	by := ada.By()
	if _, err := w.Create(ctx, by, NewPerson{Email: "bob@example.com", Account: w.account, Role: sms.RoleViewer, Password: goodPassword}); err != nil {
		t.Error(err)
	}
	for _, n := range []NewPerson{{Account: w.other, Role: sms.RoleViewer}, {Role: sms.RoleOperator}} {
		n.Email = "new@example.com"
		_, err := w.Invite(ctx, by, n)
		wantCode(t, err, sms.Forbidden)
	}
	_, err := w.Invite(ctx, by, NewPerson{Email: "new@example.com", Account: w.account, Role: sms.RoleOperator})
	wantField(t, err, "role")
	for _, id := range []sms.PersonID{foreign.ID, operator.ID, 12345} {
		_, linked := w.NewLink(ctx, by, id)
		_, listed := w.SessionsOf(ctx, by, id)
		for _, err := range []error{linked, listed, w.ChangeRole(ctx, by, id, sms.RoleViewer), w.SetDisabled(ctx, by, id, true), w.Remove(ctx, by, id),
			w.TwoFactorOff(ctx, by, id), w.SignOut(ctx, by, id)} {
			wantCode(t, err, sms.NotFound)
		}
	}
	people, err := w.List(ctx, by)
	if err != nil || len(people) != 2 || people[0].Email != "ada@example.com" || people[1].Email != "bob@example.com" {
		t.Errorf("%+v, error %v", people, err)
	}
	_, bob := w.in("bob@example.com")
	_, err = w.List(ctx, bob.By())
	wantCode(t, err, sms.Forbidden)
	wantCode(t, w.SignOut(ctx, bob.By(), ada.Person.ID), sms.NotFound)
	if _, err := w.List(ctx, By{}); err == nil {
		t.Error("nobody in particular sees people")
	}
}

func TestOperatorActsAsAnAccount(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.person("op@example.com", 0, sms.RoleOperator)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	token, op := w.in("op@example.com")
	if op.Account() != 0 || op.Acting() || op.Role() != sms.RoleOperator {
		t.Errorf("%+v", op)
	}
	wantCode(t, w.ActAs(ctx, op, 999), sms.NotFound)
	w.do(w.ActAs(ctx, op, w.account))
	acting := w.session(token)
	if acting.Account() != w.account || !acting.Acting() || acting.Role() != sms.RoleOwner || acting.Actor() != "op@example.com" {
		t.Errorf("%+v", acting)
	}
	if people, err := w.List(ctx, acting.By()); err != nil || len(people) != 1 {
		t.Errorf("%+v, error %v", people, err)
	}
	w.do(w.ActAs(ctx, acting, 0))
	if s := w.session(token); s.Account() != 0 {
		t.Errorf("%+v", s)
	}
	_, ada := w.in("ada@example.com")
	wantCode(t, w.ActAs(ctx, ada, w.other), sms.Forbidden)
	if w.audit("operator act as", "acme", "op@example.com") != 1 || w.audit("operator act as, end", "acme", "op@example.com") != 1 {
		t.Error("acting stands not in the audit log")
	}
}

func TestLastOneStays(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	ada, op := w.person("ada@example.com", w.account, sms.RoleOwner), w.person("op@example.com", 0, sms.RoleOperator)
	wantCode(t, w.ChangeRole(ctx, everybody, ada.ID, sms.RoleViewer), sms.Conflict)
	wantCode(t, w.SetDisabled(ctx, everybody, ada.ID, true), sms.Conflict)
	wantCode(t, w.Remove(ctx, everybody, ada.ID), sms.Conflict)
	wantCode(t, w.Remove(ctx, everybody, op.ID), sms.Conflict)
	w.person("bob@example.com", w.account, sms.RoleOwner)
	_, session := w.in("ada@example.com")
	wantCode(t, w.Remove(ctx, session.By(), ada.ID), sms.Conflict) // not oneself
	w.do(w.Remove(ctx, everybody, ada.ID))
	wantField(t, w.ChangeRole(ctx, everybody, op.ID, sms.RoleOwner), "role")
}

// An owner does not learn whose an address is that is taken elsewhere.
func TestTakenAddress(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	w.person("eve@example.com", w.other, sms.RoleOwner)
	_, ada := w.in("ada@example.com")
	texts := map[string]string{}
	for _, email := range []string{"ada@example.com", "eve@example.com"} {
		_, err := w.Invite(t.Context(), ada.By(), NewPerson{Email: email, Account: w.account, Role: sms.RoleViewer})
		wantCode(t, err, sms.Conflict)
		wantField(t, err, "email")
		texts[email] = err.Error()
	}
	if !strings.Contains(texts["ada@example.com"], "already") || strings.Contains(texts["eve@example.com"], "already") {
		t.Error(texts)
	}
}

func TestWhatAPersonMustBe(t *testing.T) {
	w := newWorld(t)
	for field, n := range map[string]NewPerson{
		"email":    {Email: "no address", Account: w.account, Role: sms.RoleViewer},
		"name":     {Email: "a@example.com", Name: "two\nlines", Account: w.account, Role: sms.RoleViewer},
		"language": {Email: "a@example.com", Language: "tlh", Account: w.account, Role: sms.RoleViewer},
		"role":     {Email: "a@example.com", Role: sms.RoleViewer},
		"password": {Email: "a@example.com", Account: w.account, Role: sms.RoleViewer, Password: "short"},
	} {
		_, err := w.Create(t.Context(), everybody, n)
		wantField(t, err, field)
	}
}

func TestSetUp(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	if needed, err := w.NeedsSetUp(ctx); !needed || err != nil {
		t.Error(needed, err)
	}
	token, err := w.NewSetUp(ctx)
	w.do(err)
	another, err := w.NewSetUp(ctx) // another server on the same database
	w.do(err)
	first := NewPerson{Email: "op@example.com", Password: goodPassword}
	_, err = w.SetUp(ctx, "wrong", first, here)
	wantField(t, err, "token")
	_, err = w.SetUp(ctx, token, NewPerson{Email: "op@example.com", Password: "short"}, here)
	wantField(t, err, "password")
	_, err = w.Welcome(ctx, token, goodPassword, here) // it is no invitation
	wantCode(t, err, sms.NotFound)
	w.pass(setUpLife)
	_, err = w.SetUp(ctx, token, first, here)
	wantField(t, err, "token")
	token, err = w.NewSetUp(ctx)
	w.do(err)
	entry, err := w.SetUp(ctx, token, first, here)
	w.do(err)
	if s := w.session(entry.Token); s.Role() != sms.RoleOperator {
		t.Errorf("%+v", s)
	}
	for _, again := range []string{token, another} {
		if _, err = w.SetUp(ctx, again, NewPerson{Email: "eve@example.com", Password: goodPassword}, here); err == nil {
			t.Error("it was set up twice")
		}
	}
	if token, err := w.NewSetUp(ctx); token != "" || err != nil {
		t.Error("a token is made while there is somebody", err)
	}
}

func TestMail(t *testing.T) {
	w := newWorld(t)
	w.Service = w.service(Parts{Mail: w.mail, URL: "https://sms.example.com"})
	w.person("ada@example.com", w.account, sms.RoleOwner)
	_, ada := w.in("ada@example.com")
	w.do(w.ChangeProfile(t.Context(), ada, "Ada", "it"))
	link, err := w.Invite(t.Context(), ada.By(), NewPerson{Email: "bob@example.com", Account: w.account, Role: sms.RoleViewer})
	w.do(err)
	if !link.Mailed || link.Token != "" || link.URL != "" || len(w.mail.mails) != 1 || !strings.HasPrefix(w.mail.mails[0], "bob@example.com\nYour invitation to sms.example.com\n") {
		t.Errorf("%+v, %q", link, w.mail.mails)
	}
	if _, err := w.Welcome(t.Context(), tokenIn(t, w.mail.mails[0]), goodPassword, here); err != nil {
		t.Error(err)
	}
	w.mail.fail = errors.New("away")
	link, err = w.Invite(t.Context(), ada.By(), NewPerson{Email: "cleo@example.com", Account: w.account, Role: sms.RoleViewer})
	if err != nil || link.Mailed || link.URL == "" {
		t.Errorf("%+v, error %v", link, err)
	}
	w.mail.fail = nil
	if link, err = w.NewLink(t.Context(), everybody, link.Person.ID); err != nil || link.URL == "" { // a command shows its links
		t.Errorf("%+v, error %v", link, err)
	}
}

// A request for a reset is answered before anything is looked up, and leads to a mail only where there is somebody.
func TestRequestReset(t *testing.T) {
	w := newWorld(t)
	w.mail.came = make(chan struct{}, 10)
	w.Service = w.service(Parts{Mail: w.mail, URL: "https://sms.example.com"})
	ada := w.person("ada@example.com", w.account, sms.RoleOwner)
	w.person("bob@example.com", w.account, sms.RoleOwner)
	w.do(w.SetDisabled(t.Context(), everybody, ada.ID, true))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	for _, email := range []string{"nobody@example.com", "ada@example.com", "BOB@example.com"} {
		w.do(w.RequestReset(t.Context(), email, here))
	}
	<-w.mail.came
	stop()
	w.do(<-ended)
	if len(w.mail.mails) != 1 || !strings.HasPrefix(w.mail.mails[0], "bob@example.com\n") {
		t.Errorf("%q", w.mail.mails)
	}
	if _, err := w.Welcome(t.Context(), tokenIn(t, w.mail.mails[0]), "another harbour 7", here); err != nil {
		t.Error(err)
	}
	wantField(t, w.RequestReset(t.Context(), "no address", here), "email")
	for range freeFailures {
		_ = w.RequestReset(t.Context(), "nobody@example.com", here)
	}
	wantCode(t, w.RequestReset(t.Context(), "nobody@example.com", here), sms.Limited)
}
