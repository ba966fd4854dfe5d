package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/optout"
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/ratelimit"
	routing "github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const (
	keysPath  = "/api/partner-gateway/v1/authentication"
	allowPath = "/api/partner-gateway/v1/settings/ip-allow-list"
)

// platform is a world whose people and settings are those of a real store, with two accounts.
type platform struct {
	*world
	store  *store.Store
	uses   *settings.Uses
	theirs sms.Key
}

func openPlatform(t *testing.T) *platform {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	p := &platform{store: s, uses: settings.NewUses(s)}
	known := directory.New(s)
	var value string
	for _, name := range []string{"others", "demo"} {
		v, key := auth.NewKey(secret)
		key.Name, key.Operations = "first", sms.Operations
		if err := s.CreateAccount(t.Context(), store.Deed{Actor: "tester", Action: "account create", Target: name}, &sms.Account{Name: name},
			store.First{User: sms.User{Name: name, Hash: passwordHash()}, Key: key}); err != nil {
			t.Fatal(err)
		}
		if name == "others" {
			p.theirs = key
		}
		value = v
	}
	if err := known.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids := sms.NewPublicIDs(secret)
	hooks := outbox.NewHooks(s, ids, false)
	changes := intake.NewChanges(intake.New(s, known, routing.New(known, nil), ids, func([]*sms.Message) {}), s, func(*sms.Message) bool { return false })
	p.world = open(t, nil)
	p.value = value
	p.door = New(Parts{Authenticator: auth.New(known, secret, auth.Options{Used: p.uses.Note}), Limiter: ratelimit.New(nil), Intake: p.intake,
		Status: p.status, Readiness: p.ready, Settings: settings.New(s, known, secret).Knowing(p.uses),
		Changes: changes, Webhooks: hooks, Events: hooks, OptOuts: optout.New(s), Log: slog.New(slog.NewTextHandler(p.logged, nil))})
	p.server.Config.Handler = p.door
	return p
}

func (p *platform) ask(method, path, body string, headers ...string) answer {
	p.t.Helper()
	return p.do(p.request(method, path, body, append([]string{"Content-Type", "application/json"}, headers...)...))
}

type shownKey struct {
	ID, Name, Description, Username, Prefix, Status string
	Operations                                      []string
	TrafficType                                     any
	CreatedAt, LastUsedAt, ExpiresAt                *string
	APIKey                                          string `json:"apiKey"`
}

