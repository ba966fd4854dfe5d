package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// What a new hash costs: 19 MiB and two passes. A stored hash says itself what it cost.
const (
	hashMemory = 19 * 1024 // KiB
	hashTime   = 2
	hashLanes  = 1
	saltLength = 16
	hashLength = 32
)

// maxSecret is up to how many bytes a name or a password is looked at.
const maxSecret = 1000

// phc is a hash in the form of the Password Hashing Competition, taken apart:
// $argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>, base64 without padding.
type phc struct {
	memory, time uint32
	lanes        uint8
	salt, hash   []byte
}

// HashPassword is what is stored of a password: argon2id (RFC 9106) with a new salt, in the PHC form. It takes tens
// of milliseconds and 19 MiB. A password that could never be given back, empty, over 1,000 bytes or with a NUL,
// is an error for the caller.
func HashPassword(password string) (string, error) {
	if password == "" || !plausible(password) {
		return "", fmt.Errorf("must be 1 to %d bytes without NUL", maxSecret)
	}
	h := phc{memory: hashMemory, time: hashTime, lanes: hashLanes, salt: make([]byte, saltLength)}
	_, _ = rand.Read(h.salt) // never fails: it ends the program instead
	h.hash = h.derive(password, hashLength)
	return h.String(), nil
}

// plausible refuses what no client sends, before it costs anything.
func plausible(text string) bool {
	return len(text) <= maxSecret && strings.IndexByte(text, 0) < 0
}

// verify reports whether the stored hash is of that password. It derives a key in any case, so that a stored text
// which is no hash costs what a hash costs.
func verify(stored, password string) bool {
	h, err := parsePHC(stored)
	if err != nil {
		h = phc{memory: hashMemory, time: hashTime, lanes: hashLanes, salt: make([]byte, saltLength)}
	}
	derived := h.derive(password, hashLength)
	return subtle.ConstantTimeCompare(derived, h.hash) == 1
}

// dummyHash is a hash that no password has; unknown users are compared with it.
func dummyHash() string {
	h := phc{memory: hashMemory, time: hashTime, lanes: hashLanes,
		salt: make([]byte, saltLength), hash: make([]byte, hashLength)}
	_, _ = rand.Read(h.salt)
	_, _ = rand.Read(h.hash)
	return h.String()
}

func (h phc) derive(password string, length uint32) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.lanes, length)
}

func (h phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.lanes,
		b64.EncodeToString(h.salt), b64.EncodeToString(h.hash))
}

var errPHC = errors.New("not an argon2id hash in the PHC form")

// parsePHC reads a stored hash. Parameters that would stop the server are refused.
func parsePHC(text string) (h phc, err error) {
	fields := strings.Split(text, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errPHC
	}
	if _, err = fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes); err != nil {
		return h, errPHC
	}
	if h.memory > 1<<18 || h.time < 1 || h.time > 16 || h.lanes < 1 || h.lanes > 16 {
		return h, errPHC
	}
	strict := base64.RawStdEncoding.Strict()
	if h.salt, err = strict.DecodeString(fields[4]); err != nil {
		return h, errPHC
	}
	if h.hash, err = strict.DecodeString(fields[5]); err != nil || len(h.hash) != hashLength {
		return h, errPHC
	}
	return h, nil
}
