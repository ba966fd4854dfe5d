package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

var signInRoutes = []route{
	{http.MethodGet, "/login", anyone, (*Console).loginPage},
	{http.MethodPost, "/login", anyone, (*Console).login},
	{http.MethodGet, "/login/code", anyone, (*Console).codePage},
	{http.MethodPost, "/login/code", anyone, (*Console).code},
	{http.MethodGet, "/oidc/start", anyone, (*Console).startSignOn},
	{http.MethodGet, "/oidc/callback", anyone, (*Console).finishSignOn},
	{http.MethodPost, "/logout", yourself, (*Console).logout},
	{http.MethodPost, "/operator/act", operate, (*Console).actAs},
	{http.MethodPost, "/operator/act/stop", operate, (*Console).stopActing},
}

// SignIn lets people in, by password and code.
type SignIn interface {
	Login(ctx context.Context, login people.Login, from people.From) (people.Entry, error)
	SecondFactor(ctx context.Context, pending, code string, from people.From) (people.Entry, error)
	SetUp(ctx context.Context, token string, first people.NewPerson, from people.From) (people.Entry, error)
	Guest(ctx context.Context, token string) (people.Guest, error)
	Welcome(ctx context.Context, token, password string, from people.From) (people.Entry, error)
	RequestReset(ctx context.Context, email string, from people.From) error
	Mails() bool
}

// SignOn lets people in whom a provider of single sign-on knows.
type SignOn interface {
	SignOnName() string
	StartSignOn(ctx context.Context) (url, state string, err error)
	FinishSignOn(ctx context.Context, state string, answer people.SignOnAnswer, from people.From) (people.Entry, error)
}

// What a browser keeps on its way in.
const (
	secondCookie = "__Host-second"
	linkCookie   = "__Host-link"
	signOnCookie = "__Host-sign-on"
)

// caller is from where the person asks.
func (p *page) caller() people.From {
	return people.From{Address: p.from, Agent: p.request.UserAgent()}
}

// enterBy gives the browser its session and leads it on, or asks for the second step.
func (c *Console) enterBy(w http.ResponseWriter, r *http.Request, p *page, entry people.Entry, next string) error {
	if entry.Token == "" {
		setCookie(w, secondCookie, entry.Pending, time.Until(entry.Expires))
		p.redirect(w, r, withNext("/login/code", next))
		return nil
	}
	setCookie(w, sessionCookie, entry.Token, time.Until(entry.Expires))
	dropCookie(w, secondCookie)
	session, err := c.parts.Sessions.SessionOf(r.Context(), entry.Token)
	if err != nil {
		return err
	}
	if next == "" && session.Person.Operator() {
		next = "/operator"
	}
	if next == "" {
		next = "/"
	}
	p.redirect(w, r, next)
	return nil
}

// withNext carries on where somebody wants to go.
func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// nextOf is where somebody wants to go: a page of the console, never another site; empty: nowhere in particular.
func nextOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return ""
	}
	return text
}

// turnedAway splits an error of a form that lets people in: what to say and with which status, or an error that is not about it.
func (p *page) turnedAway(w http.ResponseWriter, err error) (status int, text string, rest error) {
	told, ok := errors.AsType[*sms.Error](err)
	if !ok || told.Code == sms.Internal || told.Code == sms.Unavailable {
		return 0, "", err
	}
	retryAfter(w, told)
	return statusOf(told.Code), p.toldPlainly(told), nil
}

// toldPlainly is an error of a form of one field.
func (p *page) toldPlainly(told *sms.Error) string {
	if len(told.Fields) == 1 {
		return p.T(told.Fields[0].Message)
	}
	return p.T(told.Message)
}

func (c *Console) loginPage(w http.ResponseWriter, r *http.Request, p *page) error {
	next := nextOf(r.URL.Query().Get("next"))
	if p.session.Person.ID != 0 {
		p.redirect(w, r, homeOf(p.session, next))
		return nil
	}
	fresh, err := c.parts.Sessions.NeedsSetUp(r.Context())
	if err != nil {
		return err
	}
	if fresh {
		p.redirect(w, r, "/setup")
		return nil
	}
	return p.render(w, http.StatusOK, templates.Login(p.frame, templates.LoginView{Next: next, SignOn: c.parts.SignOn.SignOnName()}))
}

