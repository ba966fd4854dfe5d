package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/console/words"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

var meRoutes = []route{
	{http.MethodGet, "/me", yourself, (*Console).mePage},
	{http.MethodPost, "/me", yourself, (*Console).changeMe},
	{http.MethodPost, "/me/password", yourself, (*Console).changePassword},
	{http.MethodGet, "/me/two-factor", yourself, (*Console).enrolPage},
	{http.MethodPost, "/me/two-factor", yourself, (*Console).enrol},
	{http.MethodPost, "/me/two-factor/confirm", yourself, (*Console).confirmFactor},
	{http.MethodPost, "/me/two-factor/codes", yourself, (*Console).recoveryCodes},
	{http.MethodPost, "/me/two-factor/off", yourself, (*Console).factorOff},
	{http.MethodPost, "/me/sessions/revoke", yourself, (*Console).revoke},
	{http.MethodPost, "/me/sessions/revoke-others", yourself, (*Console).revokeOthers},
}

// Me changes one's own sign-in.
type Me interface {
	Sessions(ctx context.Context, s people.Session) ([]sms.ConsoleSession, error)
	Revoke(ctx context.Context, s people.Session, id string) error
	RevokeOthers(ctx context.Context, s people.Session) error
	ChangeProfile(ctx context.Context, s people.Session, name, language string) error
	ChangePassword(ctx context.Context, s people.Session, old, password string) error
}

// Factor is one's own second factor.
type Factor interface {
	EnrolTOTP(ctx context.Context, s people.Session) (people.Enrolment, error)
	Enrolment(ctx context.Context, s people.Session) (people.Enrolment, error)
	ConfirmTOTP(ctx context.Context, s people.Session, code string) (recovery []string, err error)
	NewRecoveryCodes(ctx context.Context, s people.Session, password string) ([]string, error)
	RecoveryCodesLeft(ctx context.Context, s people.Session) (int, error)
	DisableTOTP(ctx context.Context, s people.Session, password string) error
}

func (c *Console) mePage(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showMe(w, r, p, http.StatusOK, nil)
}

// showMe shows the page with what is wrong in its forms.
func (c *Console) showMe(w http.ResponseWriter, r *http.Request, p *page, status int, wrong map[string]templates.Errors) error {
	person := p.session.Person
	view := templates.MeView{Email: person.Email, Name: person.Name, Language: person.Language, Role: p.roleName(person.Role), HasPassword: person.Hash != "",
		TwoFactor: person.TOTP.On, Begun: person.TOTP.Secret != nil, Wrong: wrong}
	if wrong["profile"] != nil {
		view.Name, view.Language = r.PostFormValue("name"), r.PostFormValue("language")
	}
	var err error
	if view.CodesLeft, err = c.parts.Factor.RecoveryCodesLeft(r.Context(), p.session); err != nil {
		return err
	}
	sessions, err := c.parts.Me.Sessions(r.Context(), p.session)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		view.Sessions = append(view.Sessions, templates.SessionView{ID: s.ID, Browser: browserName(s.Agent), Address: s.Address, Created: s.Created, Seen: s.Seen,
			This: s.ID == p.session.ID})
	}
	return p.render(w, status, templates.Me(p.frame, view))
}

// meAgain shows the page again with what is wrong in one of its forms.
func (c *Console) meAgain(w http.ResponseWriter, r *http.Request, p *page, form string, err error) error {
	return p.formAgain(w, err, func(wrong templates.Errors) error {
		return c.showMe(w, r, p, statusOf(sms.CodeOf(err)), map[string]templates.Errors{form: wrong})
	})
}

// browserName is a User-Agent in two words; the text itself when it is of no kind that people use.
func browserName(agent string) string {
	name, system := "", ""
	for _, known := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if name == "" && strings.Contains(agent, known[0]) {
			name = known[1]
		}
	}
	for _, known := range [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}} {
		if system == "" && strings.Contains(agent, known[0]) {
			system = known[1]
		}
	}
	switch {
	case name != "" && system != "":
		return name + " · " + system
	case agent == "":
		return "–"
	}
	return agent
}

func (c *Console) changeMe(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.parts.Me.ChangeProfile(r.Context(), p.session, strings.TrimSpace(r.PostFormValue("name")), r.PostFormValue("language")); err != nil {
		return c.meAgain(w, r, p, "profile", err)
	}
	p.speak(r.PostFormValue("language"), false)
	showAs(w, languageCookie, "") // what is stored counts from now on
	if theme := r.PostFormValue("theme"); theme == "light" || theme == "dark" || theme == "" {
		showAs(w, themeCookie, theme)
	}
	return p.done(w, r, "/me", p.T("Saved."))
}

