package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash/crc32"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// The form of a key: stf_live_<12 base62>_<30 base62><6 base62>. The last six are the CRC-32 (IEEE) of all that
// stands before them, so that a mistyped key and most of what a scanner finds are known without a look-up.
const (
	keyPrefix = "stf_live_"
	idLength  = 12
	idEnd     = len(keyPrefix) + idLength
	crcLength = 6
	crcStart  = idEnd + 1 + 30
	keyLength = crcStart + crcLength
)

// NewKey makes an API key. value is shown once and kept nowhere; of the key only ID and Hash are set.
func NewKey(secret []byte) (value string, key sms.Key) {
	key.ID = string(appendRandom(nil, idLength))
	value = newValue(key.ID)
	key.Hash = HashKey(secret, value)
	return value, key
}

// RegenerateKey makes a new value for a key. The value so far stays valid until overlap; the zero time ends it at
// once, and it is known only so that who still uses it can be told apart. An older one that was still valid ends in
// either case.
func RegenerateKey(secret []byte, key sms.Key, overlap time.Time) (value string, next sms.Key) {
	next = key
	next.OldHash, next.OldUntil = key.Hash, overlap
	value = newValue(key.ID)
	next.Hash = HashKey(secret, value)
	return value, next
}

// ShownKey is what may be shown of a key: its value up to the id.
func ShownKey(id string) string { return keyPrefix + id }

func newValue(id string) string {
	value := make([]byte, 0, keyLength)
	value = append(value, keyPrefix...)
	value = append(value, id...)
	value = append(value, '_')
	value = appendRandom(value, crcStart-len(value))
	sum := checksum(string(value))
	return string(append(value, sum[:]...))
}

// ParseKey finds the id in the value of a key; false when it does not have the form of a key or its checksum is
// wrong. It says nothing about whether the key exists.
func ParseKey(value string) (id string, ok bool) {
	if len(value) != keyLength || value[:len(keyPrefix)] != keyPrefix || value[idEnd] != '_' {
		return "", false
	}
	id = value[len(keyPrefix):idEnd]
	if !onlyBase62(id) || !onlyBase62(value[idEnd+1:]) {
		return "", false
	}
	sum := checksum(value[:crcStart])
	return id, string(sum[:]) == value[crcStart:]
}

func checksum(text string) (digits [crcLength]byte) {
	sum := crc32.ChecksumIEEE([]byte(text))
	for i := range digits {
		digits[crcLength-1-i] = base62[sum%uint32(len(base62))]
		sum /= uint32(len(base62))
	}
	return digits
}

// HashKey is what is stored of the value of a key: HMAC-SHA256 under the server's secret, in a domain of its own.
func HashKey(secret []byte, value string) []byte {
	mac := hmac.New(sha256.New, keyDomain(secret))
	_, _ = mac.Write([]byte(value))
	return mac.Sum(nil)
}

// HasValue reports whether a key has a value now, the one of an overlap included, whether it may be used or not.
func HasValue(secret []byte, key sms.Key, value string, now time.Time) bool {
	hash := HashKey(secret, value)
	return hmac.Equal(hash, key.Hash) || key.OldHash != nil && now.Before(key.OldUntil) && hmac.Equal(hash, key.OldHash)
}

func keyDomain(secret []byte) []byte { return append([]byte("api key\x00"), secret...) }
