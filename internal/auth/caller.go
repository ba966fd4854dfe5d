package auth

import (
	"net/netip"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// Caller is who was authenticated. What it points to are snapshots that must not be changed.
type Caller struct {
	Account    *sms.Account
	Key        string          // id of the API key; empty for a password
	Username   string          // empty for an API key
	Credential string          // what may be shown: stf_live_<id>, or the username; also the key of a rate limit
	Address    netip.Addr      // IPv4-mapped IPv6 as IPv4, without a zone
	Operations []sms.Operation // what the credentials allow

	hash string // the stored hash that the password was held against; empty for a key
}

// May reports whether the credentials allow an operation.
func (c Caller) May(op sms.Operation) bool { return slices.Contains(c.Operations, op) }

// Credentials is what a door found. When both are there the key decides, whatever it is: a header with an empty
// key is a wrong key, and the password is not tried.
type Credentials struct {
	APIKey   string
	HasKey   bool // the header was there, even if empty
	Username string
	Password string
	HasBasic bool
}