func decodeTo[T any](t *testing.T, a answer, status int) (value T) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%d %s, want %d", a.status, a.body, status)
	}
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// The life of a key over HTTP: made, used, listed, found by its value, regenerated with overlap and without, ended.
func TestLifeOfAKey(t *testing.T) {
	p := openPlatform(t)
	made := decodeTo[shownKey](t, p.ask("POST", keysPath, `{"name":"shop","description":"web shop","operations":["SMS","PLATFORM","SMS"]}`), 201)
	if made.APIKey == "" || made.Name != "shop" || made.Description != "web shop" || made.Username != "demo" || made.Status != "ACTIVE" ||
		made.LastUsedAt != nil || made.ExpiresAt != nil || made.Prefix != "stf_live_"+made.ID || !strings.HasPrefix(made.APIKey, made.Prefix) {
		t.Fatalf("%+v", made)
	}
	if diff := cmp.Diff([]string{"SMS", "PLATFORM"}, made.Operations); diff != "" {
		t.Error(diff)
	}
	with := func(value string) []string { return []string{"X-Api-Key", value} }
	list := decodeTo[[]shownKey](t, p.ask("GET", keysPath, "", with(made.APIKey)...), 200)
	if len(list) != 2 || list[0].Name != "first" || list[1].ID != made.ID || list[1].APIKey != "" || list[1].LastUsedAt == nil {
		t.Fatalf("%+v", list)
	}
	found := decodeTo[shownKey](t, p.ask("POST", keysPath+"/lookup", `{"apiKey":"`+made.APIKey+`"}`), 200)
	if found.ID != made.ID || found.APIKey != "" {
		t.Errorf("%+v", found)
	}
	second := decodeTo[shownKey](t, p.ask("POST", keysPath+"/"+made.ID+"/regenerate", `{"overlapSeconds":3600}`), 200)
	for _, value := range []string{made.APIKey, second.APIKey} {
		if a := p.ask("GET", allowPath, "", with(value)...); a.status != 200 {
			t.Errorf("in the overlap: %d", a.status)
		}
		if a := p.ask("POST", keysPath+"/lookup", `{"apiKey":"`+value+`"}`); a.status != 200 {
			t.Errorf("look-up in the overlap: %d", a.status)
		}
	}
	third := decodeTo[shownKey](t, p.ask("POST", keysPath+"/"+made.ID+"/regenerate", "", "Content-Type", ""), 200)
	for value, want := range map[string]int{made.APIKey: 401, second.APIKey: 401, third.APIKey: 200} {
		if a := p.ask("GET", allowPath, "", with(value)...); a.status != want {
			t.Errorf("after the second value: %d, want %d", a.status, want)
		}
	}
	for range 2 {
		if a := p.ask("DELETE", keysPath+"/"+made.ID, ""); a.status != 204 || a.body != "" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if a := p.ask("GET", allowPath, "", with(third.APIKey)...); a.status != 401 {
		t.Errorf("a key that was ended: %d", a.status)
	}
	if a := p.ask("POST", keysPath+"/"+made.ID+"/regenerate", `{}`); a.status != 409 {
		t.Errorf("regenerating an ended key: %d", a.status)
	}
	list = decodeTo[[]shownKey](t, p.ask("GET", keysPath+"?userId=demo", ""), 200)
	if len(list) != 2 || list[1].Status != "REVOKED" {
		t.Errorf("%+v", list)
	}
	if list = decodeTo[[]shownKey](t, p.ask("GET", keysPath+"?userId=somebody", ""), 200); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	if strings.Contains(p.logged.String(), third.APIKey) {
		t.Error("a value of a key is in the log")
	}
}

// Nobody grants what they do not have, and nobody reaches the keys of another account.
func TestKeysKeepTheirBounds(t *testing.T) {
	p := openPlatform(t)
	only := func(operations string) shownKey {
		return decodeTo[shownKey](t, p.ask("POST", keysPath, `{"operations":[`+operations+`]}`), 201)
	}
	sender, keeper := only(`"SMS"`), only(`"PLATFORM"`)
	first, _ := auth.ParseKey(p.value)
	for _, c := range []struct {
		name, method, path, body string
		by                       string
		want                     int
		field                    string
	}{
		{"a sender lists", "GET", keysPath, "", sender.APIKey, 403, ""},
		{"a sender makes a key", "POST", keysPath, `{}`, sender.APIKey, 403, ""},
		{"a sender reads the list", "GET", allowPath, "", sender.APIKey, 403, ""},
		{"granting more", "POST", keysPath, `{"operations":["SMS"]}`, keeper.APIKey, 403, ""},
		{"granting the same", "POST", keysPath, `{"operations":["PLATFORM"]}`, keeper.APIKey, 201, ""},
		{"taking over a stronger key", "POST", keysPath + "/" + first + "/regenerate", `{}`, keeper.APIKey, 403, ""},
		{"ending another account's", "DELETE", keysPath + "/" + p.theirs.ID, "", p.value, 404, ""},
		{"regenerating another account's", "POST", keysPath + "/" + p.theirs.ID + "/regenerate", `{}`, p.value, 404, ""},
		{"an unknown one", "DELETE", keysPath + "/nobody", "", p.value, 404, ""},
		{"look-up of nothing", "POST", keysPath + "/lookup", `{}`, p.value, 400, "apiKey"},
		{"look-up of no key", "POST", keysPath + "/lookup", `{"apiKey":"x"}`, p.value, 404, ""},
		{"an operation that is none", "POST", keysPath, `{"operations":["FAX"]}`, p.value, 400, "operations"},
		{"no operation at all", "POST", keysPath, `{"operations":[]}`, p.value, 400, "operations"},
		{"operations of a wrong type", "POST", keysPath, `{"operations":"SMS"}`, p.value, 400, "operations"},
		{"one operation of a wrong type", "POST", keysPath, `{"operations":["SMS",7]}`, p.value, 400, "operations[1]"},
		{"a long name", "POST", keysPath, `{"name":"` + strings.Repeat("n", 65) + `"}`, p.value, 400, "name"},
		{"a long description", "POST", keysPath, `{"description":"` + strings.Repeat("n", 256) + `"}`, p.value, 400, "description"},
		{"a line break in a name", "POST", keysPath, `{"name":"a\nb"}`, p.value, 400, "name"},
		{"overlap of a wrong type", "POST", keysPath + "/" + first + "/regenerate", `{"overlapSeconds":"1"}`, p.value, 400, "overlapSeconds"},
		{"overlap before now", "POST", keysPath + "/" + first + "/regenerate", `{"overlapSeconds":-1}`, p.value, 400, "overlapSeconds"},
		{"overlap beyond a year", "POST", keysPath + "/" + first + "/regenerate", `{"overlapSeconds":9223372036854775807}`, p.value, 400, "overlapSeconds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := p.ask(c.method, c.path, c.body, "X-Api-Key", c.by)
			if a.status != c.want {
				t.Fatalf("%d %s, want %d", a.status, a.body, c.want)
			}
			if c.field != "" && (len(a.problem(t).Errors) != 1 || a.problem(t).Errors[0]["field"] != c.field) {
				t.Errorf("%s, want the field %s", a.body, c.field)
			}
		})
	}
	if a := p.ask("GET", allowPath, ""); a.status != 200 {
		t.Errorf("after all these the first key answers %d", a.status)
	}
}

