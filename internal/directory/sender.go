package directory

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/staffetta/staffetta/internal/country"
	"github.com/staffetta/staffetta/internal/sms"
)

// SenderChange is a sender that was allowed to an account, or one that is no more.
type SenderChange struct {
	sms.AllowedSender
	Removed bool
}

// SenderRuleChange is a rule of a country that was set, or one that was removed.
type SenderRuleChange struct {
	sms.SenderRule
	Removed bool
}

// OnlyListed is the setting of an account that may use only the senders on its list.
const OnlyListed = "listed"

func (d *Directory) applySenders(changes []SenderChange) {
	for _, c := range changes {
		list := d.senders[c.Account]
		if list == nil {
			list = map[string][]string{}
			d.senders[c.Account] = list
		}
		list[c.Key] = c.Countries
		if c.Removed {
			delete(list, c.Key)
		}
	}
}

func (d *Directory) applySenderRules(changes []SenderRuleChange) {
	for _, c := range changes {
		d.rules[c.Country] = c.SenderRule
		if c.Removed {
			delete(d.rules, c.Country)
		}
	}
}

// SendersRestricted reports whether MaySend can refuse anything to an account. Where it cannot, it need not be asked.
func (d *Directory) SendersRestricted(account *sms.Account) bool {
	if account.Settings.Senders == OnlyListed {
		return true
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.rules) > 0
}

// MaySend says why an account may not use a sender to a number, naming the rule; empty: it may.
func (d *Directory) MaySend(account *sms.Account, sender sms.Sender, to sms.Number) (refusal string) {
	_, numeric := sender.Numeric()
	where := country.Of(to)
	d.mu.RLock()
	defer d.mu.RUnlock()
	countries, listed := d.senders[account.ID][sender.Key()]
	switch {
	case account.Settings.Senders == OnlyListed && !listed:
		return fmt.Sprintf("the sender %s is not on the list of this account", sender)
	case account.Settings.Senders == OnlyListed && len(countries) > 0 && !slices.Contains(countries, where):
		return fmt.Sprintf("the sender %s is on the list of this account, but not for the country %s", sender, orUnknown(where))
	}
	rule, ok := d.rules[where]
	switch {
	case !ok || numeric:
		return ""
	case rule.Rule == sms.NumericOnly:
		return fmt.Sprintf("the rule of %s: numeric senders only", where)
	case rule.Rule == sms.Registered && !slices.Contains(countries, where):
		return fmt.Sprintf("the rule of %s: the sender %s is not registered there", where, sender)
	}
	return ""
}

func orUnknown(country string) string {
	if country == "" {
		return "of that number, which is unknown"
	}
	return country
}

// Senders lists the senders of an account, in order of name.
func (d *Directory) Senders(account sms.AccountID) (list []sms.AllowedSender) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for key, countries := range d.senders[account] {
		list = append(list, sms.AllowedSender{Account: account, Key: key, Countries: countries})
	}
	slices.SortFunc(list, func(a, b sms.AllowedSender) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// SenderRules lists the rules of all countries, in order of country.
func (d *Directory) SenderRules() (list []sms.SenderRule) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, rule := range d.rules {
		list = append(list, rule)
	}
	slices.SortFunc(list, func(a, b sms.SenderRule) int { return cmp.Compare(a.Country, b.Country) })
	return list
}
