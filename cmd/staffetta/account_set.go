package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
)

type accountSet struct {
	accountName
	Settings []string `arg:"" name:"key=value" help:"What to change."`
	output
}

func (accountSet) Help() string {
	lines := strings.ReplaceAll("\n"+strings.TrimSpace(admin.SettingsHelp()), "\n", "\n    ")
	return `The settings, and what each may be:
` + lines + `

uncertain says what happens to a message of which nobody knows whether it left, after a crash: resend may send it
twice, hold shows it as UNKNOWN. transliterate replaces characters outside GSM-7 by near ones, in messages that do not
say it themselves. charge says when a message is charged: when a carrier takes it, or when it is delivered. An account
begins with uncertain=resend max-parts=10 transliterate=false charge=submitted.

Example:

    staffetta account set acme uncertain=hold max-parts=5`
}

func (c accountSet) Run(t *terminal) error {
	after, err := ask(t, existing, admin.SetAccount, admin.SetRequest{Account: c.Account, Pairs: c.Settings})
	if err != nil {
		return err
	}
	return c.print(t, after, func(w io.Writer) {
		s := after.Settings
		fmt.Fprintf(w, "uncertain\t%s\nmax-parts\t%d\ntransliterate\t%v\ncharge\t%s\nplan\t%s\n", s.Uncertain, s.MaxParts,
			s.Transliterate, s.Charge, plan(after))
	})
}
