package admin

import (
	"time"

	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// AuditQuery asks for a page of the audit log.
type AuditQuery struct {
	Account string `json:"account,omitempty"` // of this account only; empty: of everything
	Actor   string `json:"actor,omitempty"`   // by somebody with this in their name
	Action  string `json:"action,omitempty"`  // an action that begins so, such as "carrier"
	Cursor  string `json:"cursor,omitempty"`  // where the last page ended; empty: the newest
	Limit   int    `json:"limit"`             // 1 to 1000
}

// AuditLine is who did what to what.
type AuditLine struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Target string    `json:"target"`
	Detail string    `json:"detail,omitempty"`
}

// AuditPage is a page, the newest line first; Next is the cursor of the one behind it.
type AuditPage struct {
	Lines []AuditLine `json:"lines"`
	Next  string      `json:"next,omitempty"`
}

func (s *Service) listAudit(c call, in AuditQuery) (AuditPage, error) {
	if in.Account != "" {
		if _, err := s.account(in.Account); err != nil {
			return AuditPage{}, err
		}
	}
	if in.Limit < 1 || in.Limit > mostListed {
		return AuditPage{}, sms.InvalidField("limit", "must be 1 to %d", mostListed)
	}
	lines, next, err := settings.ReadAudit(c, s.Store, store.AuditPage{Account: in.Account, Actor: in.Actor, Action: in.Action, Limit: in.Limit}, in.Cursor)
	page := AuditPage{Lines: []AuditLine{}, Next: next}
	for _, line := range lines {
		page.Lines = append(page.Lines, AuditLine(line))
	}
	return page, err
}
