package console

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

func TestSignInAndOut(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	f.person("op@example.com", "", sms.RoleOperator)
	b := f.stranger()
	b.get("/settings/people").leads(t, "/login?next=%2Fsettings%2Fpeople")
	b.get("/login?next=%2Fsettings%2Fpeople").wants(t, http.StatusOK, `value="/settings/people"`, `autocomplete="current-password"`)
	a := b.post("/login", "email", "ada@example.com", "password", "wrong password 1", "next", "/me")
	a.wants(t, http.StatusUnauthorized, "the address or the password is wrong", `value="ada@example.com"`, `value="/me"`)
	a.lacks(t, "wrong password 1")
	a = b.post("/login", "email", "ada@example.com", "password", goodPassword, "next", "/settings/people")
	a.leads(t, "/settings/people")
	cookie := a.cookie(t, sessionCookie)
	if !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || !strings.HasPrefix(cookie.Name, "__Host-") {
		t.Errorf("%+v", cookie)
	}
	if life := time.Duration(cookie.MaxAge) * time.Second; life < 6*24*time.Hour || life > 7*24*time.Hour {
		t.Errorf("it is kept for %v", life)
	}
	b.get("/settings/people").wants(t, http.StatusOK, "ada@example.com")
	b.get("/login").leads(t, "/")
	b.post("/logout").leads(t, "/login")
	b.get("/settings/people").leads(t, "/login?next=%2Fsettings%2Fpeople")
	b.give(sessionCookie, cookie.Value) // a copy is worth nothing any more
	b.get("/settings/people").leads(t, "")
	f.stranger().post("/login", "email", "op@example.com", "password", goodPassword).leads(t, "/operator")
	if text := f.log.String(); strings.Contains(text, goodPassword) || strings.Contains(text, cookie.Value) {
		t.Error("a secret is in the log")
	}
}

func TestNoWayToAnotherSite(t *testing.T) {
	for _, text := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "me", "/me\r\nX: y", "/\t/evil.example", "http:/evil.example"} {
		if next := nextOf(text); next != "" {
			t.Errorf("%q leads to %q", text, next)
		}
	}
	if next := nextOf("/messages?state=failed&q=%2F%2F"); next != "/messages?state=failed&q=%2F%2F" {
		t.Error(next)
	}
}

// Pages answer the same of an address that is known and one that is not.
func TestPagesTellNobodyWhoIsThere(t *testing.T) {
	mail := &post{}
	f := openFolk(t, people.Parts{Mail: mail, URL: "https://sms.example.com"})
	f.person("known1@example.com", "acme", sms.RoleOwner)
	for _, form := range []struct {
		path   string
		values []string
		status int
	}{{"/login", []string{"password", "wrong password 1"}, http.StatusUnauthorized}, {"/forgot", nil, http.StatusOK}} {
		var bodies [2]string
		for i, email := range []string{"known1@example.com", "nobody@example.com"} {
			a := f.stranger().post(form.path, append([]string{"email", email}, form.values...)...)
			a.wants(t, form.status)
			bodies[i] = strings.ReplaceAll(a.body, email, "")
		}
		if bodies[0] != bodies[1] {
			t.Errorf("%s answers\n%s\nand\n%s", form.path, bodies[0], bodies[1])
		}
	}
}

func TestGuessingOnPages(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	b := f.stranger()
	for range 5 {
		b.post("/login", "email", "ada@example.com", "password", "wrong password 1").wants(t, http.StatusUnauthorized)
	}
	a := b.post("/login", "email", "ada@example.com", "password", goodPassword)
	a.wants(t, http.StatusTooManyRequests, "too many tries")
	if a.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After: %q", a.Header.Get("Retry-After"))
	}
	f.clock.pass(time.Second)
	b.post("/login", "email", "ada@example.com", "password", goodPassword).leads(t, "/")
}

