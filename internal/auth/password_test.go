package auth

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

const home = "192.0.2.1"

func TestHashPassword(t *testing.T) {
	hash, err := HashPassword("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	form := `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`
	if !regexp.MustCompile(form).MatchString(hash) {
		t.Errorf("hash %q has another form", hash)
	}
	if !verify(hash, "correct horse") || verify(hash, "correct horsf") || verify(hash, "") {
		t.Error("the hash does not tell the right password from a wrong one")
	}
	if again, _ := HashPassword("correct horse"); again == hash {
		t.Error("two hashes of one password are alike: no salt")
	}
	for _, bad := range []string{"", strings.Repeat("x", 1001), "a\x00b"} {
		if _, err := HashPassword(bad); err == nil {
			t.Errorf("password %.20q was taken", bad)
		}
	}
}

// The hash was made by the reference implementation (libargon2): 19456 KiB, 2 passes, 1 lane, salt "somesaltsomesalt".
func TestVerifyForeignHash(t *testing.T) {
	const foreign = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE"
	if !verify(foreign, "password") {
		t.Error("a hash of the reference implementation is not understood")
	}
}

func TestStoredTextThatIsNoHash(t *testing.T) {
	good := dummyHash()
	for _, bad := range []string{"", "x", "$", "$argon2id$v=19$m=19456,t=2,p=1$$", strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "m=19456", "m=99999999", 1),
		strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "p=1", "p=999", 1),
		good + "A", good[:len(good)-4], "$2a$10$abcdefghijklmnopqrstuv"} {
		if _, err := parsePHC(bad); err == nil {
			t.Errorf("parsePHC takes %q", bad)
		}
	}
	if verify("not a hash", "") || verify("", "") {
		t.Error("a stored text that is no hash lets somebody in")
	}
}

// An unknown name is held against a hash that costs exactly what a real one costs.
func TestDummyCostsTheSame(t *testing.T) {
	real, err := HashPassword("x")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := parsePHC(real)
	b, err := parsePHC(dummyHash())
	if err != nil {
		t.Fatal(err)
	}
	if a.memory != b.memory || a.time != b.time || a.lanes != b.lanes || len(a.salt) != len(b.salt) || len(real) != len(dummyHash()) {
		t.Errorf("a real hash is %+v, the dummy %+v", a, b)
	}
}

func TestNewUsesTheRealHash(t *testing.T) {
	hash, err := HashPassword("secret of demo")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.dir.users["demo"] = &sms.User{Name: "demo", Account: 1, Hash: hash}
	w.auth = New(w.dir, testSecret, Options{})
	_, err = w.basic("demo", "secret of demo", home)
	wantCode(t, err, sms.Internal)
	_, err = w.basic("demo", "secret of dem", home)
	wantCode(t, err, sms.Unauthenticated)
}

func TestGeneratedPasswords(t *testing.T) {
	for want, got := range map[int]string{24: NewPassword(), 8: NewSMPPPassword()} {
		if len(got) != want || !onlyBase62(got) {
			t.Errorf("password %q, want %d base62 characters", got, want)
		}
	}
}

func TestCheckUsername(t *testing.T) {
	for name, ok := range map[string]bool{
		"abc": true, "a.b_c-9": true, "123456789012345": true, "...": true,
		"": false, "ab": false, "1234567890123456": false, "Abc": false, "a b": false, "abé": false, "a:b": false, "abc\n": false, "a\x00b": false,
	} {
		if err := CheckUsername(name); (err == nil) != ok {
			t.Errorf("CheckUsername(%q) = %v", name, err)
		}
	}
}

