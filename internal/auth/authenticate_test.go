package auth

import (
	"cmp"
	"context"
	"net/netip"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// Which credentials decide, and what comes first.
func TestOrder(t *testing.T) {
	const foreign = "198.51.100.9"
	tests := map[string]struct {
		credentials func(*world) Credentials
		change      func(*world)
		from        string
		want        sms.Code
	}{
		"nothing": {credentials: func(*world) Credentials { return Credentials{} }, want: sms.Unauthenticated},
		"values without their flags": {credentials: func(w *world) Credentials {
			return Credentials{APIKey: w.key, Username: "demo", Password: w.password}
		}, want: sms.Unauthenticated},
		"both right":                    {credentials: both("", "")},
		"right key, wrong password":     {credentials: both("", "wrong")},
		"wrong key, right password":     {credentials: both("wrong", ""), want: sms.Unauthenticated},
		"empty key, right password":     {credentials: both("empty", ""), want: sms.Unauthenticated},
		"key as password":               {credentials: func(w *world) Credentials { return basic(w.id, w.key) }, want: sms.Unauthenticated},
		"wrong key from elsewhere":      {credentials: both("wrong", ""), change: fence, from: foreign, want: sms.Unauthenticated},
		"right key from elsewhere":      {credentials: both("", ""), change: fence, from: foreign, want: sms.Forbidden},
		"right key from home":           {credentials: both("", ""), change: fence, from: home},
		"wrong password from elsewhere": {credentials: func(*world) Credentials { return basic("demo", "x") }, change: fence, from: foreign, want: sms.Unauthenticated},
		"right password from elsewhere": {credentials: func(w *world) Credentials { return basic("demo", w.password) }, change: fence, from: foreign, want: sms.Forbidden},
		"right password from home":      {credentials: func(w *world) Credentials { return basic("demo", w.password) }, change: fence, from: home},
		"wrong key, suspended":          {credentials: both("wrong", ""), change: suspend, want: sms.Unauthenticated},
		"right key, suspended":          {credentials: both("", ""), change: suspend, want: sms.Forbidden},
		"right password, suspended":     {credentials: func(w *world) Credentials { return basic("demo", w.password) }, change: suspend, want: sms.Forbidden},
		"revoked key from elsewhere": {credentials: both("", ""), from: foreign, want: sms.Unauthenticated,
			change: func(w *world) { fence(w); w.dir.keys[w.id].Revoked = w.now }},
		"no address at all": {credentials: both("", ""), change: fence, from: "none", want: sms.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if test.change != nil {
				test.change(w)
			}
			addr, _ := netip.ParseAddr(cmp.Or(test.from, home))
			_, err := w.auth.Authenticate(context.Background(), test.credentials(w), addr)
			wantCode(t, err, test.want)
		})
	}
}

func both(key, password string) func(*world) Credentials {
	return func(w *world) Credentials {
		c := Credentials{APIKey: w.key, HasKey: true, Username: "demo", Password: w.password, HasBasic: true}
		switch key {
		case "wrong":
			c.APIKey = newValue(w.id)
		case "empty":
			c.APIKey = ""
		}
		if password != "" {
			c.Password = password
		}
		return c
	}
}

func basic(name, password string) Credentials {
	return Credentials{Username: name, Password: password, HasBasic: true}
}

func fence(w *world)   { w.dir.accounts[1].AllowList = list("192.0.2.0/24") }
func suspend(w *world) { w.dir.accounts[1].Suspended = true }

