package intake

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Held are accepted messages of which nothing has left. The errors of CancelBy and ReplaceBy are those of store.Store.
type Held interface {
	Message(ctx context.Context, id sms.ID) (*sms.Record, error)
	MessageOf(ctx context.Context, account sms.AccountID, callerID string) (*sms.Record, error)
	CancelBy(ctx context.Context, deed store.Deed, account sms.AccountID, id sms.ID, withdrawn func(*sms.Message) (taken bool)) error
	ReplaceBy(ctx context.Context, deed store.Deed, account sms.AccountID, id sms.ID, change func(*sms.Message) error) (*sms.Message, error)
}

// Changes withdraws and alters messages that were accepted and have not left.
type Changes struct {
	intake   *Intake
	held     Held
	withdraw func(*sms.Message) (taken bool)
	actor    string // as it stands in the audit log; empty: a program of the account, and nothing is noted
	target   string
}

// NewChanges makes the step. withdraw takes a cancelled message out of the queues in memory, as dispatch.Withdraw does.
func NewChanges(in *Intake, held Held, withdraw func(*sms.Message) (taken bool)) *Changes {
	return &Changes{intake: in, held: held, withdraw: withdraw}
}

// By is the same step for a person: what they do to messages of an account is in the audit log under their name.
func (c *Changes) By(actor string, account *sms.Account) *Changes {
	return &Changes{intake: c.intake, held: c.held, withdraw: c.withdraw, actor: actor, target: account.Name}
}

func (c *Changes) deed(action string, id sms.ID, detail string) store.Deed {
	return store.Deed{Actor: c.actor, Action: action, Target: c.target, Detail: strings.TrimSpace(c.intake.ids.Format(id) + " " + detail)}
}

// Find answers an account's message by the id that its caller chose, or by ours. Account 0 looks at all accounts. An
// unknown one is an error of class NotFound.
func (c *Changes) Find(ctx context.Context, account sms.AccountID, messageID string) (*sms.Message, error) {
	if id, ok := c.intake.ids.Parse(messageID); ok {
		record, err := c.held.Message(ctx, id)
		if err != nil {
			return nil, err
		}
		if record != nil && (account == 0 || record.Message.Account == account) {
			return record.Message, nil
		}
	}
	record, err := c.held.MessageOf(ctx, account, messageID)
	if err != nil {
		return nil, err
	}
	if record == nil {
		return nil, sms.Errorf(sms.NotFound, "there is no message with the id %q", messageID)
	}
	return record.Message, nil
}

// Cancel withdraws a message that is held until its date, or waits for its carrier. Once it returns nil the message is
// never sent. Errors are of class NotFound, or Conflict: something of it has left, or may be leaving, or it has ended.
func (c *Changes) Cancel(ctx context.Context, account sms.AccountID, id sms.ID) error {
	return c.held.CancelBy(ctx, c.deed("message cancel", id, ""), account, id, c.withdraw)
}

// Reschedule gives a message that is held another date, in the forms of the contract, section 1; one of the last 24 hours
// is at once. Its validity is as long as before. It answers the new date. Errors are of class Invalid too, and Conflict
// when the message is not held any more.
func (c *Changes) Reschedule(ctx context.Context, account sms.AccountID, id sms.ID, date string) (time.Time, error) {
	var wrong problems
	due := checkDate("scheduledDate", date, time.Now(), &wrong)
	if date == "" {
		wrong.add("scheduledDate", "is required: a date such as 2031-02-03T07:45:00+01:00")
	}
	if err := wrong.err(); err != nil {
		return time.Time{}, err
	}
	deed := c.deed("message reschedule", id, "to "+due.UTC().Format(time.RFC3339))
	m, err := c.held.ReplaceBy(ctx, deed, account, id, func(m *sms.Message) error {
		move(m, due, time.Time{})
		return nil
	})
	if err != nil {
		return time.Time{}, err
	}
	return m.Due, nil
}

// move gives a message another date and, unless expires is zero, another end of its validity.
func move(m *sms.Message, due, expires time.Time) {
	validity := m.Expires.Sub(m.Due)
	m.Due = due.Truncate(time.Millisecond)
	m.Expires = m.Due.Add(validity)
	if !expires.IsZero() {
		m.Expires = expires.Truncate(time.Millisecond)
	}
}

// Replacement is what shall change of a message that is held.
type Replacement struct {
	Text    string             // empty: as it was
	Due     time.Time          // zero: as it was
	Expires time.Time          // zero: as long after Due as it was
	Alter   func(*sms.Message) // what only the door knows of, Notify for one; nil: nothing
}

// Replace changes a message that is held: its text, encoded and split anew, its date, and its validity. The price of a
// part stays. Errors are of class NotFound; Conflict, when it is not held any more; Invalid; and NoCredit, when it would
// cost more than the account has. Then nothing is changed.
func (c *Changes) Replace(ctx context.Context, account *sms.Account, id sms.ID, r Replacement) (*sms.Message, error) {
	now := time.Now()
	return c.held.ReplaceBy(ctx, c.deed("message replace", id, ""), account.ID, id, func(m *sms.Message) error {
		var wrong problems
		if r.Text != "" {
			c.rewrite(m, r.Text, account.Settings.MaxParts, &wrong)
		}
		due := m.Due
		if !r.Due.IsZero() {
			if due = r.Due; due.After(now.AddDate(1, 0, 0)) || !due.After(now.Add(-maxBehind)) {
				wrong.add("scheduledDate", "must be less than 24 hours in the past and at most one year ahead")
			}
		}
		move(m, due, r.Expires)
		if left := m.Expires.Sub(m.Due); left < minValidity-time.Second || left > maxValidity+time.Second {
			wrong.add("validityPeriod", "must end between %d and %d seconds after the message is due", minValidity/time.Second, maxValidity/time.Second)
		}
		if r.Alter != nil {
			r.Alter(m)
		}
		return wrong.err()
	})
}

// rewrite puts a text in place of a message's.
func (c *Changes) rewrite(m *sms.Message, text string, maxParts int, wrong *problems) {
	if utf8.RuneCountInString(text) > maxText || !clean(text) {
		wrong.add("body", "must be at most %d characters of Unicode text without U+0000", maxText)
		return
	}
	d := &draft{message: *m, maxParts: partsAllowed(maxParts)}
	if d.encode(text, false, wrong); d.message.Parts > d.maxParts {
		wrong.add("body", "must be at most %d parts", d.maxParts)
	}
	if d.message.Parts > 1 && m.Parts <= 1 {
		d.message.Reference = c.intake.reference.next(m.Destination)
	}
	*m = d.message
}
