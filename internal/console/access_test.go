package console

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// access is who may use each route, written down apart from the code that decides it: whoever adds a route says here who it
// is for. "operator" is one who works in no account; one who works in an account has an owner's rights there besides.
var access = map[string][]string{
	"anyone": {
		"GET /login", "POST /login", "GET /login/code", "POST /login/code", "GET /oidc/start", "GET /oidc/callback",
		"GET /setup", "POST /setup", "GET /welcome", "POST /welcome", "GET /forgot", "POST /forgot",
	},
	"whoever has signed in": {
		"POST /logout",
		"GET /me", "POST /me", "POST /me/password", "GET /me/two-factor", "POST /me/two-factor", "POST /me/two-factor/confirm", "POST /me/two-factor/codes",
		"POST /me/two-factor/off", "POST /me/sessions/revoke", "POST /me/sessions/revoke-others",
	},
	"owner developer sender viewer": {
		"GET /{$}", "GET /overview/events",
		"GET /messages", "GET /messages/export", "GET /messages/{id}", "GET /inbound",
		"GET /settings/opt-outs", "GET /settings/opt-outs/export", "GET /settings/opt-outs/words", "GET /settings/senders",
	},
	"owner developer sender": {
		"POST /messages/{id}/cancel", "POST /messages/{id}/reschedule",
		"GET /send", "POST /send", "POST /send/preview",
		"POST /settings/opt-outs", "POST /settings/opt-outs/remove", "POST /settings/opt-outs/import",
	},
	"owner": {
		"GET /settings/people", "POST /settings/people", "GET /settings/people/{person}", "POST /settings/people/{person}/role", "POST /settings/people/{person}/link", "POST /settings/people/{person}/disable",
		"POST /settings/people/{person}/enable", "POST /settings/people/{person}/sign-out", "POST /settings/people/{person}/two-factor-off", "POST /settings/people/{person}/remove",
	},
	"owner developer": {
		"GET /settings/keys", "GET /settings/keys/new", "POST /settings/keys", "GET /settings/keys/{id}", "POST /settings/keys/{id}/change",
		"POST /settings/keys/{id}/regenerate", "POST /settings/keys/{id}/revoke", "POST /settings/password", "POST /settings/smpp-password",
		"GET /settings/security", "POST /settings/security/entries", "POST /settings/security/entries/remove", "POST /settings/security/switch",
		"GET /settings/audit",
		"GET /settings/webhook", "POST /settings/webhook", "POST /settings/webhook/enable", "POST /settings/webhook/rotate", "POST /settings/webhook/remove",
		"POST /settings/webhook/test", "GET /settings/webhook/events", "GET /settings/webhook/events/{id}",
		"POST /settings/webhook/events/{id}/replay", "POST /settings/webhook/replay",
		"POST /settings/opt-outs/words", "POST /settings/opt-outs/replies",
	},
	"operator": {
		"GET /operator", "GET /operator/events",
		"POST /operator/act", "POST /operator/act/stop",
		"GET /operator/people", "POST /operator/people", "GET /operator/people/{person}", "POST /operator/people/{person}/role", "POST /operator/people/{person}/link", "POST /operator/people/{person}/disable",
		"POST /operator/people/{person}/enable", "POST /operator/people/{person}/sign-out", "POST /operator/people/{person}/two-factor-off", "POST /operator/people/{person}/remove",
		"GET /operator/accounts",
		"POST /operator/accounts",
		"GET /operator/accounts/{name}",
		"POST /operator/accounts/{name}/credit",
		"POST /operator/accounts/{name}/plan",
		"POST /operator/accounts/{name}/settings",
		"POST /operator/accounts/{name}/password",
		"POST /operator/accounts/{name}/suspend",
		"POST /operator/accounts/{name}/resume",
		"GET /operator/carriers",
		"POST /operator/carriers",
		"GET /operator/carriers/{name}",
		"POST /operator/carriers/{name}",
		"POST /operator/carriers/{name}/test",
		"POST /operator/carriers/{name}/state",
		"POST /operator/carriers/{name}/remove",
		"GET /operator/prices",
		"POST /operator/prices",
		"POST /operator/prices/remove",
		"GET /operator/prices.csv",
		"POST /operator/prices/import",
		"GET /operator/queue",
		"GET /operator/nodes",
		"GET /operator/routes",
		"POST /operator/routes",
		"POST /operator/routes/{id}/remove",
		"GET /operator/sender-rules",
		"POST /operator/sender-rules",
		"POST /operator/sender-rules/remove",
		"POST /operator/sender-rules/import",
		"GET /operator/audit",
		"GET /operator/messages", "GET /operator/messages/export", "GET /operator/messages/{id}",
	},
}