// speak has the page use a language, or that which the browser asks for; with browser, what it chose here before goes before it.
func (p *page) speak(code string, browser bool) {
	if _, chosen := words.Parse(cookieOf(p.request, languageCookie)); browser && chosen {
		return
	}
	language, known := words.Parse(code)
	if !known {
		language = words.Choose(p.request.Header.Get("Accept-Language"))
	}
	p.frame.Language = language
}

// showAs has the browser keep how pages look; an empty value is forgotten. Scripts set these cookies too.
func showAs(w http.ResponseWriter, name, value string) {
	life := 365 * 24 * 3600
	if value == "" {
		life = -1
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: life, SameSite: http.SameSiteLaxMode})
}

func (c *Console) changePassword(w http.ResponseWriter, r *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	if err := c.parts.Me.ChangePassword(ctx, p.session, r.PostFormValue("old"), r.PostFormValue("password")); err != nil {
		return c.meAgain(w, r, p, "password", err)
	}
	return p.done(w, r, "/me", p.T("The password is changed. Your other sessions have ended."))
}

func (c *Console) enrol(w http.ResponseWriter, r *http.Request, p *page) error {
	if _, err := c.parts.Factor.EnrolTOTP(r.Context(), p.session); err != nil {
		return err
	}
	p.redirect(w, r, "/me/two-factor")
	return nil
}

func (c *Console) enrolPage(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showEnrol(w, r, p, http.StatusOK, nil)
}

func (c *Console) showEnrol(w http.ResponseWriter, r *http.Request, p *page, status int, wrong templates.Errors) error {
	e, err := c.parts.Factor.Enrolment(r.Context(), p.session)
	if sms.CodeOf(err) == sms.NotFound {
		p.redirect(w, r, "/me")
		return nil
	}
	if err != nil {
		return err
	}
	return p.render(w, status, templates.Enrol(p.frame, templates.EnrolView{Secret: e.Secret, URI: e.URI, QR: e.QR, Wrong: wrong}))
}

func (c *Console) confirmFactor(w http.ResponseWriter, r *http.Request, p *page) error {
	codes, err := c.parts.Factor.ConfirmTOTP(r.Context(), p.session, r.PostFormValue("code"))
	if err != nil {
		return p.formAgain(w, err, func(wrong templates.Errors) error { return c.showEnrol(w, r, p, statusOf(sms.CodeOf(err)), wrong) })
	}
	return p.render(w, http.StatusOK, templates.RecoveryCodes(p.frame, codes))
}

func (c *Console) recoveryCodes(w http.ResponseWriter, r *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	codes, err := c.parts.Factor.NewRecoveryCodes(ctx, p.session, r.PostFormValue("old"))
	if err != nil {
		return c.meAgain(w, r, p, "codes", err)
	}
	return p.render(w, http.StatusOK, templates.RecoveryCodes(p.frame, codes))
}

func (c *Console) factorOff(w http.ResponseWriter, r *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	if err := c.parts.Factor.DisableTOTP(ctx, p.session, r.PostFormValue("old")); err != nil {
		return c.meAgain(w, r, p, "off", err)
	}
	return p.done(w, r, "/me", p.T("Two-factor authentication is off."))
}

func (c *Console) revoke(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.parts.Me.Revoke(r.Context(), p.session, r.PostFormValue("id")); err != nil {
		return err
	}
	return p.done(w, r, "/me#sessions", p.T("That browser is signed out."))
}

func (c *Console) revokeOthers(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.parts.Me.RevokeOthers(r.Context(), p.session); err != nil {
		return err
	}
	return p.done(w, r, "/me#sessions", p.T("Every other browser is signed out."))
}

// roleName is a role in the viewer's language.
func (p *page) roleName(role sms.Role) string {
	switch role {
	case sms.RoleOwner:
		return p.T("Owner")
	case sms.RoleDeveloper:
		return p.T("Developer")
	case sms.RoleSender:
		return p.T("Sender")
	case sms.RoleViewer:
		return p.T("Viewer")
	case sms.RoleOperator:
		return p.T("Operator")
	case sms.NoRole:
	}
	return "–"
}
