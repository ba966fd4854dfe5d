package sms

import (
	"net/netip"
	"time"
)

// AccessReason says why known credentials were not let in.
type AccessReason string

// The reasons.
const (
	NotOnAccountList AccessReason = "account-list" // the allow-list of the account does not have the address
	NotOnKeyList     AccessReason = "key-list"     // that of the key does not
	KeyRevoked       AccessReason = "revoked"
	KeyExpired       AccessReason = "expired"
	KeyReplaced      AccessReason = "replaced"  // the key was regenerated, and this is a value from before
	AccountSuspended AccessReason = "suspended" // nobody of the account is let in
)

// AccessRefusal is how often one address was not let in with the credentials of an account, for one reason.
type AccessRefusal struct {
	Account    AccountID
	Address    netip.Addr
	Credential string // as it may be shown: the prefix of a key with its id, or a username
	Reason     AccessReason
	Times      int64
	First      time.Time
	Last       time.Time
}
