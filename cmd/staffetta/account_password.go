package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
)

type accountPassword struct {
	accountName
	output
}

func (accountPassword) Help() string {
	return `Prints the username and a generated password of 24 characters, once. The old one is refused from now on.

Example:

    staffetta account password acme`
}

func (c accountPassword) Run(t *terminal) error {
	return printLogin(t, c.output, admin.NewPassword, c.named())
}

type accountSMPPPassword struct {
	accountName
	output
}

func (accountSMPPPassword) Help() string {
	return `SMPP allows passwords of 8 characters; some clients cut longer ones. This one is good for SMPP binds only, beside the
long one.

Example:

    staffetta account smpp-password acme`
}

func (c accountSMPPPassword) Run(t *terminal) error {
	return printLogin(t, c.output, admin.NewSMPPPassword, c.named())
}

func printLogin(t *terminal, o output, operation admin.Operation[admin.Named, admin.Login], of admin.Named) error {
	login, err := ask(t, existing, operation, of)
	if err != nil {
		return err
	}
	return o.print(t, login, func(w io.Writer) {
		fmt.Fprintf(w, "username\t%s\npassword\t%s\n", login.Username, login.Password)
	})
}