// accessOf is who may use a route; false: it is not in the table.
func accessOf(name string) (who string, ok bool) {
	for who, names := range access {
		if slices.Contains(names, name) {
			return who, true
		}
	}
	return "", false
}

func TestEveryRouteSaysWhoItIsFor(t *testing.T) {
	known := map[string]bool{}
	for _, r := range routes {
		name := r.method + " " + r.path
		if known[name] {
			t.Errorf("%s is there twice", name)
		}
		known[name] = true
		if _, ok := accessOf(name); !ok {
			t.Errorf("access does not say who may %s (its route needs %q)", name, r.needs)
		}
	}
	for who, names := range access {
		for _, name := range names {
			if !known[name] {
				t.Errorf("access says that %s may %s, which is no route", who, name)
			}
		}
	}
}

// visitor is somebody who asks for every route, and what they are in the words of access.
type visitor struct {
	name    string
	browser *browser
	rights  []string
}

// visitors are one of each kind.
func (w *world) visitors() []visitor {
	acting := w.as(sms.RoleOperator)
	acting.post("/operator/act", "account", "acme")
	token := "token-of-" + sms.RoleOperator.String()
	w.sessions.add("token-of-acting", w.sessions.known[token])
	all := []visitor{{"an operator in an account", w.stranger(), []string{"operator", "owner"}}}
	all[0].browser.give(sessionCookie, "token-of-acting")
	for _, role := range append(slices.Clone(sms.Roles), sms.RoleOperator) {
		all = append(all, visitor{role.String(), w.as(role), []string{role.String()}})
	}
	return all
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// openDoors is a world in which every route answers 200 to those whom the frame lets through. What the pages themselves find
// or refuse, theirs and other accounts', is in their own tests.
func openDoors(t *testing.T) *world {
	t.Helper()
	before := routes
	opened := slices.Clone(routes)
	for i := range opened {
		if strings.HasPrefix(opened[i].path, "/operator/act") {
			continue
		}
		opened[i].serve = func(_ *Console, w http.ResponseWriter, _ *http.Request, _ *page) error {
			w.WriteHeader(http.StatusOK)
			return nil
		}
	}
	routes = opened
	t.Cleanup(func() { routes = before })
	return open(t, nil)
}

// call asks for a route as a browser would.
func (b *browser) call(r route) answer {
	path := strings.ReplaceAll(r.path, "{$}", "")
	path = parameter.ReplaceAllString(path, "1")
	if r.method == http.MethodGet {
		return b.get(path, "Accept", "text/html")
	}
	return b.do(r.method, path, map[string][]string{}, "Origin", b.w.server.URL, "Sec-Fetch-Site", "same-origin")
}

func TestEachRouteForEachRole(t *testing.T) {
	w := openDoors(t)
	for _, v := range w.visitors() {
		for _, r := range routes {
			if strings.HasPrefix(r.path, "/operator/act") {
				continue // changes who the visitor is; see TestAnOperatorWorksInAnAccountOnlyAfterSayingSo
			}
			name := r.method + " " + r.path
			who, known := accessOf(name)
			if !known {
				continue // TestEveryRouteSaysWhoItIsFor tells
			}
			got := v.browser.call(r)
			want := http.StatusForbidden
			switch {
			case who == "anyone", who == "whoever has signed in", slices.ContainsFunc(v.rights, func(right string) bool { return slices.Contains(strings.Fields(who), right) }):
				want = http.StatusOK
			case who == "operator":
				want = http.StatusNotFound
			case v.name == "operator": // is asked for an account first
				want = http.StatusSeeOther
			}
			if got.StatusCode != want || want == http.StatusSeeOther && got.Header.Get("Location") != "/operator/accounts" {
				t.Errorf("%s as %s: status %d, want %d (for %s)", name, v.name, got.StatusCode, want, who)
			}
		}
	}
}

func TestEachRouteWithoutSigningIn(t *testing.T) {
	w := openDoors(t)
	for _, r := range routes {
		name := r.method + " " + r.path
		who, _ := accessOf(name)
		got := w.stranger().call(r)
		to := got.Header.Get("Location")
		switch {
		case who == "anyone":
			if got.StatusCode != http.StatusOK {
				t.Errorf("%s: status %d", name, got.StatusCode)
			}
		case got.StatusCode != http.StatusSeeOther || to != "/login" && !strings.HasPrefix(to, "/login?next="):
			t.Errorf("%s: status %d to %q, want the way to sign in", name, got.StatusCode, to)
		}
	}
}
