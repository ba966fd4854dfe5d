package directory

import (
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestMaySend(t *testing.T) {
	source := &fakeSource{}
	d := New(source)
	free, listed := &sms.Account{ID: 1}, &sms.Account{ID: 2, Settings: sms.Settings{Senders: OnlyListed}}
	if d.SendersRestricted(free) || !d.SendersRestricted(listed) {
		t.Error("without rules only a list restricts")
	}
	allowed := func(of sms.AccountID, key string, countries ...string) SenderChange {
		return SenderChange{AllowedSender: sms.AllowedSender{Account: of, Key: key, Countries: countries}}
	}
	source.add(Changes{
		Senders: []SenderChange{allowed(2, "acme", "IT", "DE"), allowed(2, "393399957000"), allowed(1, "acme", "FR"), allowed(1, "gone", "FR")},
		Rules: []SenderRuleChange{{SenderRule: sms.SenderRule{Country: "US", Rule: sms.NumericOnly}}, {SenderRule: sms.SenderRule{Country: "FR", Rule: sms.Registered}},
			{SenderRule: sms.SenderRule{Country: "ES", Rule: sms.NumericOnly}}},
	})
	refresh(t, d)
	source.add(Changes{Senders: []SenderChange{{AllowedSender: sms.AllowedSender{Account: 1, Key: "gone"}, Removed: true}},
		Rules: []SenderRuleChange{{SenderRule: sms.SenderRule{Country: "ES"}, Removed: true}}})
	refresh(t, d)
	if !d.SendersRestricted(free) {
		t.Error("rules restrict everybody")
	}
	const italy, germany, france, spain, america, nowhere = 393401234567, 4915112345678, 33612345678, 34612345678, 12125550123, 8816123456789
	for _, test := range []struct {
		account *sms.Account
		sender  sms.Sender
		to      sms.Number
		want    string
	}{
		{free, "Anything", italy, ""},
		{free, "Anything", spain, ""},
		{free, "Anything", america, "the rule of US: numeric senders only"},
		{free, "+12125550100", america, ""},
		{free, "48123", france, ""},
		{free, "ACME", france, ""},
		{free, "Gone", france, "the rule of FR: the sender Gone is not registered there"},
		{free, "Anything", nowhere, ""},
		{listed, "ACME", italy, ""},
		{listed, "acme", germany, ""},
		{listed, "Acme", spain, "the sender Acme is on the list of this account, but not for the country ES"},
		{listed, "Acme", nowhere, "the sender Acme is on the list of this account, but not for the country of that number, which is unknown"},
		{listed, "Other", italy, "the sender Other is not on the list of this account"},
		{listed, "+393399957000", america, ""},
		{listed, "393399957001", italy, "the sender 393399957001 is not on the list of this account"},
	} {
		if got := d.MaySend(test.account, test.sender, test.to); got != test.want {
			t.Errorf("account %d, %s to %s: %q, want %q", test.account.ID, test.sender, test.to, got, test.want)
		}
	}
	if list := d.Senders(2); len(list) != 2 || list[0].Key != "393399957000" || len(list[1].Countries) != 2 {
		t.Errorf("the list is %+v", list)
	}
	if rules := d.SenderRules(); len(rules) != 2 || rules[0].Country != "FR" {
		t.Errorf("the rules are %+v", rules)
	}
}
