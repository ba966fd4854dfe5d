package sms

// AllowedSender is a sender that an account with a list of them may use.
type AllowedSender struct {
	Account   AccountID
	Key       string   // Sender.Key
	Countries []string // ISO 3166-1 alpha-2, where it may be used; empty: everywhere
}

// SenderRuleKind is what a country asks of senders.
type SenderRuleKind string

// The kinds of rules.
const (
	NumericOnly SenderRuleKind = "numeric"    // numbers only: one of letters is refused
	Registered  SenderRuleKind = "registered" // one of letters must stand on the account's list for that country
)

// SenderRule is what a country asks of the senders of messages to its numbers. The operator says it: rules differ by
// carrier and change.
type SenderRule struct {
	Country string // ISO 3166-1 alpha-2
	Rule    SenderRuleKind
	Note    string // where the operator has it from
}
