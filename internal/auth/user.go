package auth

import "errors"

var errUsername = errors.New("must be 3 to 15 of a-z 0-9 . _ -")

// CheckUsername checks a name that is to be given to a user. The error is for the caller.
func CheckUsername(name string) error {
	if len(name) < 3 || len(name) > 15 {
		return errUsername
	}
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			return errUsername
		}
	}
	return nil
}

// NewPassword generates a password: 24 base62 characters.
func NewPassword() string { return string(appendRandom(nil, 24)) }

// smppPasswordLength is what the password field of a bind holds beside its NUL, SMPP 3.4 §5.2.2.
const smppPasswordLength = 8

// NewSMPPPassword generates a password for SMPP clients that cut: 8 base62 characters.
func NewSMPPPassword() string { return string(appendRandom(nil, smppPasswordLength)) }
