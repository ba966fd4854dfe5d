package sms

import "time"

// AuditLine is one line of the audit log: who did what to what. None of it holds a secret.
type AuditLine struct {
	ID     int64 // grows with time, over all targets
	At     time.Time
	Actor  string // an operator, a credential as it may be shown, or a part of the server
	Action string // a noun and a verb, such as "key revoke"
	Target string // the name of an account, of a carrier, …
	Detail string
}
