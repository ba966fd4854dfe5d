// Package optout keeps who does not want messages of an account.
//
// What comes in: opt-outs that an account or an operator enters, one by one or as CSV, and answers to words that
// recipients sent, which the store keeps in the transaction of the word. What goes out: opt-outs on durable storage with
// a line in the audit log, in force when the answer returns and on other nodes within two seconds; pages and CSV of them;
// and the answers as messages of their accounts, each once.
//
// It does not decide about a message: the store does, where it accepts and where it marks. It never reads or writes all
// opt-outs at once: an account may have millions.
package optout

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Store is where they live.
type Store interface {
	OptOuts(ctx context.Context, account sms.AccountID, page store.OptOutPage) ([]sms.OptOut, error)
	AddOptOuts(ctx context.Context, deed store.Deed, account sms.AccountID, list []sms.OptOut) (added []bool, err error)
	ImportOptOuts(ctx context.Context, deed store.Deed, account sms.AccountID, list []sms.OptOut) (added int64, err error)
	RemoveOptOut(ctx context.Context, deed store.Deed, account sms.AccountID, o sms.OptOut) error
	WordStore
}

// Service is the opt-outs of all accounts. Safe for concurrent use.
type Service struct{ store Store }

// New makes a service.
func New(store Store) *Service { return &Service{store} }

// Query says which opt-outs are asked for, as the caller wrote it.
type Query struct {
	Number string // of this number only; empty: of any
	Sender string // of this sender only; empty: of any
	Cursor string // where the last page ended
	Limit  int
}

// List reads a page in order of number; next is the cursor of the one behind it, empty at the end. Errors are of class
// Invalid and name the field.
func (s *Service) List(ctx context.Context, account *sms.Account, q Query) (list []sms.OptOut, next string, err error) {
	page, err := pageOf(q)
	if err != nil {
		return nil, "", err
	}
	list, err = s.store.OptOuts(ctx, account.ID, page)
	if err == nil && len(list) == q.Limit {
		next = cursorOf(list[len(list)-1])
	}
	return list, next, err
}

func pageOf(q Query) (page store.OptOutPage, err error) {
	page.Limit = q.Limit
	if q.Number != "" {
		if page.Number, err = parseNumber(q.Number); err != nil {
			return page, err
		}
	}
	if q.Sender != "" {
		key, err := parseSender(q.Sender)
		if err != nil {
			return page, err
		}
		page.Sender = &key
	}
	if q.Cursor != "" {
		page.After, err = parseCursor(q.Cursor)
	}
	return page, err
}

func cursorOf(o sms.OptOut) string {
	return base64.RawURLEncoding.EncodeToString([]byte(o.Number.Digits() + " " + o.Sender))
}

func parseCursor(text string) (*sms.OptOut, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	number, sender, ok := strings.Cut(string(raw), " ")
	n, wrong := strconv.ParseInt(number, 10, 64)
	if err != nil || !ok || wrong != nil {
		return nil, sms.InvalidField("cursor", "is none of this list: take it from the header Link of the page before")
	}
	return &sms.OptOut{Number: sms.Number(n), Sender: sender}, nil
}

func parseNumber(text string) (sms.Number, error) {
	n, err := sms.ParseNumber(text)
	if err != nil {
		return 0, sms.InvalidField("number", "%s", err)
	}
	return n, nil
}

// parseSender answers the Key of a sender.
func parseSender(text string) (string, error) {
	sender, err := sms.ParseSender(text)
	if err != nil {
		return "", sms.InvalidField("sender", "%s", err)
	}
	return sender.Key(), nil
}

// parse reads an opt-out; without a sender it is one of all senders.
func parse(number, sender string) (o sms.OptOut, err error) {
	if o.Number, err = parseNumber(number); err != nil || sender == "" {
		return o, err
	}
	o.Sender, err = parseSender(sender)
	return o, err
}

// Add blocks a sender, or with none all of them, for a number. It answers whether that is new. Errors are of class
// Invalid and name the field.
func (s *Service) Add(ctx context.Context, by By, account *sms.Account, number, sender string) (o sms.OptOut, added bool, err error) {
	if o, err = parse(number, sender); err != nil {
		return o, false, err
	}
	o.Source = by.Source
	is, err := s.store.AddOptOuts(ctx, by.deed("opt-out add", account, describe(o)), account.ID, []sms.OptOut{o})
	if err != nil {
		return o, false, err
	}
	list, err := s.store.OptOuts(ctx, account.ID, store.OptOutPage{Number: o.Number, Sender: &o.Sender, Limit: 1})
	if err == nil && len(list) > 0 {
		o = list[0] // since when, and by whom, if it was there before
	}
	return o, is[0], err
}

// Remove allows a sender again, or with none what stands for all senders. Errors: sms.Invalid; sms.NotFound.
func (s *Service) Remove(ctx context.Context, by By, account *sms.Account, number, sender string) error {
	o, err := parse(number, sender)
	if err != nil {
		return err
	}
	return s.store.RemoveOptOut(ctx, by.deed("opt-out remove", account, describe(o)), account.ID, o)
}

// By is who asks.
type By struct {
	Actor  string // as it stands in the audit log; no secret
	Source string // as it stands with the opt-out: "api", "console", "command" or "import"
}

func (by By) deed(action string, account *sms.Account, detail string) store.Deed {
	return store.Deed{Actor: by.Actor, Action: action, Target: account.Name, Detail: detail}
}

func describe(o sms.OptOut) string {
	if o.Sender == "" {
		return fmt.Sprintf("%s, all senders", o.Number)
	}
	return fmt.Sprintf("%s, sender %s", o.Number, o.Sender)
}
