package auth

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Directory is what is known of keys, users and accounts. What it answers must not change afterwards.
type Directory interface {
	Account(id sms.AccountID) (*sms.Account, bool)
	User(name string) (*sms.User, bool)
	Key(id string) (*sms.Key, bool)
}

// Options of an Authenticator; the zero value is right for a server.
type Options struct {
	Now  func() time.Time                  // nil: time.Now
	Used func(key string, from netip.Addr) // told of each key that got in; it must not block; nil: nobody is
	// Refused is told of each caller who has right credentials, or a value that was right once, and is not let in. It
	// must not block; nil: nobody is told.
	Refused func(sms.AccessRefusal)
}

// Authenticator says who is calling. Safe for concurrent use.
type Authenticator struct {
	dir        Directory
	now        func() time.Time
	used       func(key string, from netip.Addr)
	refused    func(sms.AccessRefusal)
	keys       *digester // under the server's secret, as HashKey
	proofs     *digester // under a key of this process
	noKey      proof     // compared in place of a hash that there is not
	noPassword string    // a stored hash that no password has
	operations []sms.Operation
	verify     func(stored, password string) bool

	successes *successes
	failures  *failures
	hasher    *hasher
	flights   *flights
}

// New makes an Authenticator. secret is the server's, the one that HashKey was given.
func New(dir Directory, secret []byte, opts Options) *Authenticator {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Used == nil {
		opts.Used = func(string, netip.Addr) {}
	}
	if opts.Refused == nil {
		opts.Refused = func(sms.AccessRefusal) {}
	}
	a := &Authenticator{
		dir:        dir,
		now:        opts.Now,
		used:       opts.Used,
		refused:    opts.Refused,
		keys:       newDigester(keyDomain(secret)),
		proofs:     newDigester(processKey()),
		noPassword: dummyHash(),
		operations: slices.Clone(sms.Operations),
		verify:     verify,
		successes:  newSuccesses(opts.Now()),
		failures:   newFailures(),
		hasher:     newHasher(),
		flights:    newFlights(),
	}
	a.noKey = a.proofs.sum("no key")
	return a
}

// Authenticate says who sent these credentials from that address. Errors are *sms.Error: Unauthenticated (none, or
// wrong in any way); Forbidden (right, but the account is suspended, or its allow-list or that of the key does not
// have the address); Limited with RetryAfter (ten wrong passwords came from that address within a minute; nothing
// was hashed); Unavailable with RetryAfter (too many passwords wait to be hashed, or ctx ended). A password may
// take tens of milliseconds the first time; a key, and a password that was used within five minutes, never wait and
// are never Limited: nothing is hashed for them. Wrong keys are not counted against an address, for the same reason.
func (a *Authenticator) Authenticate(ctx context.Context, c Credentials, addr netip.Addr) (Caller, error) {
	addr = plain(addr)
	switch {
	case c.HasKey:
		return a.byKey(c.APIKey, addr)
	case c.HasBasic:
		return a.byPassword(ctx, login{c.Username, c.Password, addr}, fullHash)
	}
	return Caller{}, unauthenticated()
}

// AuthenticateSMPP is Authenticate for a bind: system_id and password, SMPP 3.4 §4.1. A password of eight characters
// is held against the one that `account smpp-password` made, any other against the full one. The one of eight
// characters opens no other door.
func (a *Authenticator) AuthenticateSMPP(ctx context.Context, systemID, password string, addr netip.Addr) (Caller, error) {
	hash := fullHash
	if len(password) == smppPasswordLength {
		hash = cutHash
	}
	return a.byPassword(ctx, login{systemID, password, plain(addr)}, hash)
}

// Still says whether who got in by a password would get in now: the account is there and not suspended, its allow-list has
// the address, and the password was not changed. Nothing is hashed. The answer is the caller with the account as it is now.
func (a *Authenticator) Still(c Caller) (Caller, error) {
	user, known := a.dir.User(c.Username)
	if !known || c.hash == "" || (c.hash != user.Hash && c.hash != user.SMPPHash) {
		return Caller{}, unauthenticated()
	}
	account, ok := a.dir.Account(user.Account)
	if !ok || account.ID != c.Account.ID {
		return Caller{}, unauthenticated()
	}
	c.Account = account
	return a.admit(c, sms.AllowList{})
}

func fullHash(user *sms.User) string { return user.Hash }
func cutHash(user *sms.User) string  { return user.SMPPHash }

