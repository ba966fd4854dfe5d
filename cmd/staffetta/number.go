package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
)

type numberCommands struct {
	Add    numberAdd    `cmd:"" help:"Give a number, or a keyword of it, to an account."`
	List   numberList   `cmd:"" help:"List the numbers and whose they are."`
	Remove numberRemove `cmd:"" help:"Take a number, or a keyword of it, from its account."`
}

type numberAdd struct {
	Number  string `arg:"" help:"The number to which people write: +393401234567, a short code, or a name of letters."`
	Account string `arg:"" help:"Name of the account."`
	Keyword string `placeholder:"WORD" help:"Only the messages that begin with this word; default: all that no keyword takes."`
	output
}

func (numberAdd) Help() string {
	return `What comes to the number is told to the account: docs/inbound.md. With keywords several accounts share a number; the letter
case does not count, and the longest keyword that the first words are wins. Messages that came in the last 30 days, while
the number was nobody's, are told now.

Examples:

    staffetta number add +393401234567 acme
    staffetta number add 48883 acme --keyword win`
}

func (c numberAdd) Run(t *terminal) error {
	added, err := ask(t, existing, admin.AddNumber, admin.NumberRequest{Number: c.Number, Keyword: c.Keyword, Account: c.Account})
	if err != nil {
		return err
	}
	return c.print(t, added, func(w io.Writer) {
		fmt.Fprintf(w, "%s is %s's\n", numberAndKeyword(added.Number), added.Account)
		if added.Routed > 0 {
			fmt.Fprintf(w, "%d messages that had come before are told now\n", added.Routed)
		}
	})
}

func numberAndKeyword(n admin.Number) string {
	if n.Keyword == "" {
		return n.Number
	}
	return n.Number + " " + n.Keyword
}

type numberRemove struct {
	Number  string `arg:"" help:"The number."`
	Keyword string `placeholder:"WORD" help:"Only this keyword of it."`
}

func (numberRemove) Help() string {
	return `What came before stays the account's. Other keywords of the number stay too.

Example:

    staffetta number remove 48883 --keyword win`
}

func (c numberRemove) Run(t *terminal) error {
	_, err := ask(t, existing, admin.RemoveNumber, admin.NumberRequest{Number: c.Number, Keyword: c.Keyword})
	return err
}

type numberList struct {
	Unrouted bool `help:"List the last messages to numbers that are nobody's, and those that wait for parts, instead."`
	output
}

func (numberList) Help() string {
	return `Examples:

    staffetta number list
    staffetta number list --unrouted`
}

func (c numberList) Run(t *terminal) error {
	if c.Unrouted {
		return listInbound(t, c.output, admin.InboundPage{Limit: usualListed})
	}
	numbers, err := ask(t, existing, admin.ListNumbers, admin.Nothing{})
	if err != nil {
		return err
	}
	return c.print(t, numbers, func(w io.Writer) {
		fmt.Fprintln(w, "NUMBER\tKEYWORD\tACCOUNT\tSINCE")
		for _, n := range numbers {
			keyword := n.Keyword
			if keyword == "" {
				keyword = "(any)"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", n.Number, keyword, n.Account, n.CreatedAt.Format("2006-01-02"))
		}
	})
}
