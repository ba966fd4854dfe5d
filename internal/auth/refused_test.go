package auth

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffetta/staffetta/internal/sms"
)

// TestRefusedAreTold: who has right credentials, or had them, and is not let in is told of; who guesses is not.
func TestRefusedAreTold(t *testing.T) {
	only := func(cidr string) sms.AllowList {
		return sms.AllowList{Enabled: true, Entries: []sms.AllowEntry{{Prefix: netip.MustParsePrefix(cidr)}}}
	}
	tests := map[string]struct {
		change func(w *world, k *sms.Key)
		try    func(w *world) error
		want   sms.AccessReason
		who    string // empty: the key
	}{
		"let in": {},
		"not on the account's list": {change: func(w *world, _ *sms.Key) { w.dir.accounts[1].AllowList = only("198.51.100.0/24") },
			want: sms.NotOnAccountList},
		"not on the key's list": {change: func(_ *world, k *sms.Key) { k.AllowList = only("198.51.100.0/24") }, want: sms.NotOnKeyList},
		"suspended":             {change: func(w *world, _ *sms.Key) { w.dir.accounts[1].Suspended = true }, want: sms.AccountSuspended},
		"revoked":               {change: func(w *world, k *sms.Key) { k.Revoked = w.now }, want: sms.KeyRevoked},
		"expired":               {change: func(w *world, k *sms.Key) { k.Expires = w.now }, want: sms.KeyExpired},
		"replaced":              {change: func(_ *world, k *sms.Key) { _, *k = RegenerateKey(testSecret, *k, time.Time{}) }, want: sms.KeyReplaced},
		"replaced, and the overlap is over": {change: func(w *world, k *sms.Key) {
			_, *k = RegenerateKey(testSecret, *k, w.now)
		}, want: sms.KeyReplaced},
		"a guess at a revoked key": {change: func(w *world, k *sms.Key) { k.Revoked, w.key = w.now, newValue(k.ID) }},
		"a guess at a key":         {change: func(w *world, k *sms.Key) { w.key = newValue(k.ID) }},
		"a key that is nobody's":   {change: func(w *world, _ *sms.Key) { w.key = newValue("000000000000") }},
		"by password": {change: func(w *world, _ *sms.Key) { w.dir.accounts[1].AllowList = only("198.51.100.0/24") },
			try:  func(w *world) error { _, err := w.basic("demo", w.password, "::ffff:192.0.2.1"); return err },
			want: sms.NotOnAccountList, who: "demo"},
		"by a wrong password": {change: func(w *world, _ *sms.Key) { w.dir.accounts[1].AllowList = only("198.51.100.0/24") },
			try: func(w *world) error { _, err := w.basic("demo", "wrong", "192.0.2.1"); return err }},
		"by SMPP": {change: func(w *world, _ *sms.Key) { w.dir.accounts[1].AllowList = only("198.51.100.0/24") },
			try: func(w *world) error {
				_, err := w.auth.AuthenticateSMPP(context.Background(), "demo", w.smpp, netip.MustParseAddr("192.0.2.1"))
				return err
			}, want: sms.NotOnAccountList, who: "demo"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var got []sms.AccessRefusal
			w.auth.refused = func(r sms.AccessRefusal) { got = append(got, r) }
			if test.change != nil {
				test.change(w, w.dir.keys[w.id])
			}
			if test.try == nil {
				test.try = func(w *world) error { _, err := w.withKey(w.key, "192.0.2.1"); return err }
			}
			err := test.try(w)
			if (err == nil) != (name == "let in") {
				t.Errorf("error %v", err)
			}
			if test.who == "" {
				test.who = ShownKey(w.id)
			}
			var want []sms.AccessRefusal
			if test.want != "" {
				want = []sms.AccessRefusal{{Account: 1, Address: netip.MustParseAddr("192.0.2.1"), Credential: test.who, Reason: test.want, Times: 1, First: w.now, Last: w.now}}
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRefusedSession: a session that would not be let in any more is told of like a bind.
func TestRefusedSession(t *testing.T) {
	w := newWorld(t)
	caller, err := w.basic("demo", w.password, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	var got []sms.AccessReason
	w.auth.refused = func(r sms.AccessRefusal) { got = append(got, r.Reason) }
	w.dir.accounts[1] = &sms.Account{ID: 1, AllowList: sms.AllowList{Enabled: true}}
	if _, err := w.auth.Still(caller); sms.CodeOf(err) != sms.Forbidden {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]sms.AccessReason{sms.NotOnAccountList}, got); diff != "" {
		t.Error(diff)
	}
}
