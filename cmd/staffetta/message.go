package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
)

type messageCommands struct {
	Show messageShow `cmd:"" help:"Show the whole life of a message, line by line."`
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