func TestAllowLists(t *testing.T) {
	off := list("198.51.100.0/24")
	off.Enabled = false
	tests := map[string]struct {
		account, key sms.AllowList
		from         string
		allowed      bool
	}{
		"no lists":                                {from: home, allowed: true},
		"off keeps its entries":                   {account: off, from: home, allowed: true},
		"enabled and empty":                       {account: list(), from: home},
		"enabled and empty, the key's":            {key: list(), from: home},
		"one address":                             {account: list("192.0.2.1/32"), from: home, allowed: true},
		"the address beside it":                   {account: list("192.0.2.1/32"), from: "192.0.2.2"},
		"first of a range":                        {account: list("192.0.2.0/25"), from: "192.0.2.0", allowed: true},
		"last of a range":                         {account: list("192.0.2.0/25"), from: "192.0.2.127", allowed: true},
		"one past a range":                        {account: list("192.0.2.0/25"), from: "192.0.2.128"},
		"second entry":                            {account: list("10.0.0.0/8", "192.0.2.0/24"), from: home, allowed: true},
		"mapped address, IPv4 entry":              {account: list("192.0.2.1/32"), from: "::ffff:192.0.2.1", allowed: true},
		"mapped address in hex":                   {account: list("192.0.2.1/32"), from: "::ffff:c000:201", allowed: true},
		"IPv4 address, mapped entry":              {account: list("::ffff:192.0.2.0/120"), from: home, allowed: true},
		"mapped address, all of IPv6":             {account: list("::/0"), from: "::ffff:192.0.2.1"},
		"compatible address is not IPv4":          {account: list("192.0.2.1/32"), from: "::192.0.2.1"},
		"translated address is not IPv4":          {account: list("192.0.2.1/32"), from: "64:ff9b::c000:201"},
		"all of IPv4":                             {account: list("0.0.0.0/0"), from: home, allowed: true},
		"all of IPv4 is not IPv6":                 {account: list("0.0.0.0/0"), from: "2001:db8::1"},
		"IPv6 range":                              {account: list("2001:db8::/32"), from: "2001:db8:ffff::1", allowed: true},
		"IPv6 in another notation":                {account: list("2001:db8::1/128"), from: "2001:0DB8:0:0:0:0:0:1", allowed: true},
		"past an IPv6 range":                      {account: list("2001:db8::/32"), from: "2001:db9::1"},
		"zone does not matter":                    {account: list("fe80::/10"), from: "fe80::1%eth0", allowed: true},
		"account yes, key no":                     {account: list("192.0.2.0/24"), key: list("198.51.100.0/24"), from: home},
		"account no, key yes":                     {account: list("198.51.100.0/24"), key: list("192.0.2.0/24"), from: home},
		"both yes":                                {account: list("192.0.2.0/24"), key: list("192.0.2.1/32"), from: home, allowed: true},
		"the key's alone":                         {key: list("192.0.2.1/32"), from: home, allowed: true},
		"an entry that is no prefix lets in none": {account: sms.AllowList{Enabled: true, Entries: make([]sms.AllowEntry, 1)}, from: home},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dir.accounts[1].AllowList = test.account
			w.dir.keys[w.id].AllowList = test.key
			_, err := w.withKey(w.key, test.from)
			if test.allowed {
				wantCode(t, err, sms.Internal)
			} else {
				wantCode(t, err, sms.Forbidden)
			}
		})
	}
}

func TestPermitsAnyForm(t *testing.T) {
	for _, from := range []string{"192.0.2.1", "::ffff:192.0.2.1", "fe80::1%eth0"} {
		if !Permits(list("192.0.2.0/24", "fe80::/10"), netip.MustParseAddr(from)) {
			t.Errorf("%s is not let in", from)
		}
	}
}

// The list of a key binds that key only.
func TestListOfAKeyIsNotThePasswords(t *testing.T) {
	w := newWorld(t)
	w.dir.keys[w.id].AllowList = list()
	_, err := w.basic("demo", w.password, home)
	wantCode(t, err, sms.Internal)
}

func TestParseAllowEntry(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "192.0.2.0/24": "192.0.2.0/24", "192.0.2.7/24": "192.0.2.0/24", " 192.0.2.7 ": "192.0.2.7/32",
		"2001:db8::1": "2001:db8::1/128", "2001:DB8::/32": "2001:db8::/32", "::ffff:192.0.2.7": "192.0.2.7/32",
		"::ffff:192.0.2.7/120": "192.0.2.0/24", "0.0.0.0/0": "0.0.0.0/0", "::/0": "::/0", "::1": "::1/128",
		"": "", "/": "", "192.0.2": "", "192.0.2.256": "", "192.0.2.0/33": "", "192.0.2.0/-1": "", "192.0.2.0/024": "", "192.0.02.1": "",
		"192.0.2.0/24/8": "", "192.0.2.1-192.0.2.9": "", "192.0.2.0/255.255.255.0": "", "fe80::1%eth0": "", "fe80::%eth0/10": "", "::ffff:0.0.0.0/90": "",
		"example.com": "", "192.0.2.1:80": "", "[::1]": "", "*": "", "192.0.2.1,192.0.2.2": "",
	} {
		prefix, err := ParseAllowEntry(text)
		if got := prefix.String(); (want != "" && (err != nil || got != want)) || (want == "" && err == nil) {
			t.Errorf("ParseAllowEntry(%q) = %s, %v, want %q", text, got, err, want)
		}
	}
}

func TestErrorsHoldNoSecret(t *testing.T) {
	w := newWorld(t)
	wrong := newValue(w.id)
	var texts []string
	note := func(_ Caller, err error) { texts = append(texts, err.Error()) }
	note(w.withKey(wrong, home))
	for range maxFailures + 1 {
		note(w.basic("demo", "a-wrong-secret", home))
	}
	fence(w)
	note(w.withKey(w.key, "198.51.100.9"))
	for _, text := range texts {
		for _, secret := range []string{wrong, wrong[21:], w.key, w.key[21:], "a-wrong-secret", "demo", w.id} {
			if strings.Contains(text, secret) {
				t.Errorf("error %q holds %q", text, secret)
			}
		}
	}
}
