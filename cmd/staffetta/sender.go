package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type senderCommands struct {
	Add    senderAdd    `cmd:"" help:"Put a sender on the list of an account."`
	List   senderList   `cmd:"" help:"Show the list."`
	Remove senderRemove `cmd:"" help:"Take a sender off the list."`
}

type senderAdd struct {
	accountName
	Sender  string   `arg:"" help:"The sender: letters, whose case does not matter, or a number."`
	Country []string `placeholder:"COUNTRY" help:"Where it may be used, and is registered: IT,DE; default everywhere."`
}

func (senderAdd) Help() string {
	return `The list decides once the account is set to it (account set NAME senders=listed): other senders are refused with
SENDER_NOT_ALLOWED. In countries that ask for registration (sender-rule) the countries of the list decide for every account.

Example:

    staffetta sender add acme MyCompany --country IT,DE
    staffetta account set acme senders=listed`
}

func (c senderAdd) Run(t *terminal) error {
	_, err := ask(t, existing, admin.AddSender, admin.ListedSender{Account: c.Account, Sender: c.Sender, Countries: c.Country})
	return err
}

type senderRemove struct {
	accountName
	Sender string `arg:"" help:"The sender."`
}

func (senderRemove) Help() string {
	return `Example:

    staffetta sender remove acme MyCompany`
}

func (c senderRemove) Run(t *terminal) error {
	_, err := ask(t, existing, admin.RemoveSender, admin.ListedSender{Account: c.Account, Sender: c.Sender})
	return err
}

type senderList struct {
	accountName
	output
}

func (senderList) Help() string {
	return `Example:

    staffetta sender list acme`
}

func (c senderList) Run(t *terminal) error {
	list, err := ask(t, existing, admin.ListSenders, c.named())
	if err != nil {
		return err
	}
	return c.print(t, list, func(w io.Writer) {
		fmt.Fprintln(w, "SENDER\tCOUNTRIES")
		for _, s := range list {
			where := "all"
			if len(s.Countries) > 0 {
				where = strings.Join(s.Countries, ",")
			}
			fmt.Fprintf(w, "%s\t%s\n", s.Sender, where)
		}
	})
}

type senderRuleCommands struct {
	Set    senderRuleSet    `cmd:"" help:"Say what a country asks of senders."`
	List   senderRuleList   `cmd:"" help:"Show the rules."`
	Remove senderRuleRemove `cmd:"" help:"Forget the rule of a country."`
	Import senderRuleImport `cmd:"" help:"Read rules from CSV."`
}

type senderRuleSet struct {
	Country string             `arg:"" help:"Two letters, such as US."`
	Rule    sms.SenderRuleKind `arg:"" help:"numeric: senders of letters are refused; registered: those that the account's list does not name for the country."`
	Note    string             `placeholder:"TEXT" help:"Where you have it from."`
}

func (senderRuleSet) Help() string {
	return `There are no rules until you set them: what countries ask for changes, and your carriers know it. A message against a rule is
refused with SENDER_NOT_ALLOWED, and the answer names the rule.

Example:

    staffetta sender-rule set US numeric --note "handbook of the carrier, 2031"`
}

func (c senderRuleSet) Run(t *terminal) error {
	_, err := ask(t, existing, admin.SetSenderRule, admin.SenderRule{Country: c.Country, Rule: c.Rule, Note: c.Note})
	return err
}

type senderRuleRemove struct {
	Country string `arg:"" help:"Two letters, such as US."`
}

func (senderRuleRemove) Help() string {
	return `Example:

    staffetta sender-rule remove US`
}

func (c senderRuleRemove) Run(t *terminal) error {
	_, err := ask(t, existing, admin.RemoveSenderRule, admin.SenderRule{Country: c.Country})
	return err
}

type senderRuleList struct{ output }

func (senderRuleList) Help() string {
	return `Example:

    staffetta sender-rule list`
}

func (c senderRuleList) Run(t *terminal) error {
	list, err := ask(t, existing, admin.ListSenderRules, admin.Nothing{})
	if err != nil {
		return err
	}
	return c.print(t, list, func(w io.Writer) {
		fmt.Fprintln(w, "COUNTRY\tRULE\tNOTE")
		for _, r := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\n", r.Country, r.Rule, r.Note)
		}
	})
}

type senderRuleImport struct {
	File string `arg:"" help:"CSV with the columns country,rule,note; - is standard input."`
}

func (senderRuleImport) Help() string {
	return `All lines are read, or none when one cannot be.

Example:

    staffetta sender-rule import rules.csv`
}

func (c senderRuleImport) Run(t *terminal) error {
	text, err := readAll(t, c.File)
	if err != nil {
		return err
	}
	result, err := ask(t, existing, admin.ImportSenderRules, admin.CSVPart{Text: text})
	if err != nil {
		return err
	}
	if err := failedLines(t, result); err != nil {
		return err
	}
	t.say("%d rules", result.Added)
	return nil
}

// readAll reads a file, or standard input.
func readAll(t *terminal, name string) (string, error) {
	if name == "-" {
		text, err := io.ReadAll(t.in)
		return string(text), err
	}
	text, err := os.ReadFile(name)
	return string(text), err
}
