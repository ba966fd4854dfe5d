package console

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
)

// statusOf is the console's table of errors.
func statusOf(code sms.Code) int {
	switch code {
	case sms.Invalid:
		return http.StatusUnprocessableEntity
	case sms.Unauthenticated:
		return http.StatusUnauthorized
	case sms.Forbidden:
		return http.StatusForbidden
	case sms.NotFound:
		return http.StatusNotFound
	case sms.Conflict:
		return http.StatusConflict
	case sms.TooLarge:
		return http.StatusRequestEntityTooLarge
	case sms.Unsupported:
		return http.StatusUnsupportedMediaType
	case sms.Limited:
		return http.StatusTooManyRequests
	case sms.Unavailable:
		return http.StatusServiceUnavailable
	case sms.NoCredit:
		return http.StatusPaymentRequired
	case sms.Internal:
	}
	return http.StatusInternalServerError
}

// problem answers what a page could not do.
func (c *Console) problem(w http.ResponseWriter, r *http.Request, p *page, err error) {
	switch {
	case errors.Is(err, errSignedIn):
		c.toSignIn(w, r, p)
		return
	case errors.Is(err, errElect):
		leaveNotice(w, p.T("Choose an account first: “Sign in as” on its page."), true)
		p.redirect(w, r, "/operator/accounts")
		return
	}
	status := statusOf(sms.CodeOf(err))
	view := templates.ProblemView{Status: status, Text: p.told(err)}
	if status == http.StatusInternalServerError {
		c.parts.Log.Error("a page failed", slog.String("page", p.route.path), slog.Any("error", err))
	}
	if told, ok := errors.AsType[*sms.Error](err); ok {
		retryAfter(w, told)
	}
	w.Header().Set("Hx-Retarget", "#problem") // a part of a page that fails says so above it
	w.Header().Set("Hx-Reswap", "innerHTML")
	content := templates.Problem(p.frame, view)
	if p.partial() {
		content = templates.ProblemPart(p.frame, view)
	}
	if err := p.render(w, status, content); err != nil {
		c.parts.Log.Error("the page of a problem failed", "error", err)
	}
}

// retryAfter says when to come again.
func retryAfter(w http.ResponseWriter, told *sms.Error) {
	if told.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(told.RetryAfter.Seconds()))))
	}
}

// told is what the person reads of an error; of one that nobody classified, nothing.
func (p *page) told(err error) string {
	if told, ok := errors.AsType[*sms.Error](err); ok && told.Code != sms.Internal {
		parts := []string{p.T(told.Message)}
		if told.Code == sms.Invalid && len(told.Fields) > 0 {
			parts = parts[:0]
		}
		for _, f := range told.Fields {
			parts = append(parts, f.Field+": "+p.T(f.Message))
		}
		return strings.Join(parts, "; ")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return p.T("What was sent is larger than this page takes.")
	}
	return p.T("Something went wrong on the server. Nothing was changed; the log says more.")
}

// fields are the errors of a form by field; nil when err is not about the form.
func (p *page) fields(err error) templates.Errors {
	told, ok := errors.AsType[*sms.Error](err)
	if !ok || (told.Code != sms.Invalid && told.Code != sms.Conflict) {
		return nil
	}
	all := templates.Errors{}
	for _, f := range told.Fields {
		all[f.Field] = p.T(f.Message)
	}
	if len(told.Fields) == 0 {
		all[""] = p.T(told.Message)
	}
	return all
}

// toSignIn asks for the sign-in, and comes back to the page afterwards.
func (c *Console) toSignIn(w http.ResponseWriter, r *http.Request, p *page) {
	to := "/login"
	if fresh, err := c.parts.Sessions.NeedsSetUp(r.Context()); err == nil && fresh {
		to = "/setup"
	} else if r.Method == http.MethodGet && !p.partial() && r.URL.Path != "/" {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	p.redirect(w, r, to)
}

// asksForPage reports whether a browser asks for a page, and for none that programs use.
func asksForPage(r *http.Request) bool {
	if r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return false
	}
	for _, prefix := range []string{"/api/", "/services/", "/docs", "/metrics", "/healthz", "/readyz"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return false
		}
	}
	return true
}
