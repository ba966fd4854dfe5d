package settings

import (
	"context"
	"strconv"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// AuditLog is who did what.
type AuditLog interface {
	Audit(ctx context.Context, page store.AuditPage) ([]sms.AuditLine, error)
}

// Audit is what was done to an account, by itself or by an operator, the newest first, and the cursor of the next page;
// empty: there is none. cursor is where the last page ended; empty: the newest. sms.Invalid for another one.
func (s *Service) Audit(ctx context.Context, account *sms.Account, cursor string, limit int) ([]sms.AuditLine, string, error) {
	return ReadAudit(ctx, s.store, store.AuditPage{Account: account.Name, Limit: limit}, cursor)
}

// ReadAudit reads a page of the audit log behind a cursor, and answers the cursor of the next one.
func ReadAudit(ctx context.Context, log AuditLog, page store.AuditPage, cursor string) ([]sms.AuditLine, string, error) {
	if cursor != "" {
		before, err := strconv.ParseInt(cursor, 10, 64)
		if err != nil || before < 1 {
			return nil, "", sms.InvalidField("cursor", "is not one that an answer gave")
		}
		page.Before = before
	}
	limit := page.Limit
	page.Limit++
	lines, err := log.Audit(ctx, page)
	if err != nil || len(lines) <= limit {
		return lines, "", err
	}
	lines = lines[:limit]
	return lines, strconv.FormatInt(lines[limit-1].ID, 10), nil
}
