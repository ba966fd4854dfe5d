package store

import (
	"context"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// InboundWalk is one step of a search among messages from handsets.
type InboundWalk struct {
	Span          // of their ids; States and Skip are not looked at
	Number string // digits that the source or the destination contains; empty: any
	Text   string // is contained, in whatever case; empty: any
	Most   int    // messages looked at
}

// InboundWalked is what a step found; its members are those of Walked.
type InboundWalked struct {
	Messages []sms.InboundMessage
	Reached  sms.ID
	Looked   int
	End      bool
}

// WalkInbound looks at messages from handsets that came to an account for those that fit, as Walk does.
func (s *Store) WalkInbound(ctx context.Context, account sms.AccountID, w InboundWalk) (walked InboundWalked, err error) {
	walked.End, walked.Reached = true, w.end()
	if w.First > w.Last {
		return walked, nil
	}
	last, order := `MIN`, ` ORDER BY id DESC LIMIT ?`
	if w.OldestFirst {
		last, order = `MAX`, ` ORDER BY id LIMIT ?`
	}
	err = s.View(ctx, func(tx *Tx) error {
		var reached sms.ID
		err := tx.QueryRow(`SELECT COUNT(*), COALESCE(`+last+`(id), 0) FROM (SELECT id FROM inbound_message WHERE account_id = ? AND id BETWEEN ? AND ?`+
			order+`) AS walked`, int64(account), int64(w.First), int64(w.Last), w.Most).Scan(&walked.Looked, (*int64)(&reached))
		if err != nil || walked.Looked == 0 {
			return err
		}
		if walked.Looked == w.Most {
			walked.Reached, walked.End = reached, false
		}
		c := w.conditions(account, walked.Reached, tx.dialect.like)
		walked.Messages, err = queryInbound(tx, strings.Join(c.all, ` AND `)+order, append(c.args, w.Limit)...)
		return err
	})
	if n := len(walked.Messages); err == nil && n > 0 && n == w.Limit {
		walked.Reached, walked.End = walked.Messages[n-1].ID, false
	}
	kept := walked.Messages[:0]
	for _, m := range walked.Messages {
		if holds(m.Text, w.Text) {
			kept = append(kept, m)
		}
	}
	walked.Messages = kept
	return walked, err
}

func (w InboundWalk) conditions(account sms.AccountID, reached sms.ID, like string) (c conditions) {
	first, last := reached, w.Last
	if w.OldestFirst {
		first, last = w.First, reached
	}
	c.add(`account_id = ? AND id BETWEEN ? AND ?`, int64(account), int64(first), int64(last))
	if w.Number != "" {
		c.add(`(source `+like+` OR destination `+like+`)`, contains(w.Number), contains(w.Number))
	}
	if w.Text != "" {
		c.add(`encoding <> ? AND text `+like, int64(sms.Octets), contains(w.Text))
	}
	return c
}
