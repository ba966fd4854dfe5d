package console

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

// codeNow is what an authenticator shows, RFC 6238.
func codeNow(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

var (
	shownSecret = regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`)
	shownCode   = regexp.MustCompile(`[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}`)
)

// turnOn turns the second factor of who is signed in on, and answers the recovery codes.
func (f *folk) turnOn(b *browser) []string {
	f.t.Helper()
	b.post("/me/two-factor").leads(f.t, "/me/two-factor")
	page := b.get("/me/two-factor")
	page.wants(f.t, http.StatusOK, "data:image/svg+xml;base64,", "otpauth://totp/Staffetta:")
	secret := shownSecret.FindStringSubmatch(page.body)
	if secret == nil {
		f.t.Fatalf("no secret:\n%s", page.body)
	}
	b.post("/me/two-factor/confirm", "code", "000000").wants(f.t, http.StatusUnprocessableEntity, "is the clock of your telephone right?", secret[1])
	page = b.post("/me/two-factor/confirm", "code", codeNow(f.t, secret[1], f.clock.now()))
	page.wants(f.t, http.StatusOK, "They are shown this once")
	codes := shownCode.FindAllString(page.body, -1)
	if len(codes) != 10 {
		f.t.Fatalf("%d codes", len(codes))
	}
	return codes
}

func TestTwoFactorOnThePage(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleViewer)
	b := f.in("ada@example.com")
	b.get("/me/two-factor").leads(t, "/me")
	codes := f.turnOn(b)
	b.get("/me").wants(t, http.StatusOK, "Recovery codes left: 10.")
	b.get("/me").lacks(t, codes[0])
	b.post("/me/two-factor/codes", "old", "wrong password 1").wants(t, http.StatusUnprocessableEntity, "is not your password")
	again := b.post("/me/two-factor/codes", "old", goodPassword)
	again.wants(t, http.StatusOK, "Recovery codes")
	again.lacks(t, codes[0])
	b.post("/me/two-factor/off", "old", "wrong password 1").wants(t, http.StatusUnprocessableEntity, "is not your password")
	b.post("/me/two-factor/off", "old", goodPassword).leads(t, "/me")
	f.in("ada@example.com").get("/me").wants(t, http.StatusOK, "Turn on")
	if f.audited("ada@example.com", "console two-factor", "on;") != 1 || f.audited("ada@example.com", "console two-factor", ", off") != 1 {
		t.Error("it stands not in the audit log")
	}
}

func TestProfile(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleViewer)
	b := f.in("ada@example.com")
	b.give(languageCookie, "en")
	b.post("/me", "name", "Ada <i>", "language", "it", "theme", "dark").leads(t, "/me")
	b.get("/me").wants(t, http.StatusOK, "Salvato.", `lang="it"`, `data-theme="dark"`, "Ada &lt;i&gt;", "Osservatore")
	b.post("/me", "name", strings.Repeat("x", 101), "language", "", "theme", "").wants(t, http.StatusUnprocessableEntity, "deve avere al massimo 100 caratteri")
	b.post("/me", "name", "", "language", "", "theme", "").leads(t, "/me")
	b.get("/me", "Accept-Language", "en").wants(t, http.StatusOK, "Saved.", `lang="en"`)
	b.get("/me").lacks(t, "data-theme=\"dark\"")
}

func TestPasswordOnThePage(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleViewer)
	b, other := f.in("ada@example.com"), f.in("ada@example.com")
	b.post("/me/password", "old", "wrong password 1", "password", "another harbour 7").wants(t, http.StatusUnprocessableEntity, "is not your password")
	b.post("/me/password", "old", goodPassword, "password", "ada@example.com").wants(t, http.StatusUnprocessableEntity, "must not be the email address")
	b.post("/me/password", "old", goodPassword, "password", "another harbour 7").leads(t, "/me")
	b.get("/me").wants(t, http.StatusOK, "Your other sessions have ended.")
	other.get("/me").leads(t, "/login?next=%2Fme")
	f.stranger().post("/login", "email", "ada@example.com", "password", "another harbour 7").leads(t, "/")
}

func TestSessionsOnThePage(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("ada@example.com", "acme", sms.RoleViewer)
	f.person("eve@example.com", "acme", sms.RoleViewer)
	b, second, third, eve := f.in("ada@example.com"), f.in("ada@example.com"), f.in("ada@example.com"), f.in("eve@example.com")
	page := b.get("/me")
	page.wants(t, http.StatusOK, "this one", "127.0.0.1")
	ids := regexp.MustCompile(`name="id" value="([0-9a-f]{64})"`).FindAllStringSubmatch(page.body, -1)
	if len(ids) != 2 {
		t.Fatalf("%d other sessions", len(ids))
	}
	eve.post("/me/sessions/revoke", "id", ids[0][1]).wants(t, http.StatusNotFound)
	b.post("/me/sessions/revoke", "id", ids[0][1]).leads(t, "/me#sessions")
	out := 0
	for _, other := range []*browser{second, third} {
		if other.get("/me").StatusCode == http.StatusSeeOther {
			out++
		}
	}
	if out != 1 {
		t.Errorf("%d are out", out)
	}
	b.post("/me/sessions/revoke-others").leads(t, "/me#sessions")
	second.get("/me").leads(t, "")
	third.get("/me").leads(t, "")
	b.get("/me").wants(t, http.StatusOK)
	eve.get("/me").wants(t, http.StatusOK)
}

func TestBrowserName(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                                                  "Firefox · Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0":           "Edge · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1": "Safari · iPhone",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                   "Chrome · Android",
		"curl/8.9": "curl/8.9", "": "–",
	} {
		if got := browserName(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
