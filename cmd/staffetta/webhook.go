package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

type webhookCommands struct {
	List webhookList `cmd:"" help:"List the webhooks of all accounts."`
	Show webhookShow `cmd:"" help:"Show the webhook of an account and the last attempts to send to it."`
}

type webhookList struct{ output }

func (webhookList) Help() string {
	return `Accounts change their webhooks themselves, over HTTP: docs/webhooks.md.

Example:

    staffetta webhook list`
}

func (c webhookList) Run(t *terminal) error {
	hooks, err := ask(t, existing, admin.ListWebhooks, admin.Nothing{})
	if err != nil {
		return err
	}
	return c.print(t, hooks, func(w io.Writer) {
		fmt.Fprintln(w, "ACCOUNT\tSTATUS\tFAILING SINCE\tURL")
		for _, h := range hooks {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", h.Account, h.Status, since(h.FailingSince), h.CallbackURL)
		}
	})
}

func since(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return at.Format(time.RFC3339)
}

type webhookShow struct {
	accountName
	output
}

func (webhookShow) Help() string {
	return `Example:

    staffetta webhook show acme`
}

func (c webhookShow) Run(t *terminal) error {
	h, err := ask(t, existing, admin.ShowWebhook, c.named())
	if err != nil {
		return err
	}
	return c.print(t, h, func(w io.Writer) {
		fmt.Fprintf(w, "URL\t%s\nstatus\t%s\nfailing since\t%s\n", h.CallbackURL, h.Status, since(h.FailingSince))
		for _, a := range h.Attempts {
			came := strconv.Itoa(a.Status)
			if a.Error != "" {
				came = a.Error
			}
			fmt.Fprintf(w, "%s\tattempt %d at %s: %s\n", a.EventID, a.Number, a.At.Format(time.RFC3339), came)
		}
	})
}
