package main

import (
	"fmt"
	"io"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

type auditCommands struct {
	List auditList `cmd:"" help:"Show the audit log, the newest line first."`
}

type auditList struct {
	Account string `placeholder:"NAME" help:"Only what was done to this account."`
	Actor   string `placeholder:"TEXT" help:"Only what somebody with this in their name did."`
	Action  string `placeholder:"WORDS" help:"Only actions that begin so, such as carrier or \"price import\"."`
	Limit   int    `default:"50" placeholder:"N" help:"How many lines, at most 1000; default 50."`
	Cursor  string `placeholder:"CURSOR" help:"Go on where the last page ended."`
	output
}

func (auditList) Help() string {
	return `Each change is one line: by an operator, by a person of the account, by a key over HTTP, or by the server itself. No secret
stands there. When more lines follow, the cursor for --cursor is said.

Examples:

    staffetta audit list
    staffetta audit list --account acme --limit 200
    staffetta audit list --actor ada@ --action 'carrier '`
}

func (c auditList) Run(t *terminal) error {
	page, err := ask(t, existing, admin.ListAudit, admin.AuditQuery{Account: c.Account, Actor: c.Actor, Action: c.Action, Cursor: c.Cursor, Limit: c.Limit})
	if err != nil {
		return err
	}
	if err := c.print(t, page, func(w io.Writer) {
		fmt.Fprintln(w, "AT\tBY\tACTION\tTARGET\tDETAIL")
		for _, line := range page.Lines {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", line.At.UTC().Format(time.RFC3339), line.Actor, line.Action, line.Target, line.Detail)
		}
	}); err != nil {
		return err
	}
	if page.Next != "" {
		t.say("more: --cursor %s", page.Next)
	}
	return nil
}
