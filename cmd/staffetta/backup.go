package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/staffetta/staffetta/internal/admin"
)

type backupCommand struct {
	File string `arg:"" help:"New file; one that is there is not overwritten."`
	output
}

func (backupCommand) Help() string {
	return `The file holds everything as of one moment, and the server's secret: keep it like a password. It alone, given to
staffetta restore, makes a server on which all keys, passwords and message ids are valid. A secret that you keep
elsewhere (--secret-file, $STAFFETTA_SECRET) is not in it. The file is complete when its name appears, with mode 0600.
PostgreSQL has tools of its own for this: pg_dump and pg_restore, or pg_basebackup.

Example:

    staffetta backup /backup/staffetta-2031-02-03.db`
}

func (c backupCommand) Run(t *terminal) error {
	file, err := filepath.Abs(c.File)
	if err != nil {
		return err
	}
	done, err := ask(t, existing, admin.Backup, admin.BackupRequest{File: file})
	if err != nil {
		return err
	}
	if !done.WithSecret {
		t.say("The server's secret is kept elsewhere and is not in the backup: keep it too.")
	}
	return c.print(t, done, func(w io.Writer) { fmt.Fprintf(w, "%s, %d bytes\n", done.File, done.Bytes) })
}
