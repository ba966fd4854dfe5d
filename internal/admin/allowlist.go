package admin

import (
	"slices"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// AllowList is the addresses from which an account may be used.
type AllowList struct {
	Enabled bool         `json:"enabled"`
	Entries []AllowEntry `json:"entries"`
}

// AllowEntry is one address or range.
type AllowEntry struct {
	CIDR string `json:"cidr"`
	Note string `json:"note,omitempty"`
}

// AllowListRequest replaces the list of an account and turns it on.
type AllowListRequest struct {
	Account string   `json:"account"`
	CIDRs   []string `json:"cidrs"`
}

func (s *Service) setAllowList(c call, in AllowListRequest) (AllowList, error) {
	if len(in.CIDRs) == 0 {
		return AllowList{}, sms.InvalidField("cidr", "is missing: a list without addresses would shut everybody out")
	}
	var entries []sms.AllowEntry
	for _, text := range in.CIDRs {
		prefix, err := auth.ParseAllowEntry(text)
		if err != nil {
			return AllowList{}, sms.InvalidField("cidr", "%q %s", text, err)
		}
		if !slices.ContainsFunc(entries, func(e sms.AllowEntry) bool { return e.Prefix == prefix }) {
			entries = append(entries, sms.AllowEntry{Prefix: prefix})
		}
	}
	return s.changeAllowList(c, "allow-list set", in.Account, func(list *sms.AllowList) {
		for i := range entries { // what stays keeps its note
			for _, old := range list.Entries {
				if old.Prefix == entries[i].Prefix {
					entries[i].Note = old.Note
				}
			}
		}
		*list = sms.AllowList{Enabled: true, Entries: entries}
	})
}

func (s *Service) dropAllowList(c call, in Named) (AllowList, error) {
	return s.changeAllowList(c, "allow-list off", in.Account, func(list *sms.AllowList) { list.Enabled = false })
}

func (s *Service) changeAllowList(c call, action, name string, change func(*sms.AllowList)) (AllowList, error) {
	account, err := s.account(name)
	if err != nil {
		return AllowList{}, err
	}
	after, err := s.settings.ChangeAllowList(c, c.by(), action, account, change)
	if err != nil {
		return AllowList{}, err
	}
	return shownAllowList(after), nil
}

func (s *Service) showAllowList(_ call, in Named) (AllowList, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return AllowList{}, err
	}
	return shownAllowList(account.AllowList), nil
}

func shownAllowList(list sms.AllowList) AllowList {
	out := AllowList{Enabled: list.Enabled, Entries: []AllowEntry{}}
	for _, e := range list.Entries {
		out.Entries = append(out.Entries, AllowEntry{e.Prefix.String(), e.Note})
	}
	return out
}
