package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
)

type accountCommands struct {
	Create       accountCreate       `cmd:"" help:"Make an account with a key, a user and a password."`
	List         accountList         `cmd:"" help:"List the accounts with their credit."`
	Show         accountShow         `cmd:"" help:"Show one account."`
	Set          accountSet          `cmd:"" help:"Change settings of an account."`
	Credit       accountCredit       `cmd:"" help:"Add to the credit of an account, or take from it."`
	Password     accountPassword     `cmd:"" help:"Make a new password; the old one stops at once."`
	SMPPPassword accountSMPPPassword `cmd:"" name:"smpp-password" help:"Make a password of 8 characters for SMPP clients that cut longer ones."`
	Suspend      accountSuspend      `cmd:"" help:"Refuse everything that an account asks for, until it is resumed."`
	Resume       accountResume       `cmd:"" help:"End a suspension."`
}

// accountName is the argument of most commands.
type accountName struct {
	Account string `arg:"" name:"account" help:"Name of the account."`
}

func (a accountName) named() admin.Named { return admin.Named{Account: a.Account} }

type accountList struct {
	Search string `placeholder:"TEXT" help:"Only those with this in their name."`
	After  string `placeholder:"NAME" help:"Only those after this name."`
	Limit  int    `placeholder:"N" help:"At most so many; default all."`
	output
}

func (accountList) Help() string {
	return `AVAILABLE is the credit less what is reserved for messages on their way. The order is that of the names.

Examples:

    staffetta account list --json
    staffetta account list --search acme --limit 20`
}

// find asks for all pages, or as many as are wanted.
func (c accountList) find(t *terminal) (accounts []admin.Account, err error) {
	if c.Search == "" && c.After == "" && c.Limit == 0 {
		return ask(t, existing, admin.ListAccounts, admin.Nothing{})
	}
	accounts = []admin.Account{}
	for after := c.After; ; {
		page, err := ask(t, existing, admin.FindAccounts, admin.AccountQuery{After: after, Search: c.Search, Limit: 1000})
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, page.Accounts...)
		if c.Limit > 0 && len(accounts) >= c.Limit {
			return accounts[:c.Limit], nil
		}
		if after = page.Next; after == "" {
			return accounts, nil
		}
	}
}

func (c accountList) Run(t *terminal) error {
	accounts, err := c.find(t)
	if err != nil {
		return err
	}
	return c.print(t, accounts, func(w io.Writer) {
		fmt.Fprintln(w, "NAME\tID\tSTATE\tPLAN\tCREDIT €\tAVAILABLE €\tCREATED")
		for _, a := range accounts {
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", a.Name, a.AccountID, state(a), plan(a), a.Credit.Credit, a.Available,
				a.CreatedAt.Format("2006-01-02"))
		}
	})
}

type accountShow struct {
	accountName
	output
}

func (accountShow) Help() string {
	return `Example:

    staffetta account show acme`
}

func (c accountShow) Run(t *terminal) error {
	a, err := ask(t, existing, admin.ShowAccount, c.named())
	if err != nil {
		return err
	}
	return c.print(t, a, func(w io.Writer) {
		fmt.Fprintf(w, "name\t%s\nid\t%d\nstate\t%s\ncreated\t%s\ncredit\t%s €\nreserved\t%s €\navailable\t%s €\n", a.Name, a.AccountID, state(a),
			a.CreatedAt.Format("2006-01-02"), a.Credit.Credit, a.Reserved, a.Available)
		printSettings(w, a)
	})
}

func state(a admin.Account) string {
	if a.Suspended {
		return "suspended"
	}
	return "active"
}

func plan(a admin.Account) string {
	if a.Plan != "custom" {
		return a.Plan
	}
	return fmt.Sprintf("%s/min %s/s", limit(a.PerMinute), limit(a.PerSecond))
}

func limit(n int) string {
	if n == 0 {
		return "any"
	}
	return fmt.Sprint(n)
}

type accountSuspend struct{ accountName }

func (accountSuspend) Help() string {
	return `Requests of a suspended account are answered 403. What it sent before goes on.

Example:

    staffetta account suspend acme`
}

func (c accountSuspend) Run(t *terminal) error {
	_, err := ask(t, existing, admin.SuspendAccount, c.named())
	return err
}

type accountResume struct{ accountName }

func (accountResume) Help() string {
	return `Example:

    staffetta account resume acme`
}

func (c accountResume) Run(t *terminal) error {
	_, err := ask(t, existing, admin.ResumeAccount, c.named())
	return err
}
