package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
)

type accountCommands struct {
	Create       accountCreate       `cmd:"" help:"Make an account with a key, a user and a password."`
	List         accountList         `cmd:"" help:"List the accounts with their credit."`
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

type accountList struct{ output }

func (accountList) Help() string {
	return `AVAILABLE is the credit less what is reserved for messages on their way.

Example:

    staffetta account list --json`
}

func (c accountList) Run(t *terminal) error {
	accounts, err := ask(t, existing, admin.ListAccounts, admin.Nothing{})
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