// The allow-list is replaced as a whole, is in force with the answer, and does not shut out who sends it by mistake.
func TestAllowListOverHTTP(t *testing.T) {
	p := openPlatform(t)
	here, _, _ := strings.Cut(peerHere, ":")
	put := func(body string) answer { return p.ask("PUT", allowPath, body) }
	for _, c := range []struct {
		name, body string
		want       int
		text       string // the answer, or the field
	}{
		{"at first", "", 200, `{"enabled":false,"entries":[]}`},
		{"a list", `{"enabled":true,"entries":[{"cidr":"` + here + `","note":"office"},{"cidr":"2001:DB8::/32"},{"cidr":"` + here + `/32","note":"home"}]}`, 200,
			`{"enabled":true,"entries":[{"cidr":"` + here + `/32","note":"home"},{"cidr":"2001:db8::/32","note":""}]}`},
		{"one without me", `{"enabled":true,"entries":[{"cidr":"198.51.100.0/24"}]}`, 409, ""},
		{"an empty one", `{"enabled":true,"entries":[]}`, 409, ""},
		{"an address that is none", `{"enabled":true,"entries":[{"cidr":"` + here + `"},{"cidr":"300.1.1.1"}]}`, 400, "entries[1].cidr"},
		{"a long note", `{"enabled":true,"entries":[{"cidr":"` + here + `","note":"` + strings.Repeat("n", 256) + `"}]}`, 400, "entries[0].note"},
		{"no entries", `{"enabled":true}`, 400, "entries"},
		{"not enabled, not disabled", `{"entries":[]}`, 400, "enabled"},
		{"wrong type", `{"enabled":"yes","entries":[]}`, 400, "enabled"},
		{"an entry of a wrong type", `{"enabled":true,"entries":["` + here + `"]}`, 400, "entries[0]"},
		{"a cidr of a wrong type", `{"enabled":true,"entries":[{"cidr":1}]}`, 400, "entries[0].cidr"},
		{"off", `{"enabled":false,"entries":[{"cidr":"198.51.100.0/24"}]}`, 200, `{"enabled":false,"entries":[{"cidr":"198.51.100.0/24","note":""}]}`},
		{"forced", `{"enabled":true,"entries":[],"force":true}`, 200, `{"enabled":true,"entries":[]}`},
		{"and now", `{"enabled":false,"entries":[]}`, 403, ""},
	} {
		a := put(c.body)
		if c.body == "" {
			a = p.ask("GET", allowPath, "")
		}
		if a.status != c.want || (c.want == 200 && a.body != c.text) {
			t.Errorf("%s: %d %s, want %d %s", c.name, a.status, a.body, c.want, c.text)
		}
		if c.want == 400 && (len(a.problem(t).Errors) != 1 || a.problem(t).Errors[0]["field"] != c.text) {
			t.Errorf("%s: %s, want the field %s", c.name, a.body, c.text)
		}
	}
}

// Last uses are stored when the server ends, and known before.
func TestLastUseIsStored(t *testing.T) {
	p := openPlatform(t)
	if a := p.ask("GET", allowPath, ""); a.status != 200 {
		t.Fatal(a.status)
	}
	id, _ := auth.ParseKey(p.value)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.uses.Run(ended); err != nil {
		t.Fatal(err)
	}
	keys, err := p.store.Keys(t.Context(), 2)
	if err != nil || len(keys) != 1 || keys[0].ID != id || keys[0].LastUsed.IsZero() || keys[0].LastFrom != "192.0.2.10" {
		t.Errorf("%+v, %v", keys, err)
	}
}
