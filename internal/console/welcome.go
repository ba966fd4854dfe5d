package console

import (
	"net/http"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

// welcomeRoutes are the ways in for who has no password: the set-up, one-time links, and asking for one.
var welcomeRoutes = []route{
	{http.MethodGet, "/setup", anyone, (*Console).setUpPage},
	{http.MethodPost, "/setup", anyone, (*Console).setUp},
	{http.MethodGet, "/welcome", anyone, (*Console).welcomePage},
	{http.MethodPost, "/welcome", anyone, (*Console).welcome},
	{http.MethodGet, "/forgot", anyone, (*Console).forgotPage},
	{http.MethodPost, "/forgot", anyone, (*Console).forgot},
}

// linkLife is how long a browser keeps the token of a link that was opened.
const linkLife = 15 * time.Minute

func (c *Console) setUpPage(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.whileFresh(w, r, p, func() error { return p.render(w, http.StatusOK, templates.SetUp(p.frame, templates.SetUpView{})) })
}

// whileFresh does something while there is nobody; afterwards people sign in.
func (c *Console) whileFresh(w http.ResponseWriter, r *http.Request, p *page, do func() error) error {
	fresh, err := c.parts.Sessions.NeedsSetUp(r.Context())
	if err != nil {
		return err
	}
	if !fresh {
		p.redirect(w, r, "/login")
		return nil
	}
	return do()
}

func (c *Console) setUp(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.whileFresh(w, r, p, func() error {
		ctx, cancel := p.context()
		defer cancel()
		first := people.NewPerson{Email: r.PostFormValue("email"), Name: r.PostFormValue("name"), Password: r.PostFormValue("password")}
		entry, err := c.parts.SignIn.SetUp(ctx, r.PostFormValue("token"), first, p.caller())
		if err == nil {
			leaveNotice(w, p.T("The console is set up. Make an account next, and let its people in."), false)
			return c.enterBy(w, r, p, entry, "/operator/accounts")
		}
		return p.formAgain(w, err, func(wrong templates.Errors) error {
			return p.render(w, statusOf(sms.CodeOf(err)), templates.SetUp(p.frame, templates.SetUpView{Email: first.Email, Name: first.Name, Wrong: wrong}))
		})
	})
}

// formAgain shows a form with what is wrong in it; an error that is not about the form is answered as any other.
func (p *page) formAgain(w http.ResponseWriter, err error, show func(wrong templates.Errors) error) error {
	if wrong := p.fields(err); wrong != nil {
		return show(wrong)
	}
	if sms.CodeOf(err) == sms.Limited {
		_, text, _ := p.turnedAway(w, err)
		return show(templates.Errors{"": text})
	}
	return err
}

// welcomePage takes the token out of the address at once: addresses are kept and passed on.
func (c *Console) welcomePage(w http.ResponseWriter, r *http.Request, p *page) error {
	if token := r.URL.Query().Get("token"); token != "" {
		setCookie(w, linkCookie, token, linkLife)
		p.redirect(w, r, "/welcome")
		return nil
	}
	guest, err := c.parts.SignIn.Guest(r.Context(), cookieOf(r, linkCookie))
	if err != nil {
		return p.linkOver(w, err)
	}
	p.speak(guest.Language, true)
	return p.render(w, http.StatusOK, templates.Welcome(p.frame, welcomeView(guest, nil)))
}

func welcomeView(guest people.Guest, wrong templates.Errors) templates.WelcomeView {
	return templates.WelcomeView{Email: guest.Email, Invited: guest.Kind == sms.LinkInvite, Wrong: wrong}
}

func (p *page) linkOver(w http.ResponseWriter, err error) error {
	if sms.CodeOf(err) != sms.NotFound {
		return err
	}
	dropCookie(w, linkCookie)
	return p.render(w, http.StatusNotFound, templates.LinkOver(p.frame, p.told(err)))
}

func (c *Console) welcome(w http.ResponseWriter, r *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	token := cookieOf(r, linkCookie)
	guest, err := c.parts.SignIn.Guest(ctx, token)
	if err != nil {
		return p.linkOver(w, err)
	}
	p.speak(guest.Language, true)
	entry, err := c.parts.SignIn.Welcome(ctx, token, r.PostFormValue("password"), p.caller())
	if err == nil {
		dropCookie(w, linkCookie)
		leaveNotice(w, p.T("The password is set."), false)
		return c.enterBy(w, r, p, entry, "")
	}
	if sms.CodeOf(err) == sms.NotFound {
		return p.linkOver(w, err)
	}
	return p.formAgain(w, err, func(wrong templates.Errors) error {
		return p.render(w, statusOf(sms.CodeOf(err)), templates.Welcome(p.frame, welcomeView(guest, wrong)))
	})
}

func (c *Console) forgotPage(w http.ResponseWriter, _ *http.Request, p *page) error {
	return p.render(w, http.StatusOK, templates.Forgot(p.frame, templates.ForgotView{Mails: c.parts.SignIn.Mails()}))
}

// forgot says the same of every address.
func (c *Console) forgot(w http.ResponseWriter, r *http.Request, p *page) error {
	view := templates.ForgotView{Email: r.PostFormValue("email"), Mails: c.parts.SignIn.Mails()}
	if !view.Mails {
		return p.render(w, http.StatusOK, templates.Forgot(p.frame, view))
	}
	err := c.parts.SignIn.RequestReset(r.Context(), view.Email, p.caller())
	if err == nil {
		view.Sent = true
		return p.render(w, http.StatusOK, templates.Forgot(p.frame, view))
	}
	return p.formAgain(w, err, func(wrong templates.Errors) error {
		view.Wrong, view.Problem = wrong, wrong[""]
		return p.render(w, statusOf(sms.CodeOf(err)), templates.Forgot(p.frame, view))
	})
}
