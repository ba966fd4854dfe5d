package templates

import (
	"net/url"

	"github.com/staffetta/staffetta/internal/sms"
)

// PriceLine is what one part costs to the numbers with a prefix.
type PriceLine struct {
	Prefix string
	Price  sms.Money
}

// PricesView is a price list.
type PricesView struct {
	Account  string // empty: the general list
	Accounts []string
	Prices   []PriceLine // the first of them
	Count    int         // of all

	Prefix, Price string // what the form said
	Errors        Errors
}

// PricePreviewView is what a file would change.
type PricePreviewView struct {
	Account, Text, Seen string
	Faults              []PriceFault
	Lists               [3]PriceChangeList // added, changed, removed
	Same                int
}

// PriceFault says what is wrong with a line of a file.
type PriceFault struct {
	Line           int
	Field, Message string
}

// PriceChangeList is one kind of changes.
type PriceChangeList struct {
	Count int
	Lines []PriceChange // the first of them
}

// PriceChange is a price before and after.
type PriceChange struct {
	Prefix        string
	Before, After *sms.Money
}

func (v PricesView) title(f *Frame) string {
	if v.Account == "" {
		return f.T("Prices")
	}
	return f.T("Prices of %s", v.Account)
}

func ofAccount(path, account string) string {
	if account == "" {
		return path
	}
	return path + "?account=" + url.QueryEscape(account)
}

func listTitle(f *Frame, at, count int) string {
	number := f.Number(int64(count))
	switch at {
	case 0:
		return f.T("%s added", number)
	case 1:
		return f.T("%s changed", number)
	}
	return f.T("%s removed", number)
}

func listKind(at int) string { return [...]string{"good", "warn", "bad"}[at] }

func moneyOr(f *Frame, m *sms.Money) string {
	if m == nil {
		return "–"
	}
	return f.Money(*m)
}

func shownPrefixOf(f *Frame, prefix string) string {
	if prefix == "all" {
		return f.T("all numbers")
	}
	return prefix
}

func importLead(f *Frame, v PricePreviewView) string {
	if len(v.Faults) > 0 {
		return ""
	}
	name := v.Account
	if name == "" {
		name = f.T("the general list")
	}
	return f.T("This would become of %s. %s prices stay as they are. Nothing has changed yet.", name, f.Number(int64(v.Same)))
}
