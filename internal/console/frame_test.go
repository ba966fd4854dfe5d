package console

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// probe is a page that a test can ask for, with each action.
func probes() []route {
	all := []route{}
	for _, needs := range []action{anyone, yourself, look, send, changeOptOut, develop, managePeople, operate} {
		all = append(all, route{http.MethodGet, "/probe/" + strings.ReplaceAll(string(needs), " ", "-"), needs,
			func(_ *Console, w http.ResponseWriter, _ *http.Request, p *page) error {
				account := "none"
				if p.account != nil {
					account = p.account.Name
				}
				_, err := w.Write([]byte("account " + account + " from " + p.from.String()))
				return err
			}})
	}
	return all
}

// openProbes is a world with a page for each action.
func openProbes(t *testing.T) *world {
	t.Helper()
	before := routes
	routes = append(probes(), routes...)
	t.Cleanup(func() { routes = before })
	return open(t, nil)
}

func TestEachRoleGetsWhereItMay(t *testing.T) {
	w := openProbes(t)
	for role, allowed := range map[sms.Role]string{
		sms.RoleOwner:     "anyone yourself look send change-opt-outs develop manage-people",
		sms.RoleDeveloper: "anyone yourself look send change-opt-outs develop",
		sms.RoleSender:    "anyone yourself look send change-opt-outs",
		sms.RoleViewer:    "anyone yourself look",
	} {
		b := w.as(role)
		for _, r := range probes() {
			got := b.get(r.path)
			name := strings.TrimPrefix(r.path, "/probe/")
			switch {
			case strings.Contains(" "+allowed+" ", " "+name+" "):
				got.wants(t, http.StatusOK, "account acme")
			case r.needs == operate:
				got.wants(t, http.StatusNotFound, "there is no such page")
			default:
				got.wants(t, http.StatusForbidden, "your role does not permit this")
			}
		}
	}
}

func TestAnOperatorWorksInAnAccountOnlyAfterSayingSo(t *testing.T) {
	w := openProbes(t)
	b := w.as(sms.RoleOperator)
	b.get("/probe/operate").wants(t, http.StatusOK, "account none")
	if got := b.get("/probe/look"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/operator/accounts" {
		t.Errorf("without an account: %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	if got := b.post("/operator/act", "account", "other"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/" {
		t.Fatalf("acting: %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	b.get("/probe/manage-people").wants(t, http.StatusOK, "account other")
	b.get("/probe/operate").wants(t, http.StatusOK, "account other")
	b.post("/operator/act", "account", "nobody").wants(t, http.StatusNotFound, "there is no such account", "You work in the account other")
	b.post("/operator/act/stop")
	b.get("/probe/operate").wants(t, http.StatusOK, "account none")
	w.as(sms.RoleOwner).post("/operator/act", "account", "other").wants(t, http.StatusNotFound, "there is no such page")
}

func TestWhoHasNotSignedInIsAskedTo(t *testing.T) {
	w := openProbes(t)
	b := w.stranger()
	for _, test := range []struct{ path, to string }{{"/probe/look?q=a%26b", "/login?next=%2Fprobe%2Flook%3Fq%3Da%2526b"}, {"/probe/operate", "/login?next=%2Fprobe%2Foperate"}} {
		if got := b.get(test.path); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != test.to {
			t.Errorf("%s: %d to %q, want %q", test.path, got.StatusCode, got.Header.Get("Location"), test.to)
		}
	}
	if got := b.get("/probe/look", "Hx-Request", "true"); got.Header.Get("Hx-Redirect") != "/login" {
		t.Errorf("a part of a page: %d, %v", got.StatusCode, got.Header)
	}
	b.give(sessionCookie, "made-up")
	if got := b.get("/probe/yourself"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a made-up session: %d", got.StatusCode)
	}
	w.sessions.fresh = true
	if got := b.get("/probe/look"); got.Header.Get("Location") != "/setup" {
		t.Errorf("on a fresh server: to %q", got.Header.Get("Location"))
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	w := openProbes(t)
	b := w.as(sms.RoleViewer)
	b.get("/probe/look").wants(t, http.StatusOK)
	if got := b.post("/logout"); got.Header.Get("Location") != "/login" {
		t.Fatalf("signing out: %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	b.give(sessionCookie, "token-of-viewer") // who kept it has nothing
	if got := b.get("/probe/look"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("after signing out: %d", got.StatusCode)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	w := openProbes(t)
	b := w.as(sms.RoleOperator)
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
		b.do(http.MethodPost, "/operator/act", map[string][]string{"account": {"other"}}, headers...).
			wants(t, http.StatusForbidden, "sent by a page of another site")
	}
	b.get("/probe/operate").wants(t, http.StatusOK, "account none")
}

func TestEveryAnswerIsClosedToOtherSites(t *testing.T) {
	w := openProbes(t)
	for _, path := range []string{"/probe/anyone", "/nothing", "/probe/look"} {
		got := w.as(sms.RoleViewer).get(path, "Accept", "text/html")
		policy := got.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "script-src 'self'") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "Strict-Transport-Security": "max-age=31536000"} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.Header.Get(name))
			}
		}
	}
	got := w.as(sms.RoleViewer).get("/nothing")
	if inline := regexp.MustCompile(`<script>|<style|\son[a-z]+=|\sstyle=`).FindString(got.body); inline != "" {
		t.Errorf("the page has %q, which its policy forbids", inline)
	}
}

func TestTheConsoleOwnsItsPagesAndWhatBrowsersMiss(t *testing.T) {
	c, err := New(Parts{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, path, accept string
		owns                 bool
	}{
		{"POST", "/logout", "", true}, {"GET", "/static/none.css", "", true}, {"GET", "/mesages", "text/html", true},
		{"GET", "/mesages", "application/json", false}, {"POST", "/mesages", "text/html", false},
		{"POST", "/api/message-server/sms/send", "text/html", false}, {"GET", "/api/openapi.yaml", "text/html", false},
		{"GET", "/docs", "text/html", false}, {"GET", "/metrics", "text/html", false}, {"GET", "/services/sms/credit", "text/html", false},
	} {
		r, err := http.NewRequestWithContext(t.Context(), test.method, "https://sms.example.net"+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", test.accept)
		if c.Owns(r) != test.owns {
			t.Errorf("%s %s for %q: owned %v", test.method, test.path, test.accept, !test.owns)
		}
	}
}
