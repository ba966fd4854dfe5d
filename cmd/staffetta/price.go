package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type priceCommands struct {
	Set    priceSet    `cmd:"" help:"Set the price for the numbers that begin so."`
	List   priceList   `cmd:"" help:"List the prices."`
	Remove priceRemove `cmd:"" help:"Take a price off its list."`
	Import priceImport `cmd:"" help:"Replace a list by a CSV file."`
	Export priceExport `cmd:"" help:"Write a list as CSV."`
}

// pricePlace is where a price stands.
type pricePlace struct {
	Account string `placeholder:"NAME" help:"The list of one account; default the general one."`
	Prefix  string `arg:"" help:"How the numbers begin, country code first, such as +39; or \"all\"."`
}

type priceSet struct {
	pricePlace
	Price euro `arg:"" name:"eur" help:"What one part costs, in euro."`
}

func (priceSet) Help() string {
	return `The longest prefix that fits a number counts, in the list of its account first, then in the general one. Without any the
price is 0. Messages that were accepted before keep their price.

Examples:

    staffetta price set +39 0.035
    staffetta price set --account acme all 0.05`
}

func (c priceSet) Run(t *terminal) error {
	_, err := ask(t, making, admin.SetPrice, admin.Price{Account: c.Account, Prefix: c.Prefix, Price: sms.Money(c.Price)})
	return err
}

type priceRemove struct{ pricePlace }

func (priceRemove) Help() string {
	return `Example:

    staffetta price remove --account acme +39`
}

func (c priceRemove) Run(t *terminal) error {
	_, err := ask(t, existing, admin.RemovePrice, admin.Price{Account: c.Account, Prefix: c.Prefix})
	return err
}

type priceList struct {
	Account string `placeholder:"NAME" help:"Only the list of this account; default all lists."`
	output
}

func (priceList) Help() string {
	return `Example:

    staffetta price list --json`
}

func (c priceList) Run(t *terminal) error {
	prices, err := ask(t, existing, admin.ListPrices, admin.Named{Account: c.Account})
	if err != nil {
		return err
	}
	return c.print(t, prices, func(w io.Writer) {
		if len(prices) == 0 {
			fmt.Fprintln(w, c.none())
			return
		}
		fmt.Fprintln(w, "LIST\tPREFIX\tPRICE €")
		for _, p := range prices {
			list := "general"
			if p.Account != "" {
				list = "account " + p.Account
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", list, p.Prefix, p.Price)
		}
	})
}

// none says what an empty list means.
func (c priceList) none() string {
	if c.Account != "" {
		return "no prices of its own: the general ones hold"
	}
	return "no prices: messages cost nothing"
}
