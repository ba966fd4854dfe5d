package console

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// The cookies. Those whose names begin with __Host- are sent over TLS (or to this machine itself) only, to this host
// only, and scripts cannot read them (RFC 6265bis §4.1.3.2). The others say how somebody likes pages to look.
const (
	sessionCookie  = "__Host-session"
	noticeCookie   = "__Host-notice"
	languageCookie = "language"
	themeCookie    = "theme"
	zoneCookie     = "zone"
)

// setCookie gives the browser a value to keep; a life of zero ends with the browser.
func setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// dropCookie has the browser forget a value.
func dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// cookieOf is the value of a cookie; empty: there is none.
func cookieOf(r *http.Request, name string) string {
	if c, err := r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

// leaveNotice has the next page say what was done, or could not be.
func leaveNotice(w http.ResponseWriter, text string, warning bool) {
	kind := "+"
	if warning {
		kind = "-"
	}
	setCookie(w, noticeCookie, base64.RawURLEncoding.EncodeToString([]byte(kind+text)), time.Minute)
}

// notice takes the notice that the last page left.
func (p *page) notice(w http.ResponseWriter) {
	value := cookieOf(p.request, noticeCookie)
	if value == "" || p.request.Method != http.MethodGet || p.partial() {
		return
	}
	dropCookie(w, noticeCookie)
	text, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(text) == 0 || len(text) > 1000 {
		return
	}
	p.frame.Notice, p.frame.Warned = string(text[1:]), strings.HasPrefix(string(text), "-")
}