// Every attempt costs exactly one hash, whichever part was wrong; what no client sends costs none.
func TestPasswordAttempts(t *testing.T) {
	tests := map[string]struct {
		name, password string // $P and $S stand for the password and the one for SMPP
		change         func(*world)
		want           sms.Code
		hashes         int64
	}{
		"right":                    {"demo", "$P", nil, sms.Internal, 1},
		"wrong password":           {"demo", "wrong", nil, sms.Unauthenticated, 1},
		"unknown name":             {"nobody", "$P", nil, sms.Unauthenticated, 1},
		"impossible name":          {"Not A Name!", "$P", nil, sms.Unauthenticated, 1},
		"name in capitals":         {"DEMO", "$P", nil, sms.Unauthenticated, 1},
		"empty password":           {"demo", "", nil, sms.Unauthenticated, 1},
		"empty name":               {"", "$P", nil, sms.Unauthenticated, 1},
		"password with a space":    {"demo", "$P ", nil, sms.Unauthenticated, 1},
		"password cut to eight":    {"demo", "$8", nil, sms.Unauthenticated, 1},
		"the SMPP password":        {"demo", "$S", nil, sms.Unauthenticated, 1},
		"stored hash as password":  {"demo", "hash of $P", nil, sms.Unauthenticated, 1},
		"name of 1,000 bytes":      {strings.Repeat("n", 1000), "$P", nil, sms.Unauthenticated, 1},
		"name of 1,001 bytes":      {strings.Repeat("n", 1001), "$P", nil, sms.Unauthenticated, 0},
		"password of 1,000 bytes":  {"demo", strings.Repeat("p", 1000), nil, sms.Unauthenticated, 1},
		"password of 1,001 bytes":  {"demo", strings.Repeat("p", 1001), nil, sms.Unauthenticated, 0},
		"NUL in the name":          {"demo\x00", "$P", nil, sms.Unauthenticated, 0},
		"NUL in the password":      {"demo", "$P\x00", nil, sms.Unauthenticated, 0},
		"no hash stored":           {"demo", "$P", func(w *world) { w.dir.users["demo"].Hash = "" }, sms.Unauthenticated, 1},
		"account unknown":          {"demo", "$P", func(w *world) { w.dir.users["demo"].Account = 9 }, sms.Unauthenticated, 1},
		"password of another user": {"demo", "other", func(w *world) { w.dir.users["other"] = &sms.User{Name: "other", Account: 1, Hash: cheap("other")} }, sms.Unauthenticated, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if test.change != nil {
				test.change(w)
			}
			password := strings.NewReplacer("$P", w.password, "$S", w.smpp, "$8", w.password[:8]).Replace(test.password)
			_, err := w.basic(test.name, password, home)
			wantCode(t, err, test.want)
			if got := w.hashes.Load(); got != test.hashes {
				t.Errorf("%d hashes, want %d", got, test.hashes)
			}
			if err != nil && err.Error() != unauthenticated().Error() {
				t.Errorf("the text %q says which part was wrong", err)
			}
		})
	}
}

// Should somebody find out the password of the dummy, it is still nobody's.
func TestDummyIsNobody(t *testing.T) {
	w := newWorld(t)
	w.auth.verify = func(string, string) bool { return true }
	_, err := w.basic("nobody", "x", home)
	wantCode(t, err, sms.Unauthenticated)
	_, err = w.basic("nobody", "x", home)
	wantCode(t, err, sms.Unauthenticated)
}

func TestBasicCaller(t *testing.T) {
	w := newWorld(t)
	c, err := w.basic("demo", w.password, "fe80::1%eth0")
	wantCode(t, err, sms.Internal)
	if c.Account != w.dir.accounts[1] || c.Key != "" || c.Username != "demo" || c.Credential != "demo" || c.Address.String() != "fe80::1" {
		t.Errorf("caller is %+v", c)
	}
	for _, op := range sms.Operations {
		if !c.May(op) {
			t.Errorf("a password must allow %s", op)
		}
	}
}

func TestSMPPPassword(t *testing.T) {
	tests := map[string]struct {
		password func(*world) string
		change   func(*world)
		want     sms.Code
	}{
		"of eight characters": {password: func(w *world) string { return w.smpp }},
		"full":                {password: func(w *world) string { return w.password }},
		"full, cut to eight":  {password: func(w *world) string { return w.password[:8] }, want: sms.Unauthenticated},
		"wrong":               {password: func(*world) string { return "12345678" }, want: sms.Unauthenticated},
		"of seven characters": {password: func(w *world) string { return w.smpp[:7] }, want: sms.Unauthenticated},
		"none was made": {password: func(w *world) string { return w.smpp },
			change: func(w *world) { w.dir.users["demo"].SMPPHash = "" }, want: sms.Unauthenticated},
		"suspended": {password: func(w *world) string { return w.smpp },
			change: func(w *world) { w.dir.accounts[1].Suspended = true }, want: sms.Forbidden},
		"from elsewhere": {password: func(w *world) string { return w.smpp },
			change: func(w *world) { w.dir.accounts[1].AllowList = list("198.51.100.0/24") }, want: sms.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if test.change != nil {
				test.change(w)
			}
			c, err := w.auth.AuthenticateSMPP(context.Background(), "demo", test.password(w), netip.MustParseAddr(home))
			wantCode(t, err, test.want)
			if err == nil && c.Username != "demo" {
				t.Errorf("caller is %+v", c)
			}
			if w.hashes.Load() != 1 {
				t.Errorf("%d hashes, want 1", w.hashes.Load())
			}
		})
	}
}

