package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/optout"
)

type optOutCommands struct {
	List     optOutList     `cmd:"" help:"List who has opted out."`
	Add      optOutAdd      `cmd:"" help:"Note that somebody has opted out."`
	Remove   optOutRemove   `cmd:"" help:"Take an opt-out away."`
	Import   optOutImport   `cmd:"" help:"Read opt-outs from CSV."`
	Export   optOutExport   `cmd:"" help:"Write all opt-outs as CSV."`
	Word     optOutWord     `cmd:"" help:"Say what a word in a message from a handset means."`
	Reply    optOutReply    `cmd:"" help:"Say what is answered to such a word."`
	Alias    optOutAlias    `cmd:"" help:"Say for which senders a number stands."`
	Settings optOutSettings `cmd:"" help:"Show words, answers and aliases."`
}

// optOutPage is how many are read at once.
const optOutPage = 1000

// optOutPlace is one opt-out.
type optOutPlace struct {
	accountName
	Number string `arg:"" help:"Who has opted out."`
	Sender string `placeholder:"SENDER" help:"From messages of this sender; default of all senders of the account."`
}

func (p optOutPlace) request() admin.OptOutRequest {
	return admin.OptOutRequest{Account: p.Account, Number: p.Number, Sender: p.Sender}
}

type optOutAdd struct{ optOutPlace }

func (optOutAdd) Help() string {
	return `From now on nothing is accepted for that number, and what waits for it is not sent.

Examples:

    staffetta opt-out add acme +393401234567
    staffetta opt-out add acme +393401234567 --sender MyCompany`
}

func (c optOutAdd) Run(t *terminal) error {
	_, err := ask(t, existing, admin.AddOptOut, c.request())
	return err
}

type optOutRemove struct{ optOutPlace }

func (optOutRemove) Help() string {
	return `With a sender, its messages are wanted again, also by somebody who has opted out of all others.

Example:

    staffetta opt-out remove acme +393401234567`
}

func (c optOutRemove) Run(t *terminal) error {
	_, err := ask(t, existing, admin.RemoveOptOut, c.request())
	return err
}

type optOutList struct {
	accountName
	Number string `placeholder:"NUMBER" help:"Only of this number."`
	Sender string `placeholder:"SENDER" help:"Only of this sender."`
	Limit  int    `default:"1000" help:"How many at most."`
	output
}

func (optOutList) Help() string {
	return `Senders stand in small letters: their case does not matter. All of them, however many, are written by export.

Example:

    staffetta opt-out list acme --number +393401234567`
}

func (c optOutList) Run(t *terminal) error {
	query := admin.OptOutQuery{OptOutRequest: admin.OptOutRequest{Account: c.Account, Number: c.Number, Sender: c.Sender}, Limit: min(max(c.Limit, 1), 10_000)}
	page, err := ask(t, existing, admin.ListOptOuts, query)
	if err != nil {
		return err
	}
	return c.print(t, page, func(w io.Writer) {
		fmt.Fprintln(w, "NUMBER\tSENDER\tSINCE\tSOURCE")
		for _, o := range page.OptOuts {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", o.Number, shownSender(o), o.CreatedAt.Format(time.RFC3339), o.Source)
		}
		if page.Next != "" {
			fmt.Fprintln(w, "… and more: see --limit, or export")
		}
	})
}

func shownSender(o admin.OptOut) string {
	switch {
	case o.Sender == "":
		return "all"
	case o.Allowed:
		return o.Sender + " is wanted"
	}
	return o.Sender
}

type optOutExport struct{ accountName }

func (optOutExport) Help() string {
	return `Example:

    staffetta opt-out export acme > opt-outs.csv`
}

func (c optOutExport) Run(t *terminal) error {
	return withConnection(t, func(connection admin.Connection) error {
		out := bufio.NewWriter(t.out)
		fmt.Fprint(out, optout.Header+"\r\n")
		for query := (admin.OptOutQuery{OptOutRequest: admin.OptOutRequest{Account: c.Account}, Limit: optOutPage}); ; {
			page, err := admin.ListOptOuts.Do(t, connection, query)
			if err != nil {
				return err
			}
			for _, o := range page.OptOuts {
				if !o.Allowed {
					fmt.Fprintf(out, "%s,%s,%s,%s\r\n", o.Number, optout.Cell(o.Sender), optout.Cell(o.Source), o.CreatedAt.Format(time.RFC3339))
				}
			}
			if query.Cursor = page.Next; page.Next == "" {
				return out.Flush()
			}
		}
	})
}

// withConnection does several operations on one connection.
func withConnection(t *terminal, do func(admin.Connection) error) error {
	c, err := t.config(nil)
	if err != nil {
		return err
	}
	connection, err := admin.Connect(t, c, version, false)
	if err != nil {
		return err
	}
	return errors.Join(do(connection), connection.Close())
}

type optOutImport struct {
	accountName
	File string `arg:"" help:"CSV: a number on each line, and perhaps a sender; - is standard input."`
	output
}

func (optOutImport) Help() string {
	return `The columns are number,sender,source,created_at; only the number is needed, and a header is not. Without a sender all senders
of the account are meant. A line that cannot be is named, and the others are read; the same file again does no harm.

Example:

    staffetta opt-out import acme opt-outs.csv`
}

func (c optOutImport) Run(t *terminal) error {
	in := t.in
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	var all admin.Imported
	err := withConnection(t, func(connection admin.Connection) error {
		return eachPart(in, func(before int64, text string) error {
			part, err := admin.ImportOptOuts.Do(t, connection, admin.CSVPart{Account: c.Account, Text: text})
			all.Added, all.Known, all.Failed = all.Added+part.Added, all.Known+part.Known, all.Failed+part.Failed
			for _, wrong := range part.Errors {
				all.Errors = append(all.Errors, admin.CSVLine{Line: before + wrong.Line, Message: wrong.Message})
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	if err := c.print(t, all, func(w io.Writer) {
		fmt.Fprintf(w, "added\t%d\nknown\t%d\nfailed\t%d\n", all.Added, all.Known, all.Failed)
	}); err != nil {
		return err
	}
	return failedLines(t, all)
}

// failedLines names the lines that could not be read.
func failedLines(t *terminal, all admin.Imported) error {
	for _, wrong := range all.Errors {
		t.say("line %d: %s", wrong.Line, wrong.Message)
	}
	if all.Failed > 0 {
		return fmt.Errorf("%d lines were not read", all.Failed)
	}
	return nil
}

// eachPart reads some lines at a time, so that a file may be of any length; before is how many lines came before.
func eachPart(from io.Reader, do func(before int64, text string) error) error {
	lines := bufio.NewScanner(from)
	var part strings.Builder
	var before, here int64
	for lines.Scan() {
		part.WriteString(lines.Text() + "\n")
		if here++; here == optOutPage {
			if err := do(before, part.String()); err != nil {
				return err
			}
			before, here = before+here, 0
			part.Reset()
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", before+here+1, err)
	}
	if here == 0 {
		return nil
	}
	return do(before, part.String())
}
