package httpapi

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// authCase is one request of a stranger: with none of the credentials unless headers has some.
type authCase struct {
	name    string
	prepare func(*world)
	peer    string // "" is peerHere
	headers func(*world) []string
	path    string // "" is sendPath
	body    string // "" is goodBody
	want    int
	ask     string // the address that must have been seen; "" is any
}

func basic(user, pass string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+pass))
}

func withKey(w *world) []string          { return []string{"X-Api-Key", w.value} }
func withBasic(*world) []string          { return fixed("Authorization", basic(username, password))(nil) }
func nothing(*world) []string            { return nil }
func wrongKey(w *world) []string         { return []string{"X-Api-Key", otherSecret(w.value)} }
func named(names ...string) func(*world) { return func(w *world) { w.proxies = prefixes(names...) } }

func fixed(headers ...string) func(*world) []string {
	return func(*world) []string { return headers }
}

// and adds headers to those of another.
func and(first func(*world) []string, more ...string) func(*world) []string {
	return func(w *world) []string { return append(first(w), more...) }
}

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, text := range texts {
		prefix, err := auth.ParseAllowEntry(text)
		if err != nil {
			panic(err)
		}
		list = append(list, prefix)
	}
	return list
}

func allowList(texts ...string) sms.AllowList {
	list := sms.AllowList{Enabled: true}
	for _, prefix := range prefixes(texts...) {
		list.Entries = append(list.Entries, sms.AllowEntry{Prefix: prefix})
	}
	return list
}

func allow(texts ...string) func(*world) {
	return func(w *world) { w.account().AllowList = allowList(texts...) }
}

// otherSecret is a well-formed key with the same id and another secret: the value that a regenerated key gets.
func otherSecret(value string) string {
	id, _ := auth.ParseKey(value)
	other, _ := auth.RegenerateKey(secret, sms.Key{ID: id}, time.Time{})
	return other
}

// both does two preparations.
func both(first, second func(*world)) func(*world) {
	return func(w *world) { first(w); second(w) }
}

func changeKey(change func(*sms.Key, time.Time)) func(*world) {
	return func(w *world) { change(w.key(w.value), w.clock.at) }
}

// regenerated gives the key a new value; the test goes on with the old one unless fresh.
func regenerated(overlap, later time.Duration, fresh bool) func(*world) {
	return func(w *world) {
		var until time.Time
		if overlap > 0 {
			until = w.clock.at.Add(overlap)
		}
		value, next := auth.RegenerateKey(secret, *w.key(w.value), until)
		w.people.keys[next.ID] = &next
		if fresh {
			w.value = value
		}
		w.clock.at = w.clock.at.Add(later)
	}
}

