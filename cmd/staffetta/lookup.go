package main

import (
	"fmt"
	"io"
	"os"

	"github.com/staffetta/staffetta/internal/admin"
)

type lookupCommands struct {
	Import lookupImport `cmd:"" help:"Read portability data from CSV."`
}

type lookupImport struct {
	File string `arg:"" help:"CSV with the columns number,mcc,mnc,numbertype,ported,operator,country; - is standard input."`
	output
}

func (lookupImport) Help() string {
	return `GET /services/mnp/number-lookup answers from these data, and asks the provider of the configuration ([lookup] url) for numbers
that are not among them. What is known of a number is replaced; an empty cell is told as unknown, never guessed.

Example:

    staffetta lookup import ported.csv`
}

func (c lookupImport) Run(t *terminal) error {
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
	if err := withConnection(t, func(connection admin.Connection) error {
		return eachPart(in, func(before int64, text string) error {
			part, err := admin.ImportPortability.Do(t, connection, admin.CSVPart{Text: text})
			all.Added, all.Failed = all.Added+part.Added, all.Failed+part.Failed
			for _, wrong := range part.Errors {
				all.Errors = append(all.Errors, admin.CSVLine{Line: before + wrong.Line, Message: wrong.Message})
			}
			return err
		})
	}); err != nil {
		return err
	}
	if err := c.print(t, all, func(w io.Writer) { fmt.Fprintf(w, "read\t%d\nfailed\t%d\n", all.Added, all.Failed) }); err != nil {
		return err
	}
	return failedLines(t, all)
}
