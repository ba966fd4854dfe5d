package settings

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

const (
	mostEntries = 1000
	longestNote = 255
)

// Entry is one address or range as somebody wrote it.
type Entry struct{ CIDR, Note string }

// ParseAllowList reads entries; a repeated range stands once, with its last note. The error is sms.Invalid and names
// each entry that cannot be.
func ParseAllowList(enabled bool, entries []Entry) (sms.AllowList, error) {
	list := sms.AllowList{Enabled: enabled, Entries: []sms.AllowEntry{}}
	if len(entries) > mostEntries {
		return list, sms.InvalidField("entries", "must be at most %d", mostEntries)
	}
	at := map[netip.Prefix]int{}
	var wrong []sms.FieldError
	for i, e := range entries {
		prefix, err := auth.ParseAllowEntry(e.CIDR)
		if err != nil {
			wrong = append(wrong, sms.FieldError{Field: fmt.Sprintf("entries[%d].cidr", i), Message: err.Error()})
			continue
		}
		if err := checkText("note", e.Note, longestNote); err != nil {
			wrong = append(wrong, sms.FieldError{Field: fmt.Sprintf("entries[%d].note", i),
				Message: fmt.Sprintf("must be at most %d characters, without control characters", longestNote)})
			continue
		}
		if known, ok := at[prefix]; ok {
			list.Entries[known].Note = e.Note
			continue
		}
		at[prefix] = len(list.Entries)
		list.Entries = append(list.Entries, sms.AllowEntry{Prefix: prefix, Note: e.Note})
	}
	if len(wrong) > 0 {
		return list, &sms.Error{Code: sms.Invalid, Message: "validation failed", Fields: wrong}
	}
	return list, nil
}

// ChangeAllowList lets change alter the allow-list of an account and answers the list as it then is.
func (s *Service) ChangeAllowList(ctx context.Context, by By, action string, account *sms.Account, change func(*sms.AllowList)) (after sms.AllowList, err error) {
	after = account.AllowList
	change(&after)
	err = s.store.ChangeAccount(ctx, by.deed(action, account, describe(after)), account.ID, func(a *sms.Account) error {
		change(&a.AllowList)
		after = a.AllowList
		return nil
	})
	return after, s.settled(ctx, err)
}

func describe(list sms.AllowList) string {
	var ranges []string
	for _, e := range list.Entries {
		ranges = append(ranges, e.Prefix.String())
	}
	return fmt.Sprintf("enabled %v: %s", list.Enabled, strings.Join(ranges, " "))
}

// ReplaceAllowList puts a list in place of the account's. from is the address of who asks: a list that would shut it
// out is sms.Conflict, unless forced.
func (s *Service) ReplaceAllowList(ctx context.Context, by By, account *sms.Account, list sms.AllowList, from netip.Addr, force bool) (sms.AllowList, error) {
	if !force && !auth.Permits(list, from) {
		return sms.AllowList{}, sms.Errorf(sms.Conflict, `the list would shut out your own address %s: add it, or say "force": true`, from)
	}
	return s.ChangeAllowList(ctx, by, "allow-list set", account, func(l *sms.AllowList) { *l = list })
}

// Shown is an entry as people write it: an address without the length of its whole.
func Shown(prefix netip.Prefix) string {
	if prefix.IsSingleIP() {
		return prefix.Addr().String()
	}
	return prefix.String()
}