// Forms of other sites change nothing, whoever is signed in.
func TestFormsOfOtherSites(t *testing.T) {
	f := openFolk(t, people.Parts{})
	ada := f.person("ada@example.com", "acme", sms.RoleOwner)
	f.person("bob@example.com", "acme", sms.RoleOwner)
	b := f.in("ada@example.com")
	for _, path := range []string{"/login", "/login/code", "/setup", "/welcome", "/forgot", "/logout", "/me", "/me/password", "/me/two-factor", "/me/sessions/revoke-others",
		accountPeople, pathOf(accountPeople, ada, "disable"), everybodysPage} {
		for _, headers := range [][]string{{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			b.do(http.MethodPost, path, map[string][]string{}, headers...).wants(t, http.StatusForbidden)
		}
	}
	b.get("/me").wants(t, http.StatusOK, "ada@example.com")
}

func TestSecondStep(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	b := f.in("ada@example.com")
	codes := f.turnOn(b)
	b.post("/logout").leads(t, "")
	b.get("/login/code").leads(t, "/login")
	a := b.post("/login", "email", "ada@example.com", "password", goodPassword, "next", "/me")
	a.leads(t, "/login/code?next=%2Fme")
	if c := a.cookie(t, secondCookie); !c.HttpOnly || !c.Secure || c.MaxAge > 300 {
		t.Errorf("%+v", c)
	}
	b.get("/me").leads(t, "/login?next=%2Fme") // the password alone is not enough
	b.get("/login/code?next=%2Fme").wants(t, http.StatusOK, `autocomplete="one-time-code"`)
	b.post("/login/code", "code", "000000", "next", "/me").wants(t, http.StatusUnprocessableEntity, "is wrong, or was used already")
	b.post("/login/code", "code", codes[0], "next", "/me").leads(t, "/me")
	b.get("/me").wants(t, http.StatusOK, "Recovery codes left: 9.")
	b.post("/logout").leads(t, "")
	b.post("/login", "email", "ada@example.com", "password", goodPassword).leads(t, "/login/code")
	f.clock.pass(6 * time.Minute)
	b.post("/login/code", "code", codes[1]).leads(t, "/login")
	b.get("/login").wants(t, http.StatusOK, "this took too long")
}

func TestSetUpPage(t *testing.T) {
	f := openFolk(t, people.Parts{})
	token, err := f.people.NewSetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := f.stranger()
	b.get("/me").leads(t, "/setup")
	b.get("/login").leads(t, "/setup")
	b.get("/setup").wants(t, http.StatusOK, "Set-up token")
	b.post("/setup", "token", "wrong", "email", "op@example.com", "password", goodPassword).wants(t, http.StatusUnprocessableEntity, "is not the one that serve printed", `value="op@example.com"`)
	b.post("/setup", "token", token, "email", "op@example.com", "password", "short").wants(t, http.StatusUnprocessableEntity, "must have at least 12 characters")
	b.post("/setup", "token", token, "email", "op@example.com", "password", goodPassword).leads(t, "/operator/accounts")
	b.get("/operator/people").wants(t, http.StatusOK, "op@example.com")
	f.stranger().get("/setup").leads(t, "/login")
	f.stranger().post("/setup", "token", token, "email", "eve@example.com", "password", goodPassword).leads(t, "/login")
	if strings.Contains(f.log.String(), token) {
		t.Error("the token is in the log")
	}
}

// The token of a link leaves the address at once, and looking at the page uses nothing up.
func TestWelcomePage(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	a := f.in("ada@example.com").post(accountPeople, "email", "bob@example.com", "role", "sender", "language", "it")
	a.wants(t, http.StatusOK, "A link for bob@example.com")
	token := a.tokenOf(t)
	for range 2 {
		b := f.stranger()
		a = b.get("/welcome?token=" + token)
		a.leads(t, "/welcome")
		if c := a.cookie(t, linkCookie); !c.HttpOnly || !c.Secure || c.MaxAge > 15*60 {
			t.Errorf("%+v", c)
		}
		a = b.get("/welcome")
		a.wants(t, http.StatusOK, "Benvenuto", `value="bob@example.com"`)
		a.lacks(t, token)
	}
	b := f.stranger()
	b.get("/welcome?token="+token).leads(t, "/welcome")
	b.post("/welcome", "password", "short").wants(t, http.StatusUnprocessableEntity, "deve avere almeno 12 caratteri")
	b.post("/welcome", "password", goodPassword).leads(t, "/")
	b.get("/me").wants(t, http.StatusOK, "bob@example.com", "La password è impostata.", "Mittente")
	b = f.stranger()
	b.get("/welcome?token="+token).leads(t, "/welcome")
	b.get("/welcome").wants(t, http.StatusNotFound, "This link is over")
	b.post("/welcome", "password", goodPassword).wants(t, http.StatusNotFound)
	f.stranger().get("/welcome").wants(t, http.StatusNotFound)
	if strings.Contains(f.log.String(), token) {
		t.Error("the token is in the log")
	}
}

func TestForgotPage(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.stranger().get("/forgot").wants(t, http.StatusOK, "Ask an owner of your account")
	mailing := openFolk(t, people.Parts{Mail: &post{}, URL: "https://sms.example.com"})
	b := mailing.stranger()
	b.get("/forgot").wants(t, http.StatusOK, "Send a link")
	b.post("/forgot", "email", "no address").wants(t, http.StatusUnprocessableEntity, "must be an email address")
	b.post("/forgot", "email", "ada@example.com").wants(t, http.StatusOK, "a mail with a link is on its way")
	for range 4 {
		b.post("/forgot", "email", "ada@example.com").wants(t, http.StatusOK)
	}
	b.post("/forgot", "email", "ada@example.com").wants(t, http.StatusTooManyRequests, "too many tries")
}

func TestSignOnButton(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	f.stranger().get("/login").lacks(t, "/oidc/start")
	f.stranger().get("/oidc/start").wants(t, http.StatusNotFound)
	away := openFolk(t, people.Parts{URL: "https://sms.example.com", SignOn: &people.SignOnOptions{Issuer: "http://127.0.0.1:1", ClientID: "x", Name: "Example ID"}})
	away.person("ada@example.com", "acme", sms.RoleOwner)
	away.stranger().get("/login").wants(t, http.StatusOK, "Sign in with Example ID", `href="/oidc/start"`)
	away.stranger().get("/oidc/start").wants(t, http.StatusServiceUnavailable)
	b := away.stranger()
	b.get("/oidc/callback?state=x&code=y").leads(t, "/login")
	b.get("/login").wants(t, http.StatusOK, "this took too long")
}

// provider sends somebody back who is known.
type provider struct {
	people *people.Service
	kept   string
}

func (*provider) SignOnName() string { return "Example ID" }

func (p *provider) StartSignOn(context.Context) (url, state string, err error) {
	return "https://id.example.com/authorize?state=s", "kept by the browser", nil
}

func (p *provider) FinishSignOn(ctx context.Context, state string, answer people.SignOnAnswer, from people.From) (people.Entry, error) {
	p.kept = state
	if state == "" || answer.State != "s" || answer.Code != "c" {
		return people.Entry{}, sms.Errorf(sms.Unauthenticated, "this sign-in was not begun in this browser: try again")
	}
	return p.people.Login(ctx, people.Login{Email: "ada@example.com", Password: goodPassword}, from)
}

func TestSignOnAndBack(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleOwner)
	known := &provider{people: f.people}
	served, ok := f.server.Config.Handler.(*Console)
	if !ok {
		t.Fatal("something else is served")
	}
	served.parts.SignOn = known
	b := f.stranger()
	a := b.get("/oidc/start")
	a.leads(t, "https://id.example.com/authorize?state=s")
	if c := a.cookie(t, signOnCookie); !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 600 {
		t.Errorf("%+v", c)
	}
	f.stranger().get("/oidc/callback?state=s&code=c").leads(t, "/login") // of another browser
	b.get("/oidc/callback?state=s&code=c").leads(t, "/")
	if known.kept != "kept by the browser" {
		t.Errorf("kept: %q", known.kept)
	}
	b.get("/me").wants(t, http.StatusOK, "ada@example.com")
	b.post("/logout").leads(t, "/login")
	b.get("/oidc/callback?state=s&code=c").leads(t, "/login") // the cookie is gone
}