// What a bind made known must not open the HTTP door.
func TestSMPPPasswordStaysAtItsDoor(t *testing.T) {
	w := newWorld(t)
	_, err := w.auth.AuthenticateSMPP(context.Background(), "demo", w.smpp, netip.MustParseAddr(home))
	wantCode(t, err, sms.Internal)
	_, err = w.basic("demo", w.smpp, home)
	wantCode(t, err, sms.Unauthenticated)
}

func TestSuccessIsCachedFiveMinutes(t *testing.T) {
	w := newWorld(t)
	steps := []struct {
		after  time.Duration
		hashes int64
	}{{0, 1}, {2 * time.Second, 1}, {5*time.Minute - 1, 1}, {5 * time.Minute, 2}, {4 * time.Minute, 2}, {4 * time.Minute, 2}}
	for i, step := range steps {
		w.now = w.now.Add(step.after)
		_, err := w.basic("demo", w.password, home)
		wantCode(t, err, sms.Internal)
		if got := w.hashes.Load(); got != step.hashes {
			t.Errorf("step %d: %d hashes, want %d", i, got, step.hashes)
		}
	}
}

func TestFailureIsNotCached(t *testing.T) {
	w := newWorld(t)
	for i := range int64(3) {
		_, err := w.basic("demo", "wrong", home)
		wantCode(t, err, sms.Unauthenticated)
		if w.hashes.Load() != i+1 {
			t.Errorf("%d hashes after %d wrong passwords", w.hashes.Load(), i+1)
		}
	}
}

func TestCachedSuccessFollowsChanges(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*world)
		want   sms.Code
	}{
		"password changed":  {func(w *world) { w.dir.users["demo"] = &sms.User{Name: "demo", Account: 1, Hash: cheap("new")} }, sms.Unauthenticated},
		"user gone":         {func(w *world) { delete(w.dir.users, "demo") }, sms.Unauthenticated},
		"account suspended": {func(w *world) { w.dir.accounts[1] = &sms.Account{ID: 1, Suspended: true} }, sms.Forbidden},
		"allow-list set":    {func(w *world) { w.dir.accounts[1] = &sms.Account{ID: 1, AllowList: list()} }, sms.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.basic("demo", w.password, home)
			wantCode(t, err, sms.Internal)
			test.change(w)
			_, err = w.basic("demo", w.password, home)
			wantCode(t, err, test.want)
		})
	}
}

func TestProofsAreApart(t *testing.T) {
	a := newDigester(processKey())
	seen := map[proof][]string{}
	for _, texts := range [][]string{{"ab", "c", "h"}, {"a", "bc", "h"}, {"abc", "", "h"}, {"", "abc", "h"}, {"ab", "ch", ""}, {"a\x00b", "c", "h"}} {
		p := a.join(texts...)
		if other, twice := seen[p]; twice {
			t.Errorf("%q and %q make one proof", texts, other)
		}
		seen[p] = texts
	}
	if newDigester(processKey()).join("a", "b", "c") == newDigester(processKey()).join("a", "b", "c") {
		t.Error("two processes make the same proof")
	}
	if got, want := newDigester(keyDomain(testSecret)).sum("value"), HashKey(testSecret, "value"); string(got[:]) != string(want) {
		t.Error("the pooled HMAC is not HashKey")
	}
}

func TestSuccessesAreBounded(t *testing.T) {
	start := time.Now()
	s := newSuccesses(start)
	d := newDigester(processKey())
	last := proof{}
	for i := range maxCached + 1000 {
		last = d.join(fmt.Sprint(i))
		s.remember(last, start)
	}
	if len(s.until) > maxCached || !s.known(last, start) {
		t.Errorf("%d entries, the newest known: %v; want at most %d", len(s.until), s.known(last, start), maxCached)
	}
	later := start.Add(successFor)
	for i := range maxCached / 16 {
		s.remember(d.join("later", fmt.Sprint(i)), later)
	}
	if len(s.until) > maxCached/4 {
		t.Errorf("%d entries after all but %d ran out", len(s.until), maxCached/16)
	}
}
