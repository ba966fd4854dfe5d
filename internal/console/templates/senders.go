package templates

import (
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// SenderRow is a sender on the list of an account.
type SenderRow struct {
	Sender    string
	Countries []string // none: everywhere
}

// SendersView is what an account may send as.
type SendersView struct {
	Listed  bool // only what stands on the list
	Senders []SenderRow
	Rules   []sms.SenderRule
}

// ruleText says what a country asks of this account's senders.
func (v SendersView) ruleText(f *Frame, r sms.SenderRule) string {
	if r.Rule == sms.NumericOnly {
		return f.T("Numbers only: a sender of letters is refused")
	}
	var names []string
	for _, s := range v.Senders {
		for _, country := range s.Countries {
			if country == r.Country {
				names = append(names, s.Sender)
			}
		}
	}
	if len(names) == 0 {
		return f.T("A sender of letters must be registered, and none of this account's is")
	}
	return f.T("A sender of letters must be registered; of this account these are: %s", strings.Join(names, ", "))
}
