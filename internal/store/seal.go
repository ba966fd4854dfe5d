package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
)

// seal encrypts what must be stored but not be read from a copy of the database: AES-256-GCM with a random nonce,
// under a key derived from the server's secret. label says whose it is; the same is needed to open it.
func (s *Store) seal(label string, plain []byte) ([]byte, error) {
	aead, err := sealer(s.options.Secret)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, []byte(label)), nil
}

func (s *Store) unseal(label string, sealed []byte) ([]byte, error) {
	aead, err := sealer(s.options.Secret)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, []byte(label))
	if err != nil {
		return nil, errors.New("cannot be read with this server's secret")
	}
	return plain, nil
}

func sealer(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "staffetta seal v1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
