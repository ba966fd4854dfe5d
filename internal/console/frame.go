package console

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
)

// How many octets the body of a form may have: much for files, little for who has not signed in, since it is held in memory.
const (
	largestForm  = 16 << 20 // with a CSV file in it
	usualForm    = 1 << 20
	strangerForm = 64 << 10
)

// largest is how many octets a route takes.
func (r route) largest() int64 {
	switch {
	case r.needs == anyone:
		return strangerForm
	case strings.HasSuffix(r.path, "/import"):
		return largestForm
	}
	return usualForm
}

// page is one request on its way: who asks, and how to answer.
type page struct {
	console *Console
	route   route
	session people.Session // zero: nobody has signed in
	account *sms.Account   // that the session works in; nil: none
	from    netip.Addr
	frame   *templates.Frame
	request *http.Request
}

// ServeHTTP answers a request for the console.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header(), r)
	defer c.recoverPanic(w, r)
	if err := c.guard.Check(r); err != nil {
		c.problem(w, r, c.stranger(r), sms.Errorf(sms.Forbidden, "this form was sent by a page of another site"))
		return
	}
	if _, pattern := c.mux.Handler(r); pattern == "" {
		p, err := c.open(r, route{})
		if err == nil {
			err = errNoPage
		}
		c.problem(w, r, p, err)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// secure sets what keeps other sites out of the pages.
func secure(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
		"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with none at all, browsers would send forms with "Origin: null"
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// enter finds out who asks and whether they may, and lets the page answer.
func (c *Console) enter(w http.ResponseWriter, r *http.Request, to route) {
	started := time.Now()
	r.Body = http.MaxBytesReader(w, r.Body, to.largest())
	p, err := c.open(r, to)
	if err == nil {
		p.notice(w)
		err = c.admit(p)
	}
	if err == nil {
		err = to.serve(c, w, r, p)
	}
	if err != nil && r.Context().Err() == nil { // a browser that went away, as one does who types on, needs no answer
		c.problem(w, r, p, err)
	}
	c.parts.Log.Debug("console", "method", to.method, "page", to.path, "person", int64(p.session.Person.ID), "duration", time.Since(started))
}

// open reads who asks. Without a session the page is a stranger's.
func (c *Console) open(r *http.Request, to route) (*page, error) {
	p := c.stranger(r)
	p.route = to
	token := cookieOf(r, sessionCookie)
	if token == "" {
		return p, nil
	}
	session, err := c.parts.Sessions.SessionOf(r.Context(), token)
	if sms.CodeOf(err) == sms.Unauthenticated {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.session = session
	if id := session.Account(); id != 0 {
		p.account, _ = c.parts.Directory.Account(id)
	}
	c.furnish(p)
	return p, nil
}

var (
	errNoPage    = sms.Errorf(sms.NotFound, "there is no such page")
	errSignedIn  = sms.Errorf(sms.Unauthenticated, "sign in first")
	errRole      = sms.Errorf(sms.Forbidden, "your role does not permit this")
	errNoAccount = sms.Errorf(sms.NotFound, "there is no such account")
	errElect     = errors.New("an operator who works in no account") // answered by a redirect
)

// admit judges whether the session may use the route. Of operators' pages others hear that there is none.
func (c *Console) admit(p *page) error {
	needs := p.route.needs
	switch {
	case needs == anyone:
		return nil
	case p.session.Person.ID == 0:
		return errSignedIn
	case may(p.session, needs):
		return nil
	case needs == operate:
		return errNoPage
	case p.session.Person.Operator() && p.account == nil:
		return errElect
	}
	return errRole
}

// may reports whether who asks may do something; pages leave out what they may not.
func (p *page) may(needs action) bool { return may(p.session, needs) }

// by is who asks, for settings.
func (p *page) by() settings.By { return settings.By{Actor: p.session.Actor()} }

// operations does what an operator asks for.
func (p *page) operations() admin.Connection { return p.console.parts.Operations(p.session.Actor()) }

// render writes a page, whole or not at all.
func (p *page) render(w http.ResponseWriter, status int, content templ.Component) error {
	var body bytes.Buffer
	if err := content.Render(p.request.Context(), &body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a browser that went away needs no answer
	return nil
}

// partial reports whether htmx asks for a part of the page. When somebody goes back it asks for the whole of it.
func (p *page) partial() bool {
	h := p.request.Header
	return h.Get("Hx-Request") == "true" && h.Get("Hx-Boosted") == "" && h.Get("Hx-History-Restore-Request") == ""
}

// done ends a form that did what it should: the browser goes to a page, which says so.
func (p *page) done(w http.ResponseWriter, r *http.Request, path, notice string) error {
	leaveNotice(w, notice, false)
	p.redirect(w, r, path)
	return nil
}

// redirect sends the browser to another page of the console.
func (p *page) redirect(w http.ResponseWriter, r *http.Request, path string) {
	if p.partial() {
		w.Header().Set("Hx-Redirect", path)
		w.WriteHeader(http.StatusOK)
		return
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// base is where the browser found the console: "https://sms.example.net".
func (p *page) base() string {
	scheme := "http"
	if p.request.TLS != nil || p.forwardedProto() == "https" {
		scheme = "https"
	}
	return scheme + "://" + p.request.Host
}

// forwardedProto is what a named proxy says about how the browser reached it.
func (p *page) forwardedProto() string {
	peer := peerAddress(p.request)
	if !slices.ContainsFunc(p.console.parts.Proxies, func(proxy netip.Prefix) bool { return proxy.Contains(peer) }) {
		return ""
	}
	return strings.ToLower(p.request.Header.Get("X-Forwarded-Proto"))
}

func peerAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap().WithZone("")
}

func (c *Console) recoverPanic(w http.ResponseWriter, r *http.Request) {
	value := recover()
	if value == nil {
		return
	}
	if value == http.ErrAbortHandler { //nolint:errorlint // net/http compares it the same way
		panic(value)
	}
	c.parts.Log.Error("panic in the console", slog.Any("panic", value), slog.String("stack", string(debug.Stack())))
	c.problem(w, r, c.stranger(r), errors.New("a page panicked"))
}

// patience is how long a page may take.
const patience = 20 * time.Second

// context is the request's, bounded.
func (p *page) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.request.Context(), patience)
}
