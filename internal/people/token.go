package people

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// newToken is 256 random bits, to be carried in a cookie or a link.
func newToken() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// tokens hashes what is stored of tokens, and seals what a browser keeps for the server.
type tokens struct {
	key  []byte
	aead cipher.AEAD
}

func newTokens(secret []byte) (tokens, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "staffetta people v1", 64)
	if err != nil {
		return tokens{}, err
	}
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		return tokens{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return tokens{key[32:], aead}, err
}

// id is what is stored of a token: an HMAC; the kind keeps tokens of one use from another.
func (t tokens) id(kind, token string) string {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte(kind + "\x00" + token))
	return hex.EncodeToString(mac.Sum(nil))
}

// sealed is what a browser keeps, with when it is over.
type sealed[T any] struct {
	Until time.Time
	Value T
}

// seal makes a text that only this server, or one with its secret, can make and read.
func seal[T any](t tokens, kind string, value T, until time.Time) string {
	plain, _ := json.Marshal(sealed[T]{until, value}) // texts and numbers always have a form in JSON
	return base64.RawURLEncoding.EncodeToString(t.aead.Seal(nil, nil, plain, []byte(kind)))
}

// open reads what seal made; sms.Unauthenticated when it did not, or when it is over.
func open[T any](t tokens, kind, text string, now time.Time) (T, error) {
	var read sealed[T]
	octets, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		octets, err = t.aead.Open(nil, nil, octets, []byte(kind))
	}
	if err == nil {
		err = json.Unmarshal(octets, &read)
	}
	if err != nil || !now.Before(read.Until) {
		var none T
		return none, sms.Errorf(sms.Unauthenticated, "this took too long: sign in again")
	}
	return read.Value, nil
}
