package main

import (
	"fmt"
	"io"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

type inboundCommands struct {
	List   inboundList   `cmd:"" help:"List the last messages from handsets to an account."`
	Resend inboundResend `cmd:"" help:"Tell messages from handsets again."`
}

// usualListed is how many messages are listed.
const usualListed = 50

type inboundList struct {
	accountName
	Limit  int    `default:"50" placeholder:"N" help:"How many, at most 1000; default 50."`
	Before string `placeholder:"ID" help:"Only those that came before this one."`
	output
}

func (inboundList) Help() string {
	return `The newest is first. ` + "`staffetta message show ID`" + ` shows the whole life of one, with each attempt to tell it. Those to
numbers that are nobody's are listed by ` + "`staffetta number list --unrouted`" + `.

Example:

    staffetta inbound list acme`
}

func (c inboundList) Run(t *terminal) error {
	return listInbound(t, c.output, admin.InboundPage{Account: c.Account, Limit: c.Limit, Before: c.Before})
}

func listInbound(t *terminal, o output, page admin.InboundPage) error {
	messages, err := ask(t, existing, admin.ListInbound, page)
	if err != nil {
		return err
	}
	return o.print(t, messages, func(w io.Writer) {
		fmt.Fprintln(w, "CAME\tFROM\tTO\tPARTS\tSTAGE\tID\tTEXT")
		for _, m := range messages {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d of %d\t%s\t%s\t%q\n", m.ReceivedAt.UTC().Format(time.RFC3339), m.Source, m.Destination, m.Came, m.Parts,
				m.Stage, m.MessageID, m.Text)
		}
	})
}

type inboundResend struct {
	accountName
	ID string `arg:"" optional:"" help:"The message; default: all that could not be told and are still kept."`
	output
}

func (inboundResend) Help() string {
	return `They go the way that the account has chosen now (` + "`account set NAME inbound=…`" + `). What could not be told is kept for 7 days.

Examples:

    staffetta inbound resend acme
    staffetta inbound resend acme 0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41`
}

func (c inboundResend) Run(t *terminal) error {
	resent, err := ask(t, existing, admin.ResendInbound, admin.ResendRequest{Account: c.Account, MessageID: c.ID})
	if err != nil {
		return err
	}
	return c.print(t, resent, func(w io.Writer) { fmt.Fprintf(w, "%d messages are told again\n", resent.Messages) })
}
