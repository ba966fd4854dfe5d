package templates

import "time"

// AuditLogView is a page of the audit log of the platform.
type AuditLogView struct {
	Account, Actor, Action string // of the search
	Accounts               []string
	Lines                  []AuditLogLine
	Older                  string // path of the next page
}

// AuditLogLine is who did what to what.
type AuditLogLine struct {
	At                            time.Time
	Actor, Action, Target, Detail string
}