func (a *Authenticator) byKey(value string, addr netip.Addr) (Caller, error) {
	id, ok := ParseKey(value)
	if !ok {
		return Caller{}, unauthenticated()
	}
	key, known := a.dir.Key(id)
	right, ended := a.matches(key, a.keys.sum(value))
	if !known {
		return Caller{}, unauthenticated()
	}
	if !right {
		if ended != "" {
			a.note(key.Account, ShownKey(key.ID), addr, ended)
		}
		return Caller{}, unauthenticated()
	}
	account, ok := a.dir.Account(key.Account)
	if !ok {
		return Caller{}, unauthenticated()
	}
	caller := Caller{Account: account, Key: key.ID, Credential: ShownKey(key.ID), Address: addr, Operations: key.Operations}
	if caller, err := a.admit(caller, key.AllowList); err != nil {
		return caller, err
	}
	a.used(key.ID, addr)
	return caller, nil
}

// matches makes the same two comparisons for every key, even for nil: which of them failed cannot be timed. ended says why
// a value of the key is not right any more; empty: it is right, or never was.
func (a *Authenticator) matches(key *sms.Key, sum proof) (right bool, ended sms.AccessReason) {
	hash, oldHash := a.noKey[:], a.noKey[:]
	var valid, oldValid int
	if key != nil {
		now := a.now()
		alive := key.Revoked.IsZero() && (key.Expires.IsZero() || now.Before(key.Expires))
		hash, valid = key.Hash, bit(alive)
		if key.OldHash != nil {
			oldHash, oldValid = key.OldHash, bit(alive && now.Before(key.OldUntil))
		}
	}
	current := subtle.ConstantTimeCompare(sum[:], hash)
	old := subtle.ConstantTimeCompare(sum[:], oldHash)
	if current&valid|old&oldValid == 1 {
		return true, ""
	}
	if current|old == 1 && key != nil {
		ended = endOf(key, valid == 1)
	}
	return false, ended
}

// endOf says why a value that a key had is not right any more.
func endOf(key *sms.Key, alive bool) sms.AccessReason {
	switch {
	case !key.Revoked.IsZero():
		return sms.KeyRevoked
	case !alive:
		return sms.KeyExpired
	}
	return sms.KeyReplaced
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// login is a name and a password, and where they come from.
type login struct {
	name, password string
	addr           netip.Addr
}

func (a *Authenticator) byPassword(ctx context.Context, l login, stored func(*sms.User) string) (Caller, error) {
	if !plausible(l.name) || !plausible(l.password) {
		return Caller{}, unauthenticated()
	}
	try := attempt{stored: a.noPassword, password: l.password, from: l.addr}
	user, known := a.dir.User(l.name)
	if known && stored(user) != "" {
		try.known, try.stored = true, stored(user)
	}
	try.proof = a.proofs.join(l.name, l.password, try.stored)
	if err := a.checkPassword(ctx, try); err != nil {
		return Caller{}, err
	}
	account, ok := a.dir.Account(user.Account)
	if !ok {
		return Caller{}, unauthenticated()
	}
	caller := Caller{Account: account, Username: user.Name, Credential: user.Name, Address: l.addr, Operations: a.operations, hash: try.stored}
	return a.admit(caller, sms.AllowList{})
}

// admit holds an authenticated caller against the state and the lists.
func (a *Authenticator) admit(c Caller, own sms.AllowList) (Caller, error) {
	var why sms.AccessReason
	var err error
	switch {
	case c.Account.Suspended:
		why, err = sms.AccountSuspended, sms.Errorf(sms.Forbidden, "the account is suspended")
	case !Permits(c.Account.AllowList, c.Address):
		why, err = sms.NotOnAccountList, sms.Errorf(sms.Forbidden, "the address %s is not on the allow-list of the account", c.Address)
	case !Permits(own, c.Address):
		why, err = sms.NotOnKeyList, sms.Errorf(sms.Forbidden, "the address %s is not on the allow-list of the key", c.Address)
	default:
		return c, nil
	}
	a.note(c.Account.ID, c.Credential, c.Address, why)
	return Caller{}, err
}

// note tells of a caller who was not let in.
func (a *Authenticator) note(account sms.AccountID, credential string, from netip.Addr, why sms.AccessReason) {
	now := a.now()
	a.refused(sms.AccessRefusal{Account: account, Address: from, Credential: credential, Reason: why, Times: 1, First: now, Last: now})
}
