package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
)

type allowListCommands struct {
	Set  allowListSet  `cmd:"" help:"Replace the list and turn it on."`
	Show allowListShow `cmd:"" help:"Show the list."`
	Off  allowListOff  `cmd:"" help:"Turn the list off; its entries are kept."`
}

type allowListSet struct {
	accountName
	CIDRs []string `arg:"" name:"cidr" help:"Addresses and ranges, IPv4 or IPv6."`
	output
}

func (allowListSet) Help() string {
	return `From now on requests from other addresses are answered 403.

Example:

    staffetta allow-list set acme 203.0.113.0/24 198.51.100.7 2001:db8::/32`
}

func (c allowListSet) Run(t *terminal) error {
	list, err := ask(t, existing, admin.SetAllowList, admin.AllowListRequest{Account: c.Account, CIDRs: c.CIDRs})
	return printAllowList(t, c.output, list, err)
}

type allowListShow struct {
	accountName
	output
}

func (allowListShow) Help() string {
	return `Example:

    staffetta allow-list show acme`
}

func (c allowListShow) Run(t *terminal) error {
	list, err := ask(t, existing, admin.ShowAllowList, c.named())
	return printAllowList(t, c.output, list, err)
}

type allowListOff struct {
	accountName
	output
}

func (allowListOff) Help() string {
	return `From now on the account may be used from everywhere.

Example:

    staffetta allow-list off acme`
}

func (c allowListOff) Run(t *terminal) error {
	list, err := ask(t, existing, admin.DropAllowList, c.named())
	return printAllowList(t, c.output, list, err)
}

func printAllowList(t *terminal, o output, list admin.AllowList, err error) error {
	if err != nil {
		return err
	}
	return o.print(t, list, func(w io.Writer) {
		if list.Enabled {
			fmt.Fprintln(w, "on: only these addresses may use the account")
		} else {
			fmt.Fprintln(w, "off: the account may be used from everywhere")
		}
		for _, e := range list.Entries {
			fmt.Fprintf(w, "  %s\t%s\n", e.CIDR, e.Note)
		}
	})
}