var authCases = []authCase{
	// What is shown.
	{name: "key", headers: withKey, want: 200},
	{name: "basic", headers: withBasic, want: 200},
	{name: "nothing", headers: nothing, want: 401},
	{name: "both right", headers: func(w *world) []string { return append(withKey(w), withBasic(w)...) }, want: 200},
	{name: "right key, wrong password", headers: and(withKey, "Authorization", basic(username, "wrong")), want: 200},
	{name: "wrong key, right password", headers: and(wrongKey, "Authorization", basic(username, password)), want: 401},
	{name: "empty key, right password", headers: and(withBasic, "X-Api-Key", " "), want: 401},
	{name: "empty key alone", headers: fixed("X-Api-Key", " "), want: 401},
	{name: "key in lower case header", headers: func(w *world) []string { return []string{"x-api-key", w.value} }, want: 200},
	{name: "key in upper case header", headers: func(w *world) []string { return []string{"X-API-KEY", w.value} }, want: 200},
	{name: "key in mixed case header", headers: func(w *world) []string { return []string{"x-aPI-kEY", w.value} }, want: 200},
	{name: "key among blanks", headers: func(w *world) []string { return []string{"X-Api-Key", "  " + w.value + "\t"} }, want: 200},
	{name: "two keys", headers: func(w *world) []string { return []string{"X-Api-Key", w.value, "x-api-key", w.value} }, want: 401},
	{name: "key as bearer", headers: func(w *world) []string { return []string{"Authorization", "Bearer " + w.value} }, want: 401},
	{name: "key as username", headers: func(w *world) []string { return []string{"Authorization", basic(w.value, "")} }, want: 401},
	{name: "key as password", headers: func(w *world) []string { return []string{"Authorization", basic(username, w.value)} }, want: 401},
	{name: "key in a cookie", headers: func(w *world) []string { return []string{"Cookie", "X-Api-Key=" + w.value} }, want: 401},
	{name: "key in the query", headers: nothing, path: sendPath + "?X-Api-Key={key}&apiKey={key}&api_key={key}", want: 401},
	{name: "key in the path", headers: nothing, path: sendPath + "/{key}", want: 404},
	{name: "key as id of a status", headers: nothing, path: statusPath + "/{key}?channel=SMS", want: 401},
	{name: "key and a key in the query", headers: withKey, path: sendPath + "?apiKey=other", want: 200},
	{name: "username and password in the query", headers: nothing, path: sendPath + "?username=" + username + "&password=" + password, want: 401},

	// Keys that are none.
	{name: "other secret", headers: wrongKey, want: 401},
	{name: "unknown id", headers: func(*world) []string { value, _ := auth.NewKey(secret); return []string{"X-Api-Key", value} }, want: 401},
	{name: "key of another server", headers: func(*world) []string { value, _ := auth.NewKey([]byte("other")); return []string{"X-Api-Key", value} }, want: 401},
	{name: "wrong prefix", headers: func(w *world) []string { return []string{"X-Api-Key", "stf_test_" + w.value[9:]} }, want: 401},
	{name: "wrong checksum", headers: func(w *world) []string { return []string{"X-Api-Key", w.value[:len(w.value)-6] + "zzzzzz"} }, want: 401},
	{name: "cut key", headers: func(w *world) []string { return []string{"X-Api-Key", w.value[:len(w.value)-1]} }, want: 401},
	{name: "key and more", headers: func(w *world) []string { return []string{"X-Api-Key", w.value + "0"} }, want: 401},
	{name: "key in upper case", headers: func(w *world) []string { return []string{"X-Api-Key", strings.ToUpper(w.value)} }, want: 401},
	{name: "very long key", headers: fixed("X-Api-Key", "stf_live_"+strings.Repeat("a", 30000)), want: 401},

	// The life of a key.
	{name: "revoked", prepare: changeKey(func(k *sms.Key, now time.Time) { k.Revoked = now }), headers: withKey, want: 401},
	{name: "expired", prepare: changeKey(func(k *sms.Key, now time.Time) { k.Expires = now }), headers: withKey, want: 401},
	{name: "about to expire", prepare: changeKey(func(k *sms.Key, now time.Time) { k.Expires = now.Add(1) }), headers: withKey, want: 200},
	{name: "regenerated, new value", prepare: regenerated(0, 0, true), headers: withKey, want: 200},
	{name: "regenerated, old value", prepare: regenerated(0, 0, false), headers: withKey, want: 401},
	{name: "regenerated with overlap, old value", prepare: regenerated(time.Hour, time.Minute, false), headers: withKey, want: 200},
	{name: "regenerated with overlap, new value", prepare: regenerated(time.Hour, time.Minute, true), headers: withKey, want: 200},
	{name: "regenerated, overlap over", prepare: regenerated(time.Hour, time.Hour, false), headers: withKey, want: 401},
	{name: "regenerated, then revoked, old value", prepare: both(regenerated(time.Hour, 0, false),
		changeKey(func(k *sms.Key, now time.Time) { k.Revoked = now })), headers: withKey, want: 401},
	{name: "second key of the account", prepare: func(w *world) { w.value = w.addKey(func(*sms.Key) {}) }, headers: withKey, want: 200},
	{name: "one key revoked, the other goes on", prepare: func(w *world) {
		w.key(w.value).Revoked = w.clock.at
		w.value = w.addKey(func(*sms.Key) {})
	}, headers: withKey, want: 200},
	{name: "key without SMS", prepare: changeKey(func(k *sms.Key, _ time.Time) { k.Operations = []sms.Operation{sms.OpPlatform} }), headers: withKey, want: 403},
	{name: "key with SMS only", prepare: changeKey(func(k *sms.Key, _ time.Time) { k.Operations = []sms.Operation{sms.OpSMS} }), headers: withKey, want: 200},
	{name: "key without operations", prepare: changeKey(func(k *sms.Key, _ time.Time) { k.Operations = nil }), headers: withKey, want: 403},
	{name: "key without SMS asks for a status", prepare: changeKey(func(k *sms.Key, _ time.Time) { k.Operations = []sms.Operation{sms.OpRCS} }),
		headers: withKey, path: statusPath + "/m-1?channel=SMS", want: 403},

	// Basic.
	{name: "wrong password", headers: fixed("Authorization", basic(username, "wrong")), want: 401},
	{name: "unknown user", headers: fixed("Authorization", basic("nobody", password)), want: 401},
	{name: "user in upper case", headers: fixed("Authorization", basic("DEMO.USER", password)), want: 401},
	{name: "password cut at its colon", headers: fixed("Authorization", basic(username, "pässwörd")), want: 401},
	{name: "password in ISO 8859-1", headers: fixed("Authorization", basic(username, "p\xe4ssw\xf6rd:with:colons")), want: 401},
	{name: "empty password", headers: fixed("Authorization", basic(username, "")), want: 401},
	{name: "empty user and password", headers: fixed("Authorization", basic("", "")), want: 401},
	{name: "scheme in lower case", headers: fixed("Authorization", "b"+basic(username, password)[1:]), want: 200},
	{name: "scheme in upper case", headers: fixed("Authorization", "BASIC"+basic(username, password)[5:]), want: 200},
	{name: "no base64", headers: fixed("Authorization", "Basic !!!"), want: 401},
	{name: "base64 cut short", headers: fixed("Authorization", strings.TrimRight(basic(username, password+"x"), "=")[:20]), want: 401},
	{name: "no colon", headers: fixed("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(username))), want: 401},
	{name: "no credentials after the scheme", headers: fixed("Authorization", "Basic"), want: 401},
	{name: "unencoded", headers: fixed("Authorization", "Basic "+username+":secret"), want: 401},
	{name: "two Authorization headers", headers: fixed("Authorization", basic(username, password), "authorization", basic(username, "wrong")), want: 401},
	{name: "user without an account", prepare: func(w *world) { delete(w.people.accounts, 1) }, headers: withBasic, want: 401},

	// The order.
	{name: "wrong key from a foreign address", prepare: allow("10.0.0.0/8"), headers: wrongKey, want: 401},
	{name: "wrong key, suspended", prepare: func(w *world) { w.account().Suspended = true }, headers: wrongKey, want: 401},
	{name: "suspended, key", prepare: func(w *world) { w.account().Suspended = true }, headers: withKey, want: 403},
	{name: "suspended, basic", prepare: func(w *world) { w.account().Suspended = true }, headers: withBasic, want: 403},
	{name: "foreign address, no operation", prepare: both(allow("10.0.0.0/8"),
		changeKey(func(k *sms.Key, _ time.Time) { k.Operations = nil })), headers: withKey, want: 403},
	{name: "foreign address, bad body", prepare: allow("10.0.0.0/8"), headers: withKey, body: "{", want: 403},
	{name: "no credentials, bad body", headers: nothing, body: "{", want: 401},
	{name: "no credentials, other content type", headers: fixed("Content-Type", "text/plain"), want: 401},
	{name: "no operation, bad body", prepare: changeKey(func(k *sms.Key, _ time.Time) { k.Operations = nil }), headers: withKey, body: "{", want: 403},
	{name: "right, bad body", headers: withKey, body: "{", want: 400},

	// Addresses.
	{name: "on the list", prepare: allow("192.0.2.10"), headers: withKey, want: 200, ask: "192.0.2.10"},
	{name: "on the list, basic", prepare: allow("192.0.2.10"), headers: withBasic, want: 200},
	{name: "not on the list", prepare: allow("192.0.2.11"), headers: withKey, want: 403},
	{name: "not on the list, basic", prepare: allow("192.0.2.11"), headers: withBasic, want: 403},
	{name: "list enabled and empty", prepare: allow(), headers: withKey, want: 403},
	{name: "list with entries, off", prepare: func(w *world) { w.account().AllowList = allowList("10.1.1.1"); w.account().AllowList.Enabled = false }, headers: withKey, want: 200},
	{name: "first of a range", prepare: allow("192.0.2.8/29"), peer: "192.0.2.8:1", headers: withKey, want: 200},
	{name: "last of a range", prepare: allow("192.0.2.8/29"), peer: "192.0.2.15:1", headers: withKey, want: 200},
	{name: "before a range", prepare: allow("192.0.2.8/29"), peer: "192.0.2.7:1", headers: withKey, want: 403},
	{name: "after a range", prepare: allow("192.0.2.8/29"), peer: "192.0.2.16:1", headers: withKey, want: 403},
	{name: "the whole internet", prepare: allow("0.0.0.0/0"), headers: withKey, want: 200},
	{name: "the whole of IPv4, from IPv6", prepare: allow("0.0.0.0/0"), peer: "[2001:db8::1]:1", headers: withKey, want: 403},
	{name: "IPv6 address", prepare: allow("2001:db8::1"), peer: "[2001:db8::1]:1", headers: withKey, want: 200, ask: "2001:db8::1"},
	{name: "IPv6 range", prepare: allow("2001:db8::/32"), peer: "[2001:db8:ffff:ffff::1]:1", headers: withKey, want: 200},
	{name: "outside the IPv6 range", prepare: allow("2001:db8::/32"), peer: "[2001:db9::1]:1", headers: withKey, want: 403},
	{name: "IPv6 with a zone", prepare: allow("fe80::1"), peer: "[fe80::1%eth0]:1", headers: withKey, want: 200, ask: "fe80::1"},
	{name: "mapped peer, IPv4 entry", prepare: allow("192.0.2.10"), peer: "[::ffff:192.0.2.10]:1", headers: withKey, want: 200, ask: "192.0.2.10"},
	{name: "IPv4 peer, mapped entry", prepare: allow("::ffff:192.0.2.10"), headers: withKey, want: 200},
	{name: "IPv4 peer, mapped range", prepare: allow("::ffff:192.0.2.0/120"), headers: withKey, want: 200},
	{name: "mapped peer outside", prepare: allow("192.0.2.11"), peer: "[::ffff:192.0.2.10]:1", headers: withKey, want: 403},
	{name: "the key's own list", prepare: changeKey(func(k *sms.Key, _ time.Time) { k.AllowList = allowList("192.0.2.0/24") }), headers: withKey, want: 200},
	{name: "not on the key's own list", prepare: changeKey(func(k *sms.Key, _ time.Time) { k.AllowList = allowList("10.0.0.0/8") }), headers: withKey, want: 403},
	{name: "on the key's list, not on the account's", prepare: both(allow("10.0.0.0/8"),
		changeKey(func(k *sms.Key, _ time.Time) { k.AllowList = allowList("192.0.2.10") })), headers: withKey, want: 403},
	{name: "the key's list does not bind the user", prepare: changeKey(func(k *sms.Key, _ time.Time) { k.AllowList = allowList() }), headers: withBasic, want: 200},

	// Proxies and those who pretend to be some.
	{name: "forged X-Forwarded-For", prepare: allow("10.0.0.1"), headers: and(withKey, "X-Forwarded-For", "10.0.0.1"), want: 403},
	{name: "forged X-Real-IP", prepare: allow("10.0.0.1"), headers: and(withKey, "X-Real-IP", "10.0.0.1"), want: 403},
	{name: "forged Forwarded", prepare: allow("10.0.0.1"), headers: and(withKey, "Forwarded", "for=10.0.0.1"), want: 403},
	{name: "forged others", prepare: allow("10.0.0.1"), headers: and(withKey, "True-Client-IP", "10.0.0.1", "CF-Connecting-IP", "10.0.0.1",
		"X-Client-IP", "10.0.0.1", "X-Cluster-Client-IP", "10.0.0.1"), want: 403},
	{name: "forged header does not lock out", prepare: allow("192.0.2.10"), headers: and(withKey, "X-Forwarded-For", "10.0.0.1"), want: 200},
	{name: "named proxy", prepare: both(allow("10.0.0.1"), named("192.0.2.10")), headers: and(withKey, "X-Forwarded-For", "10.0.0.1"), want: 200, ask: "10.0.0.1"},
	{name: "named proxy, mapped peer", prepare: both(allow("10.0.0.1"), named("192.0.2.10")), peer: "[::ffff:192.0.2.10]:1",
		headers: and(withKey, "X-Forwarded-For", "10.0.0.1"), want: 200},
	{name: "named proxy, mapped client", prepare: both(allow("10.0.0.1"), named("192.0.2.10")), headers: and(withKey, "X-Forwarded-For", "::ffff:10.0.0.1"), want: 200},
	{name: "named proxy, forged entry to the left", prepare: both(allow("10.0.0.1"), named("192.0.2.10")),
		headers: and(withKey, "X-Forwarded-For", "10.0.0.1, 203.0.113.9"), want: 403},
	{name: "named proxy, forged entry in a line of its own", prepare: both(allow("10.0.0.1"), named("192.0.2.10")),
		headers: and(withKey, "X-Forwarded-For", "10.0.0.1", "x-forwarded-for", "203.0.113.9"), want: 403},
	{name: "chain of named proxies", prepare: both(allow("10.0.0.1"), named("192.0.2.0/24", "198.51.100.7")),
		headers: and(withKey, "X-Forwarded-For", "10.0.0.1, 198.51.100.7, 192.0.2.77"), want: 200, ask: "10.0.0.1"},
	{name: "chain broken by a stranger", prepare: both(allow("10.0.0.1"), named("192.0.2.0/24")),
		headers: and(withKey, "X-Forwarded-For", "10.0.0.1, 198.51.100.7, 192.0.2.77"), want: 403},
	{name: "named proxy without the header", prepare: both(allow("192.0.2.10"), named("192.0.2.10")), headers: withKey, want: 200},
	{name: "named proxy, only X-Real-IP", prepare: both(allow("10.0.0.1"), named("192.0.2.10")), headers: and(withKey, "X-Real-IP", "10.0.0.1"), want: 403},
	{name: "named proxy, rubbish in the header", prepare: both(allow("10.0.0.1"), named("192.0.2.10")),
		headers: and(withKey, "X-Forwarded-For", "10.0.0.1, unknown"), want: 403},
	{name: "named proxy, IPv6 client with a port", prepare: both(allow("2001:db8::7"), named("192.0.2.10")),
		headers: and(withKey, "X-Forwarded-For", "[2001:db8::7]:5555"), want: 200, ask: "2001:db8::7"},
	{name: "wrong key through a named proxy from a foreign address", prepare: both(allow("10.0.0.1"), named("192.0.2.10")),
		headers: and(wrongKey, "X-Forwarded-For", "203.0.113.9"), want: 401},
}

func TestAuthentication(t *testing.T) {
	if len(authCases) < 40 {
		t.Fatalf("only %d cases", len(authCases))
	}
	for _, c := range authCases {
		t.Run(c.name, func(t *testing.T) { c.run(t) })
	}
}

func (c authCase) run(t *testing.T) {
	w := open(t, func(w *world) {
		if c.prepare != nil {
			c.prepare(w)
		}
		if c.peer != "" {
			w.peer = c.peer
		}
	})
	path, body, method := sendPath, goodBody, "POST"
	if c.path != "" {
		path = strings.ReplaceAll(c.path, "{key}", w.value)
	}
	if strings.HasPrefix(path, statusPath) {
		method, body = "GET", ""
	} else if c.body != "" {
		body = c.body
	}
	r := w.request(method, path, body, "X-Api-Key", "")
	headers := c.headers(w)
	for i := 0; i < len(headers); i += 2 {
		r.Header[headers[i]] = []string{headers[i+1]}
	}
	a := w.do(r)
	c.check(t, w, a)
}

func (c authCase) check(t *testing.T, w *world, a answer) {
	if a.status != c.want {
		t.Errorf("answer %d, want %d: %s", a.status, c.want, a.body)
	}
	if accepted := w.intake.calls() == 1; accepted != (a.status == 200) {
		t.Errorf("intake was called %d times with an answer of %d", w.intake.calls(), a.status)
	}
	challenged := a.header.Get("WWW-Authenticate")
	if (a.status == 401) != (challenged == `Basic realm="staffetta", charset="UTF-8"`) || a.status != 401 && challenged != "" {
		t.Errorf("WWW-Authenticate is %q with %d", challenged, a.status)
	}
	if a.status == 401 && a.problem(t).Message != "missing or wrong credentials" {
		t.Errorf("a 401 that says more than the others: %s", a.body)
	}
	if c.ask != "" && (w.intake.calls() == 0 || w.intake.callers[0].Address != netip.MustParseAddr(c.ask)) {
		t.Errorf("the client was taken for %v, not %s", w.intake.callers, c.ask)
	}
	if strings.Contains(w.logged.String(), w.value[9+12:]) || strings.Contains(w.logged.String(), password) {
		t.Errorf("a secret is in the log: %s", w.logged)
	}
}

// A key that is changed between two requests is judged as it is at the second.
func TestRevokedBetweenRequests(t *testing.T) {
	w := open(t, nil)
	if a := w.send(goodBody); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	revoked := *w.key(w.value)
	revoked.Revoked = w.clock.at
	w.people.keys[revoked.ID] = &revoked
	if a := w.send(goodBody); a.status != 401 {
		t.Errorf("a revoked key is answered with %d", a.status)
	}
}

// Ten wrong passwords in a minute are heard; the eleventh gets 429 from that address only. Whoever was right before
// goes on, and so do keys.
func TestWrongPasswords(t *testing.T) {
	w := open(t, nil)
	right := []string{"X-Api-Key", "", "Authorization", basic(username, password)}
	if a := w.send(goodBody, right...); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for i := range 10 {
		if a := w.send(goodBody, "X-Api-Key", "", "Authorization", basic(username, "guess "+strconv.Itoa(i))); a.status != 401 {
			t.Fatalf("guess %d: %d", i, a.status)
		}
	}
	guess := []string{"X-Api-Key", "", "Authorization", basic(username, "one more")}
	a := w.send(goodBody, guess...)
	p := a.problem(t)
	if a.status != 429 || p.RetryAfter == nil || a.header.Get("Retry-After") != strconv.Itoa(*p.RetryAfter) || *p.RetryAfter < 1 || *p.RetryAfter > 60 {
		t.Errorf("the eleventh guess: %d %v %s", a.status, a.header, a.body)
	}
	if a.header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("nobody is authenticated, yet there are rate-limit headers: %v", a.header)
	}
	if a := w.send(goodBody, right...); a.status != 200 {
		t.Errorf("a password that was right a moment ago: %d", a.status)
	}
	if a := w.send(goodBody); a.status != 200 {
		t.Errorf("a key from the same address: %d", a.status)
	}
	w.moveTo("198.51.100.1:1")
	if a := w.send(goodBody, guess...); a.status != 401 {
		t.Errorf("a guess from another address: %d", a.status)
	}
	w.moveTo(peerHere)
	w.clock.advance(time.Minute)
	if a := w.send(goodBody, guess...); a.status != 401 {
		t.Errorf("a guess a minute later: %d", a.status)
	}
}
