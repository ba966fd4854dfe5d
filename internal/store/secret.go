package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
)

// ErrSecret is the error of opening stored data with another server's secret.
var ErrSecret = errors.New("the secret is not the one under which this data was made: keys and ids would not be valid")

// checkSecret holds the fingerprint of the secret against the stored one, and stores it the first time.
func checkSecret(tx *Tx, secret []byte) error {
	fingerprint := fingerprintOf(secret)
	var stored string
	err := tx.QueryRow(`SELECT value FROM setting WHERE name = 'secret_fingerprint'`).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.Exec(`INSERT INTO setting (name, value) VALUES ('secret_fingerprint', ?)`, fingerprint)
		return err
	}
	if err == nil && stored != fingerprint {
		return ErrSecret
	}
	return err
}

// fingerprintOf tells secrets apart and gives none of them away.
func fingerprintOf(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("fingerprint"))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
