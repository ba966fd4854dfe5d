package templates

// SenderRuleLine is what a country asks of senders.
type SenderRuleLine struct{ Country, Rule, Note string }

// SenderRulesView is all of these rules.
type SenderRulesView struct {
	Rules               []SenderRuleLine
	Faults              []string // of an import
	Country, Rule, Note string   // what the form said
	Errors              Errors
}

func ruleWords(f *Frame, rule string) string {
	if rule == "numeric" {
		return f.T("only numbers may be senders")
	}
	return f.T("senders must be on the account's list")
}
