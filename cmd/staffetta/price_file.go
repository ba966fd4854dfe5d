package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type priceImport struct {
	File    string `arg:"" help:"CSV file of prefix and price; - is standard input."`
	Account string `placeholder:"NAME" help:"The list of one account; default the general one."`
	Preview bool   `help:"Say what would change, and change nothing."`
	output
}

func (priceImport) Help() string {
	return `The file becomes the whole list: what is not in it goes. All of it is taken, or nothing. A line is prefix,price; or prefix;price,
and then decimals may follow a comma. A first line "prefix,price" is a heading, one that begins with # is passed over. What
changes is listed: + added, ~ changed, - removed.

Examples:

    staffetta price import prices.csv --preview
    staffetta price import --account acme prices.csv`
}

func (c priceImport) Run(t *terminal) error {
	text, err := c.read(t)
	if err != nil {
		return err
	}
	changes, err := ask(t, making, admin.ImportPrices, admin.PriceImport{Account: c.Account, Text: text, Preview: c.Preview})
	if err != nil {
		return err
	}
	if err := c.print(t, changes, func(w io.Writer) { printChanges(w, changes) }); err != nil {
		return err
	}
	if len(changes.Errors) > 0 {
		return errors.New("nothing was imported: mend these lines first")
	}
	return nil
}

func (c priceImport) read(t *terminal) (string, error) {
	if c.File == "-" {
		text, err := io.ReadAll(io.LimitReader(t.in, 1<<20))
		return string(text), err
	}
	text, err := os.ReadFile(filepath.Clean(c.File))
	return string(text), err
}

func printChanges(w io.Writer, p admin.PriceChanges) {
	for _, fault := range p.Errors {
		field := ""
		if fault.Field != "" {
			field = fault.Field + ": "
		}
		fmt.Fprintf(w, "line %d: %s%s\n", fault.Line, field, fault.Message)
	}
	if len(p.Errors) > 0 {
		return
	}
	for _, list := range []struct {
		sign    string
		changes []admin.PriceChange
	}{{"+", p.Added}, {"~", p.Changed}, {"-", p.Removed}} {
		for _, change := range list.changes {
			fmt.Fprintf(w, "%s %s\t%s\t%s\n", list.sign, change.Prefix, amountOf(change.Before), amountOf(change.After))
		}
	}
	done := "would be "
	if p.Done {
		done = ""
	}
	fmt.Fprintf(w, "%s%d added, %d changed, %d removed; %d stay\n", done, len(p.Added), len(p.Changed), len(p.Removed), p.Same)
}

func amountOf(m *sms.Money) string {
	if m == nil {
		return "-"
	}
	return m.String() + " €"
}

type priceExport struct {
	Account string `placeholder:"NAME" help:"The list of one account; default the general one."`
}

func (priceExport) Help() string {
	return `Writes the list as CSV to standard output, as price import reads it.

Example:

    staffetta price export > prices.csv`
}

func (c priceExport) Run(t *terminal) error {
	file, err := ask(t, existing, admin.ExportPrices, admin.Named{Account: c.Account})
	if err != nil {
		return err
	}
	_, err = io.WriteString(t.out, file.Text)
	return err
}
