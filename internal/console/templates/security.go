package templates

import (
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// EntryRow is an address or range of a list.
type EntryRow struct{ CIDR, Shown, Note string }

// RefusalRow is who was refused.
type RefusalRow struct {
	sms.AccessRefusal
	KeyID     string // of the key that was shown; empty: a username, or a key that is gone
	Allowable bool   // it would get in when its address were on the account's list
}

// VerdictView says whether an address would get in.
type VerdictView struct {
	Address string
	Allowed bool
	Reason  sms.AccessReason
	By      []EntryRow
}

// SecurityView is from where an account may be used.
type SecurityView struct {
	Enabled    bool
	Entries    []EntryRow
	From       string // the address of who looks
	FromListed bool

	CIDR, Note string // of the form for a new entry

	TryAddress, TryKey string
	Keys               []Option
	Verdict            *VerdictView

	Refusals []RefusalRow
	Errors   Errors
}

func (v SecurityView) tryKeys(f *Frame) []Option {
	return append([]Option{{"", f.T("No key: username and password")}}, v.Keys...)
}

// ShutOutView is a change that would shut out the one who asks for it.
type ShutOutView struct {
	From   string
	Path   string // where the form goes
	Nobody bool   // nobody at all would get in
	Fields map[string]string
}

func (v ShutOutView) names() []string {
	names := make([]string, 0, len(v.Fields))
	for name := range v.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// AuditView is a page of the audit log.
type AuditView struct {
	Lines        []sms.AuditLine
	First, Older string
}

func reasonText(f *Frame, reason sms.AccessReason) string {
	switch reason {
	case sms.NotOnAccountList:
		return f.T("The account's list does not have the address")
	case sms.NotOnKeyList:
		return f.T("The key's own list does not have the address")
	case sms.KeyRevoked:
		return f.T("The key is revoked")
	case sms.KeyExpired:
		return f.T("The key has expired")
	case sms.KeyReplaced:
		return f.T("A value from before the key was regenerated")
	case sms.AccountSuspended:
		return f.T("The account is suspended")
	}
	return string(reason)
}
