package templates

import (
	"net/url"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// AccountLine is an account with what it can spend.
type AccountLine struct {
	Name                        string
	ID                          int64
	Plan                        string
	PerMinute, PerSecond        int
	Suspended                   bool
	Created                     time.Time
	Credit, Reserved, Available sms.Money
}

// AccountsView is the list of accounts, and the form for a new one.
type AccountsView struct {
	Accounts          []AccountLine
	Search, After     string
	Next              string // path of the next page
	New, Credit, Plan string // what the form said
	Errors            Errors
}

// AccountMadeView is what is shown once of an account.
type AccountMadeView struct {
	Name, Key, Username, Password string
	Again                         bool // only the password is new
}

// Setting is one setting of an account or a carrier.
type Setting struct {
	Key, Value string
	Options    []string // it is one of these; nil: anything
}

// AccountView is one account.
type AccountView struct {
	AccountLine
	Settings          []Setting
	Amount, Direction string // what the form said
	Errors            Errors
}

func (a AccountLine) query() string { return url.QueryEscape(a.Name) }

func operatorAccount(name string) string { return "/operator/accounts/" + url.PathEscape(name) }

func planOptions(f *Frame, custom bool) []Option {
	all := []Option{
		{"production", f.T("production (1,000 a minute, 50 a second)")},
		{"trial", f.T("trial (100 a minute, 10 a second)")},
		{"unlimited", f.T("unlimited")},
	}
	if custom {
		all = append(all, Option{"custom", f.T("own limits")})
	}
	return all
}

func (a AccountLine) plan(f *Frame) string {
	switch a.Plan {
	case "unlimited":
		return f.T("unlimited")
	case "custom":
		return f.T("%s a minute, %s a second", limitOf(f, a.PerMinute), limitOf(f, a.PerSecond))
	}
	return a.Plan
}

func limitOf(f *Frame, n int) string {
	if n == 0 {
		return f.T("any number")
	}
	return f.Number(int64(n))
}

// words are the label and the hint of a setting of an account.
func (s Setting) words(f *Frame) (label, hint string) {
	switch s.Key {
	case "uncertain":
		return f.T("When nobody knows whether a message left"), f.T("resend may send it twice; hold shows it as UNKNOWN")
	case "charge":
		return f.T("A message is charged when it is"), f.T("submitted: a carrier took it; delivered: its receipt came")
	case "senders":
		return f.T("Senders"), f.T("free, or only those that are listed for the account")
	case "routing":
		return f.T("Routes are ordered by"), f.T("their priority, or first their cost")
	case "receipt-overdue":
		return f.T("A part whose receipt never comes becomes"), ""
	case "transliterate":
		return f.T("Replace characters outside GSM-7"), f.T("in messages that do not say it themselves")
	case "max-parts":
		return f.T("Parts of a message at most"), ""
	case "retention":
		return f.T("Messages are kept for"), f.T("after their final state, such as 90d")
	case "redact-after":
		return f.T("Text and number are blanked after"), f.T("such as 12h, or off")
	case "inbound":
		return f.T("Messages from handsets go to"), f.T("webhook, smpp, or the URL of a form callback")
	case "max-binds":
		return f.T("SMPP: sessions at most"), ""
	case "smpp-throughput":
		return f.T("SMPP: segments a second"), f.T("0 is any number")
	case "smpp-window":
		return f.T("SMPP: requests that may wait for an answer"), ""
	case "smpp-deliver":
		return f.T("SMPP: deliver_sm that may wait for an answer"), ""
	case "smpp-charset":
		return f.T("SMPP: data_coding 0 is"), ""
	}
	return s.Key, ""
}

// options are the choices of a setting; they are the words of `account set`, and are the same in each language.
func (s Setting) options() []Option {
	all := make([]Option, len(s.Options))
	for i, o := range s.Options {
		all[i] = Option{o, o}
	}
	return all
}

func (s Setting) field(f *Frame, errors Errors) FieldView {
	label, hint := s.words(f)
	return FieldView{Name: s.Key, ID: "set-" + s.Key, Label: label, Hint: hint, Value: s.Value, Error: errors[s.Key]}
}
