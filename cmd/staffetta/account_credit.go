package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type accountCredit struct {
	accountName
	Amount change `arg:"" name:"amount" help:"+EUR to add, -EUR to take."`
	output
}

func (accountCredit) Help() string {
	return `What is reserved for messages on their way cannot be taken.

Examples:

    staffetta account credit acme +50
    staffetta account credit acme -12.50`
}

func (c accountCredit) Run(t *terminal) error {
	after, err := ask(t, existing, admin.AdjustCredit, admin.CreditRequest{Account: c.Account, Amount: sms.Money(c.Amount)})
	if err != nil {
		return err
	}
	return c.print(t, after, func(w io.Writer) {
		fmt.Fprintf(w, "credit\t%s €\nreserved\t%s €\navailable\t%s €\n", after.Credit, after.Reserved, after.Available)
	})
}
