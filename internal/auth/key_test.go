package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestNewKeyForm(t *testing.T) {
	value, key := NewKey(testSecret)
	if !regexp.MustCompile(`^stf_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{36}$`).MatchString(value) {
		t.Errorf("key %q has another form", value)
	}
	if id, ok := ParseKey(value); !ok || id != key.ID {
		t.Errorf("ParseKey(%q) = %q, %v, want %q", value, id, ok, key.ID)
	}
	if !bytes.Equal(key.Hash, HashKey(testSecret, value)) {
		t.Error("the hash of a new key is not that of its value")
	}
	if again, _ := NewKey(testSecret); again == value {
		t.Error("two new keys are alike")
	}
}

func TestKeyChecksumCoversEverythingBeforeIt(t *testing.T) {
	value, _ := NewKey(testSecret)
	var sum uint64
	for _, c := range value[len(value)-6:] {
		sum = sum*62 + uint64(strings.IndexRune(base62, c))
	}
	if want := uint64(crc32.ChecksumIEEE([]byte(value[:len(value)-6]))); sum != want {
		t.Errorf("checksum is %d, want %d", sum, want)
	}
}

func TestHashKeyIsSeparated(t *testing.T) {
	value, _ := NewKey(testSecret)
	plain := hmac.New(sha256.New, testSecret)
	plain.Write([]byte(value))
	if bytes.Equal(plain.Sum(nil), HashKey(testSecret, value)) {
		t.Error("the hash of a key is the bare HMAC under the secret, which other uses of it could produce")
	}
	if bytes.Equal(HashKey(testSecret, value), HashKey([]byte("another"), value)) {
		t.Error("the hash does not depend on the secret")
	}
}

func TestParseKeyRefuses(t *testing.T) {
	value, _ := NewKey(testSecret)
	long := strings.Repeat("A", 1<<20)
	for _, bad := range []string{
		"", "stf_live_", long, value + "A", value[:len(value)-1], " " + value, value + "\n",
		strings.Replace(value, "live", "test", 1), strings.ToUpper(value), "Bearer " + value,
		value[:21] + "-" + value[22:], value[:30] + "_" + value[31:], value[:30] + "é" + value[32:],
		value[:30] + "\x00" + value[31:],
	} {
		if id, ok := ParseKey(bad); ok || id != "" && len(bad) != len(value) {
			t.Errorf("ParseKey(%.80q) = %q, %v", bad, id, ok)
		}
	}
}

// One wrong character is always seen, wherever it stands.
func TestParseKeySeesEveryTypo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := newValue(string(appendRandom(nil, idLength)))
		at := rapid.IntRange(0, len(value)-1).Draw(t, "at")
		with := rapid.SampledFrom([]byte(base62)).Draw(t, "with")
		if value[at] == with {
			t.Skip()
		}
		typo := value[:at] + string(with) + value[at+1:]
		if _, ok := ParseKey(typo); ok {
			t.Fatalf("%q passes for %q", typo, value)
		}
	})
}

func TestRegenerateKey(t *testing.T) {
	first, key := NewKey(testSecret)
	until := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	second, next := RegenerateKey(testSecret, key, until)
	if next.ID != key.ID || !bytes.Equal(next.OldHash, HashKey(testSecret, first)) || !next.OldUntil.Equal(until) {
		t.Errorf("with an overlap the old value must stay: %+v", next)
	}
	if !bytes.Equal(next.Hash, HashKey(testSecret, second)) || second == first {
		t.Error("the new value is not in force")
	}
	_, last := RegenerateKey(testSecret, next, time.Time{})
	if !last.OldUntil.IsZero() || HasValue(testSecret, last, first, until) || HasValue(testSecret, last, second, until) {
		t.Errorf("without an overlap no old value stays valid: %+v", last)
	}
	if !bytes.Equal(last.OldHash, HashKey(testSecret, second)) {
		t.Error("who still uses the old value cannot be told apart")
	}
}

func TestRandomIsFair(t *testing.T) {
	const n = 62 * 2000
	var count [256]int
	for _, c := range appendRandom(nil, n) {
		count[c]++
	}
	for _, c := range []byte(base62) {
		if count[c] < 1700 || count[c] > 2300 { // 2000 ± 6.7 standard deviations
			t.Errorf("%q comes %d times in %d, want about 2000", c, count[c], n)
		}
		count[c] = 0
	}
	if count != [256]int{} {
		t.Error("a character outside base62")
	}
}

