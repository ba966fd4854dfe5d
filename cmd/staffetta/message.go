package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
)

type messageCommands struct {
	Show   messageShow   `cmd:"" help:"Show the whole life of a message, line by line."`
	Cancel messageCancel `cmd:"" help:"Withdraw a message that has not left."`
}

type messageShow struct {
	ID string `arg:"" help:"The messageId of the answer that accepted it, or the id that its caller chose."`
	output
}

func (messageShow) Help() string {
	return `Example:

    staffetta message show 0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41`
}

func (c messageShow) Run(t *terminal) error {
	life, err := ask(t, existing, admin.ShowMessage, admin.MessageName{ID: c.ID})
	if err != nil {
		return err
	}
	return c.print(t, life, func(w io.Writer) {
		for _, line := range life {
			fmt.Fprintf(w, "%s\t%s\n", line.At.UTC().Format("2006-01-02 15:04:05.000Z"), line.What)
		}
	})
}

type messageCancel struct {
	ID string `arg:"" help:"The messageId of the answer that accepted it, or the id that its caller chose."`
}

func (messageCancel) Help() string {
	return `One that is held until its date, or waits for its carrier, is never sent then; its price is given back, and the account's
webhook is told. It is too late once something of it has left or may be leaving.

Example:

    staffetta message cancel 0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41`
}

func (c messageCancel) Run(t *terminal) error {
	if _, err := ask(t, existing, admin.CancelMessage, admin.MessageName{ID: c.ID}); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "cancelled: it will not be sent")
	return nil
}
