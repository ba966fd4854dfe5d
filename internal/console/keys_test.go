package console

import (
	"context"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/optout"
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
)

// settled is a world with the settings of accounts, and the door that judges their credentials.
type settled struct {
	*world
	who      *auth.Authenticator
	settings *settings.Service
	hooks    *outbox.Hooks
}

func openSettings(t *testing.T) *settled {
	t.Helper()
	s := &settled{}
	s.world = open(t, func(w *world) {
		refusals := settings.NewRefusals(w.store)
		s.settings = settings.New(w.store, w.directory, secret).Watching(refusals)
		s.hooks = outbox.NewHooks(w.store, sms.NewPublicIDs(secret), true)
		s.who = auth.New(w.directory, secret, auth.Options{Refused: refusals.Note})
		w.parts.Settings, w.parts.Webhooks, w.parts.Events = s.settings, s.hooks, s.hooks
		w.parts.OptOuts, w.parts.Senders = optout.New(w.store), w.directory
	})
	return s
}

// enter tries a key from an address.
func (s *settled) enter(key, address string) error {
	_, err := s.who.Authenticate(context.Background(), auth.Credentials{APIKey: key, HasKey: true}, netip.MustParseAddr(address))
	return err
}

var (
	shownKey      = regexp.MustCompile(`stf_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{36}`)
	shownPassword = regexp.MustCompile(`<p class="once"><span class="copy"><code>([^<]+)</code>`)
	keyLink       = regexp.MustCompile(`href="(/settings/keys/[0-9A-Za-z]{12})"`)
)

// value is the secret that a page shows this once.
func (a answer) value(t *testing.T, form *regexp.Regexp) string {
	t.Helper()
	found := form.FindStringSubmatch(a.body)
	if found == nil {
		t.Fatalf("no value on the page:\n%s", a.body)
	}
	return found[len(found)-1]
}

// redirects fails the test unless the form ended on a page, which says a text.
func (b *browser) redirects(a answer, to, notice string) answer {
	b.w.t.Helper()
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != to {
		b.w.t.Fatalf("%s: %d to %q, want 303 to %q\n%s", a.Request.URL.Path, a.StatusCode, a.Header.Get("Location"), to, a.body)
	}
	got := b.get(to)
	got.wants(b.w.t, http.StatusOK, notice)
	return got
}

// audit wants the last line of an action to be by the owner, of acme.
func (s *settled) audit(action, detail string) {
	s.t.Helper()
	lines := s.audited(action)
	if len(lines) == 0 || !strings.HasPrefix(lines[len(lines)-1], "owner@example.com acme: ") || !strings.Contains(lines[len(lines)-1], detail) {
		s.t.Errorf("the audit log has of %q: %q, want the owner and %q", action, lines, detail)
	}
}

func TestKeyIsMadeShownOnceAndListed(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	b.get("/settings/keys").wants(t, http.StatusOK, "Create a key", "Username and password", "acme")
	b.get("/settings/keys/new").wants(t, http.StatusOK, "What it may do")
	made := b.post("/settings/keys", "name", "web shop", "description", "of the shop", "operation", "SMS", "operation", "PLATFORM", "lifetime", "90d",
		"addresses", "203.0.113.0/24 Milan\r\n\r\n2001:db8::1\r\n")
	made.wants(t, http.StatusOK, "web shop", "shown this once", s.server.URL+"/api/message-server/sms/send", "cURL", "Node.js", "Python", "PHP")
	key := made.value(t, shownKey)
	if n := strings.Count(made.body, key); n != 5 {
		t.Errorf("the value stands %d times on its page, want 5: once, and in four languages", n)
	}
	if made.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the value may be kept")
	}
	if err := s.enter(key, "203.0.113.9"); err != nil {
		t.Errorf("the key does not work: %v", err)
	}
	list := b.get("/settings/keys")
	list.wants(t, http.StatusOK, "web shop", "SMS", "PLATFORM", key[:21])
	page := b.get(keyLinkOf(t, list, "web shop"))
	page.wants(t, http.StatusOK, "of the shop", "203.0.113.0/24 Milan\n2001:db8::1", "Regenerate")
	without(t, list, key)
	without(t, page, key)
	if strings.Contains(s.log.String(), key) {
		t.Error("the log has the value of the key")
	}
	s.audit("key create", "[SMS PLATFORM]")
}

// keyLinkOf is the path of the page of a key, from the list.
func keyLinkOf(t *testing.T, list answer, name string) string {
	t.Helper()
	at := strings.Index(list.body, ">"+name+"</a>")
	if at < 0 {
		t.Fatalf("the list has no key %q:\n%s", name, list.body)
	}
	links := keyLink.FindAllStringSubmatch(list.body[:at], -1)
	return links[len(links)-1][1]
}

func TestKeyFormSaysWhatIsWrong(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleDeveloper)
	for _, test := range []struct{ field, value, says string }{
		{"name", "", "is missing"}, {"name", strings.Repeat("x", 65), "must be at most 64 characters"}, {"operation", "", "must be one of"},
		{"lifetime", "7y", "is none of those offered"}, {"addresses", "nowhere", "is no address or range"},
	} {
		form := map[string]string{"name": "one", "operation": "SMS", "lifetime": "never", "addresses": ""}
		form[test.field] = test.value
		var values []string
		for name, value := range form {
			values = append(values, name, value)
		}
		b.post("/settings/keys", values...).wants(t, http.StatusUnprocessableEntity, test.says, `value="SMS"`)
	}
	b.post("/settings/keys", "name", "one", "lifetime", "never").wants(t, http.StatusUnprocessableEntity, "choose at least one")
	if lines := s.audited("key create"); len(lines) != 0 {
		t.Errorf("made: %q", lines)
	}
}