func TestKeyAuthentication(t *testing.T) {
	other, _ := NewKey(testSecret)
	tests := map[string]struct {
		change func(*world, *sms.Key)
		value  func(*world) string
		want   sms.Code
	}{
		"right":                {},
		"wrong value, same id": {value: func(w *world) string { return newValue(w.id) }, want: sms.Unauthenticated},
		"unknown id":           {value: func(*world) string { return other }, want: sms.Unauthenticated},
		"empty":                {value: func(*world) string { return "" }, want: sms.Unauthenticated},
		"id alone":             {value: func(w *world) string { return ShownKey(w.id) }, want: sms.Unauthenticated},
		"stored hash as key":   {value: func(w *world) string { return string(w.dir.keys[w.id].Hash) }, want: sms.Unauthenticated},
		"revoked":              {change: func(w *world, k *sms.Key) { k.Revoked = w.now }, want: sms.Unauthenticated},
		"revoked by a clock that runs ahead": {
			change: func(w *world, k *sms.Key) { k.Revoked = w.now.Add(time.Hour) }, want: sms.Unauthenticated},
		"expires later": {change: func(w *world, k *sms.Key) { k.Expires = w.now.Add(1) }},
		"expires now":   {change: func(w *world, k *sms.Key) { k.Expires = w.now }, want: sms.Unauthenticated},
		"regenerated": {change: func(w *world, k *sms.Key) {
			_, *k = RegenerateKey(testSecret, *k, time.Time{})
		}, want: sms.Unauthenticated},
		"regenerated, within the overlap": {change: func(w *world, k *sms.Key) {
			_, *k = RegenerateKey(testSecret, *k, w.now.Add(1))
		}},
		"regenerated, at the end of the overlap": {change: func(w *world, k *sms.Key) {
			_, *k = RegenerateKey(testSecret, *k, w.now)
		}, want: sms.Unauthenticated},
		"regenerated twice, within both overlaps": {change: func(w *world, k *sms.Key) {
			_, *k = RegenerateKey(testSecret, *k, w.now.Add(time.Hour))
			_, *k = RegenerateKey(testSecret, *k, w.now.Add(time.Hour))
		}, want: sms.Unauthenticated},
		"regenerated and revoked, within the overlap": {change: func(w *world, k *sms.Key) {
			_, *k = RegenerateKey(testSecret, *k, w.now.Add(time.Hour))
			k.Revoked = w.now
		}, want: sms.Unauthenticated},
		"regenerated, the new value": {value: func(w *world) string {
			value, key := RegenerateKey(testSecret, *w.dir.keys[w.id], w.now.Add(time.Hour))
			w.dir.keys[w.id] = &key
			return value
		}},
		"no hash stored":        {change: func(w *world, k *sms.Key) { k.Hash = nil }, want: sms.Unauthenticated},
		"old hash without time": {change: func(w *world, k *sms.Key) { k.Hash, k.OldHash = nil, k.Hash }, want: sms.Unauthenticated},
		"account unknown":       {change: func(w *world, k *sms.Key) { k.Account = 9 }, want: sms.Unauthenticated},
		"another secret": {change: func(w *world, k *sms.Key) {
			k.Hash = HashKey([]byte("another secret"), w.key)
		}, want: sms.Unauthenticated},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			value := w.key
			if test.change != nil {
				test.change(w, w.dir.keys[w.id])
			}
			if test.value != nil {
				value = test.value(w)
			}
			_, err := w.withKey(value, "192.0.2.1")
			wantCode(t, err, test.want)
			if w.hashes.Load() != 0 {
				t.Error("a key made a password hash")
			}
		})
	}
}

func TestMalformedKeyIsNotLookedUp(t *testing.T) {
	w := newWorld(t)
	typo := []byte(w.key)
	typo[40] ^= 1
	if _, ok := ParseKey(string(typo)); ok {
		t.Fatal("the typo is not one")
	}
	_, err := w.withKey(string(typo), "192.0.2.1")
	wantCode(t, err, sms.Unauthenticated)
	if w.dir.lookups.Load() != 0 {
		t.Errorf("%d look-ups for a malformed key", w.dir.lookups.Load())
	}
	_, err = w.withKey(newValue(w.id), "192.0.2.1")
	wantCode(t, err, sms.Unauthenticated)
	if w.dir.lookups.Load() != 1 {
		t.Errorf("%d look-ups for a well-formed key, want 1", w.dir.lookups.Load())
	}
}

// Keys cost no hash, so that wrong ones are answered for ever, and never stand in the way of right ones.
func TestWrongKeysAreNeverLimited(t *testing.T) {
	w := newWorld(t)
	for range 3 * maxFailures {
		_, err := w.withKey(newValue(w.id), "192.0.2.1")
		wantCode(t, err, sms.Unauthenticated)
	}
	_, err := w.withKey(w.key, "192.0.2.1")
	wantCode(t, err, sms.Internal)
	_, err = w.basic("demo", w.password, "192.0.2.1")
	wantCode(t, err, sms.Internal)
}

func TestKeyCaller(t *testing.T) {
	w := newWorld(t)
	c, err := w.withKey(w.key, "::ffff:192.0.2.1")
	wantCode(t, err, sms.Internal)
	if c.Account != w.dir.accounts[1] || c.Key != w.id || c.Username != "" || c.Credential != "stf_live_"+w.id ||
		c.Address.String() != "192.0.2.1" {
		t.Errorf("caller is %+v", c)
	}
	if !c.May(sms.OpSMS) || c.May(sms.OpPlatform) {
		t.Errorf("operations of the caller are %v, want those of the key", c.Operations)
	}
	if strings.Contains(w.key[21:], c.Credential) || len(c.Credential) != 21 {
		t.Errorf("credential %q shows more than the id", c.Credential)
	}
}
