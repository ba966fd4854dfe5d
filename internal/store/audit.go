package store

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// AuditPage says which lines of the audit log are asked for.
type AuditPage struct {
	Account string // of this account only, by its name; empty: of everything
	Actor   string // by somebody with this in their name, upper or lower case; empty: by anybody
	Action  string // an action that begins so, such as "carrier"; empty: any
	Before  int64  // older than this line; zero: the newest
	Limit   int
}

// foreignNouns begin the actions whose target is no account. A carrier may have the name of an account, and what is done
// to it is not for the account to read.
var foreignNouns = []string{"carrier", "lookup", "node", "number", "route", "sender-rule"}

// Audit reads lines of the audit log, the newest first.
func (s *Store) Audit(ctx context.Context, page AuditPage) (lines []sms.AuditLine, err error) {
	if page.Before == 0 {
		page.Before = math.MaxInt64
	}
	where, args := `id < ?`, []any{page.Before}
	if page.Account != "" {
		where, args = where+` AND target = ?`+strings.Repeat(` AND action NOT LIKE ?`, len(foreignNouns)), append(args, page.Account)
		for _, noun := range foreignNouns {
			args = append(args, noun+" %")
		}
	}
	if page.Actor != "" {
		where, args = where+` AND lower(actor) LIKE ? ESCAPE '!'`, append(args, containing(page.Actor))
	}
	if page.Action != "" {
		where, args = where+` AND action LIKE ? ESCAPE '!'`, append(args, likeEscapes.Replace(page.Action)+"%")
	}
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT id, at, actor, action, target, detail FROM audit WHERE `+where+` ORDER BY id DESC LIMIT ?`,
			append(args, page.Limit)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line sms.AuditLine
			var at int64
			if err := rows.Scan(&line.ID, &at, &line.Actor, &line.Action, &line.Target, &line.Detail); err != nil {
				return err
			}
			line.At = time.UnixMilli(at).UTC()
			lines = append(lines, line)
		}
		return rows.Err()
	})
	return lines, err
}