func TestLeakedKeyIsRegeneratedAndTheOldOneRefused(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	old := b.post("/settings/keys", "name", "leaked", "operation", "SMS", "lifetime", "never").value(t, shownKey)
	path := keyLinkOf(t, b.get("/settings/keys"), "leaked")

	overlapped := b.post(path+"/regenerate", "overlap", "24h")
	overlapped.wants(t, http.StatusOK, "goes on working until")
	second := overlapped.value(t, shownKey)
	if err := s.enter(old, "203.0.113.9"); err != nil {
		t.Errorf("within the overlap: %v", err)
	}
	b.get(path).wants(t, http.StatusOK, "Two values")

	again := b.post(path+"/regenerate", "overlap", "0")
	again.wants(t, http.StatusOK, "does not work any more")
	third := again.value(t, shownKey)
	for _, dead := range []string{old, second} {
		if err := s.enter(dead, "198.51.100.7"); sms.CodeOf(err) != sms.Unauthenticated {
			t.Errorf("an old value: %v", err)
		}
	}
	if err := s.enter(third, "203.0.113.9"); err != nil {
		t.Errorf("the new value: %v", err)
	}
	s.audit("key regenerate", "overlap 0s")
	b.get("/settings/security").wants(t, http.StatusOK, "198.51.100.7", "A value from before the key was regenerated")
	b.post(path+"/regenerate", "overlap", "9y").wants(t, http.StatusUnprocessableEntity)
}

func TestKeyIsChangedAndRevoked(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	key := b.post("/settings/keys", "name", "one", "operation", "SMS", "lifetime", "never").value(t, shownKey)
	path := keyLinkOf(t, b.get("/settings/keys"), "one")
	b.redirects(b.post(path+"/change", "lifetime", "30d", "addresses", "203.0.113.9"), path, "The key is changed.")
	s.audit("key change", "allow-list enabled true: 203.0.113.9/32")
	if err := s.enter(key, "203.0.113.10"); sms.CodeOf(err) != sms.Forbidden {
		t.Errorf("from elsewhere: %v", err)
	}
	b.post(path+"/change", "lifetime", "", "addresses", "x").wants(t, http.StatusUnprocessableEntity, "is no address or range")
	b.post(path+"/revoke", "confirm", "two").wants(t, http.StatusUnprocessableEntity, "This is not the name of the key.")
	if err := s.enter(key, "203.0.113.9"); err != nil {
		t.Errorf("revoked without its name: %v", err)
	}
	b.redirects(b.post(path+"/revoke", "confirm", "one"), "/settings/keys", "is revoked")
	s.audit("key revoke", "key "+strings.TrimPrefix(path, "/settings/keys/"))
	if err := s.enter(key, "203.0.113.9"); sms.CodeOf(err) != sms.Unauthenticated {
		t.Errorf("the revoked key: %v", err)
	}
	page := b.get(path)
	page.wants(t, http.StatusOK, "Revoked")
	without(t, page, "/regenerate", "/revoke")
	b.post(path+"/regenerate", "overlap", "0").wants(t, http.StatusConflict)
}

// TestKeysOfOthers: the key of another account is not found, whatever is done to it.
func TestKeysOfOthers(t *testing.T) {
	s := openSettings(t)
	value, key, err := s.settings.CreateKey(t.Context(), settings.By{Actor: "test"}, s.account("other"), settings.KeyRequest{Name: "theirs"})
	if err != nil {
		t.Fatal(err)
	}
	b := s.as(sms.RoleOwner)
	path := "/settings/keys/" + key.ID
	b.get(path).wants(t, http.StatusNotFound)
	b.post(path+"/change", "addresses", "203.0.113.9").wants(t, http.StatusNotFound)
	b.post(path+"/regenerate", "overlap", "0").wants(t, http.StatusNotFound)
	b.post(path+"/revoke", "confirm", "theirs").wants(t, http.StatusNotFound)
	without(t, b.get("/settings/keys"), "theirs")
	if err := s.enter(value, "203.0.113.9"); err != nil {
		t.Errorf("their key: %v", err)
	}
}

func TestPasswordsAreMadeAndShownOnce(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	b.post("/settings/password", "confirm", "nobody").wants(t, http.StatusUnprocessableEntity, "This is not the username.")
	made := b.post("/settings/password", "confirm", "acme")
	made.wants(t, http.StatusOK, "shown this once", "acme:")
	password := made.value(t, shownPassword)
	s.audit("account password", "user acme")
	if _, err := s.who.Authenticate(t.Context(), auth.Credentials{Username: "acme", Password: password, HasBasic: true}, netip.MustParseAddr("203.0.113.9")); err != nil {
		t.Errorf("the password does not work: %v", err)
	}
	cut := b.post("/settings/smpp-password", "confirm-smpp", "acme").value(t, shownPassword)
	s.audit("account smpp-password", "user acme")
	if _, err := s.who.AuthenticateSMPP(t.Context(), "acme", cut, netip.MustParseAddr("203.0.113.9")); err != nil || len(cut) != 8 {
		t.Errorf("the SMPP password %d long does not work: %v", len(cut), err)
	}
	list := b.get("/settings/keys")
	list.wants(t, http.StatusOK, "Is set")
	without(t, list, password, cut)
	for _, secret := range []string{password, cut} {
		if strings.Contains(s.log.String(), secret) {
			t.Error("the log has a password")
		}
	}
}
