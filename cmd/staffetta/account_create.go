package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type accountCreate struct {
	Name     string `arg:"" help:"Name of the account, as people call it."`
	Credit   euro   `placeholder:"EUR" help:"Credit to begin with; default 0."`
	Plan     string `placeholder:"PLAN" enum:"production,trial,unlimited" default:"production" help:"How many requests a key may make: production (1,000 a minute, 50 a second; the default), trial (100 and 10) or unlimited."`
	Username string `placeholder:"NAME" help:"Name for Basic authentication and SMPP; default: made from the account's name."`
	output
}

func (accountCreate) Help() string {
	return `Prints an API key, a username and a password. They are shown this once: only their hashes are stored.

Examples:

    staffetta account create acme --credit 100
    staffetta account create "Acme S.p.A." --plan trial --json`
}

func (c accountCreate) Run(t *terminal) error {
	made, err := ask(t, making, admin.CreateAccount, admin.AccountRequest{
		Name: c.Name, Credit: sms.Money(c.Credit), Plan: c.Plan, Username: c.Username})
	if err != nil {
		return err
	}
	return c.print(t, made, func(w io.Writer) {
		fmt.Fprintf(w, "account\t%s (id %d)\n", made.Name, made.AccountID)
		fmt.Fprintf(w, "API key\t%s\nusername\t%s\npassword\t%s\n", made.APIKey, made.Username, made.Password)
		fmt.Fprintln(w, "\nKeep the key and the password: they are shown this once.")
	})
}