// homeOf is where somebody begins.
func homeOf(s people.Session, next string) string {
	switch {
	case next != "":
		return next
	case s.Person.Operator() && s.Account() == 0:
		return "/operator"
	}
	return "/"
}

func (c *Console) login(w http.ResponseWriter, r *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	next := nextOf(r.PostFormValue("next"))
	entry, err := c.parts.SignIn.Login(ctx, people.Login{Email: r.PostFormValue("email"), Password: r.PostFormValue("password")}, p.caller())
	if err == nil {
		return c.enterBy(w, r, p, entry, next)
	}
	status, text, err := p.turnedAway(w, err)
	if err != nil {
		return err
	}
	return p.render(w, status, templates.Login(p.frame, templates.LoginView{Email: r.PostFormValue("email"), Next: next, Problem: text, SignOn: c.parts.SignOn.SignOnName()}))
}

func (c *Console) codePage(w http.ResponseWriter, r *http.Request, p *page) error {
	next := nextOf(r.URL.Query().Get("next"))
	if cookieOf(r, secondCookie) == "" {
		p.redirect(w, r, withNext("/login", next))
		return nil
	}
	return p.render(w, http.StatusOK, templates.Code(p.frame, templates.CodeView{Next: next}))
}

func (c *Console) code(w http.ResponseWriter, r *http.Request, p *page) error {
	next := nextOf(r.PostFormValue("next"))
	entry, err := c.parts.SignIn.SecondFactor(r.Context(), cookieOf(r, secondCookie), r.PostFormValue("code"), p.caller())
	if err == nil {
		return c.enterBy(w, r, p, entry, next)
	}
	if sms.CodeOf(err) == sms.Unauthenticated {
		dropCookie(w, secondCookie)
		leaveNotice(w, p.told(err), true)
		p.redirect(w, r, withNext("/login", next))
		return nil
	}
	status, text, err := p.turnedAway(w, err)
	if err != nil {
		return err
	}
	return p.render(w, status, templates.Code(p.frame, templates.CodeView{Next: next, Problem: text}))
}

func (c *Console) startSignOn(w http.ResponseWriter, r *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	to, state, err := c.parts.SignOn.StartSignOn(ctx)
	if err != nil {
		return err
	}
	setCookie(w, signOnCookie, state, 10*time.Minute)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (c *Console) finishSignOn(w http.ResponseWriter, r *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	query := r.URL.Query()
	answer := people.SignOnAnswer{State: query.Get("state"), Code: query.Get("code"), Error: query.Get("error")}
	entry, err := c.parts.SignOn.FinishSignOn(ctx, cookieOf(r, signOnCookie), answer, p.caller())
	dropCookie(w, signOnCookie)
	if err == nil {
		return c.enterBy(w, r, p, entry, "")
	}
	if cause := errors.Unwrap(err); cause != nil {
		c.parts.Log.Warn("single sign-on failed", "error", cause)
	}
	if _, text, rest := p.turnedAway(w, err); rest == nil {
		leaveNotice(w, text, true)
		p.redirect(w, r, "/login")
		return nil
	}
	return err
}

func (c *Console) logout(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.parts.Sessions.Logout(r.Context(), p.session); err != nil {
		return err
	}
	dropCookie(w, sessionCookie)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return p.done(w, r, "/login", p.T("Signed out."))
}

// actAs lets an operator work in an account with an owner's rights; the audit log has it.
func (c *Console) actAs(w http.ResponseWriter, r *http.Request, p *page) error {
	account, ok := c.parts.Directory.AccountNamed(r.PostFormValue("account"))
	if !ok {
		return errNoAccount
	}
	if err := c.parts.Sessions.ActAs(r.Context(), p.session, account.ID); err != nil {
		return err
	}
	return p.done(w, r, "/", p.T("You work in the account %s now.", account.Name))
}

func (c *Console) stopActing(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.parts.Sessions.ActAs(r.Context(), p.session, 0); err != nil {
		return err
	}
	return p.done(w, r, "/operator/accounts", p.T("You have left the account."))
}
