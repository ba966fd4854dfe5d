package auth

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

var testSecret = []byte("0123456789abcdef0123456789abcdef")

// fakeDirectory is a directory that tests change between calls.
type fakeDirectory struct {
	lookups  atomic.Int64 // of keys
	accounts map[sms.AccountID]*sms.Account
	users    map[string]*sms.User
	keys     map[string]*sms.Key
}

func (d *fakeDirectory) Account(id sms.AccountID) (*sms.Account, bool) {
	account, ok := d.accounts[id]
	return account, ok
}

func (d *fakeDirectory) User(name string) (*sms.User, bool) {
	user, ok := d.users[name]
	return user, ok
}

func (d *fakeDirectory) Key(id string) (*sms.Key, bool) {
	d.lookups.Add(1)
	key, ok := d.keys[id]
	return key, ok
}

// world is one account with a user and a key, an Authenticator whose hash costs nothing, and a clock.
type world struct {
	dir            *fakeDirectory
	auth           *Authenticator
	now            time.Time
	key, id        string
	password, smpp string
	hashes         atomic.Int64 // how often a password was hashed
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), password: NewPassword(), smpp: NewSMPPPassword()}
	value, key := NewKey(testSecret)
	key.Account, key.Operations, key.Created = 1, []sms.Operation{sms.OpSMS}, w.now
	w.key, w.id = value, key.ID
	w.dir = &fakeDirectory{
		accounts: map[sms.AccountID]*sms.Account{1: {ID: 1, Name: "Demo"}},
		users:    map[string]*sms.User{"demo": {Name: "demo", Account: 1, Hash: cheap(w.password), SMPPHash: cheap(w.smpp)}},
		keys:     map[string]*sms.Key{key.ID: &key},
	}
	w.auth = New(w.dir, testSecret, Options{Now: func() time.Time { return w.now }})
	w.auth.verify = func(stored, password string) bool {
		w.hashes.Add(1)
		if stored == "" {
			t.Error("a password was held against nothing")
		}
		return stored == cheap(password)
	}
	return w
}

// cheap stands for a stored hash.
func cheap(password string) string { return "hash of " + password }

func (w *world) basic(name, password, from string) (Caller, error) {
	c := Credentials{Username: name, Password: password, HasBasic: true}
	return w.auth.Authenticate(context.Background(), c, netip.MustParseAddr(from))
}

func (w *world) withKey(value, from string) (Caller, error) {
	return w.auth.Authenticate(context.Background(), Credentials{APIKey: value, HasKey: true}, netip.MustParseAddr(from))
}

// wantCode fails the test unless err is of that class; Internal stands for no error.
func wantCode(t testing.TB, err error, want sms.Code) {
	t.Helper()
	if want == sms.Internal && err == nil {
		return
	}
	if err == nil || sms.CodeOf(err) != want {
		t.Fatalf("got error %v, want class %d", err, want)
	}
}

func list(entries ...string) sms.AllowList {
	l := sms.AllowList{Enabled: true}
	for _, e := range entries {
		l.Entries = append(l.Entries, sms.AllowEntry{Prefix: netip.MustParsePrefix(e)})
	}
	return l
}
