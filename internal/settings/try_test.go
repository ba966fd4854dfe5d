package settings

import (
	"net/netip"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestTry(t *testing.T) {
	list := func(cidrs ...string) sms.AllowList {
		l := sms.AllowList{Enabled: true}
		for _, cidr := range cidrs {
			l.Entries = append(l.Entries, sms.AllowEntry{Prefix: netip.MustParsePrefix(cidr), Note: "the note of " + cidr})
		}
		return l
	}
	off := list("203.0.113.0/24")
	off.Enabled = false
	for name, test := range map[string]struct {
		account sms.Account
		key     *sms.Key
		address string
		why     sms.AccessReason
		entry   string // of the account
	}{
		"no list":                  {address: "203.0.113.9"},
		"a list that is off":       {account: sms.Account{AllowList: off}, address: "198.51.100.1"},
		"on the list":              {account: sms.Account{AllowList: list("198.51.100.0/24", "203.0.113.0/24")}, address: " 203.0.113.9 ", entry: "203.0.113.0/24"},
		"on the list, mapped":      {account: sms.Account{AllowList: list("203.0.113.0/24")}, address: "::ffff:203.0.113.9", entry: "203.0.113.0/24"},
		"not on the list":          {account: sms.Account{AllowList: list("203.0.113.0/24")}, address: "2001:db8::1", why: sms.NotOnAccountList},
		"an empty list":            {account: sms.Account{AllowList: list()}, address: "203.0.113.9", why: sms.NotOnAccountList},
		"suspended":                {account: sms.Account{Suspended: true}, address: "203.0.113.9", why: sms.AccountSuspended},
		"on both lists":            {account: sms.Account{AllowList: list("203.0.113.0/24")}, key: &sms.Key{AllowList: list("203.0.113.9/32")}, address: "203.0.113.9", entry: "203.0.113.0/24"},
		"not on the key's list":    {account: sms.Account{AllowList: list("203.0.113.0/24")}, key: &sms.Key{AllowList: list("203.0.113.8/32")}, address: "203.0.113.9", why: sms.NotOnKeyList, entry: "203.0.113.0/24"},
		"the key is revoked":       {key: &sms.Key{Revoked: time.Now()}, address: "203.0.113.9", why: sms.KeyRevoked},
		"the key has expired":      {key: &sms.Key{Expires: time.Now()}, address: "203.0.113.9", why: sms.KeyExpired},
		"the key is still in time": {key: &sms.Key{Expires: time.Now().Add(time.Hour)}, address: "203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := (&Service{}).Try(&test.account, test.key, test.address)
			if err != nil || got.Allowed != (test.why == "") || got.Reason != test.why {
				t.Errorf("got %+v, error %v, want reason %q", got, err, test.why)
			}
			entry := ""
			if got.ByAccount != nil {
				entry = got.ByAccount.Prefix.String()
			}
			if entry != test.entry {
				t.Errorf("by the entry %q, want %q", entry, test.entry)
			}
		})
	}
	if _, err := (&Service{}).Try(&sms.Account{}, nil, "203.0.113.0/24"); sms.CodeOf(err) != sms.Invalid {
		t.Errorf("a range: %v", err)
	}
}
