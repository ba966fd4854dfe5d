package main

import (
	"errors"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type restoreCommand struct {
	File  string `arg:"" help:"What staffetta backup wrote."`
	Force bool   `help:"Replace the data that is in the folder."`
}

func (restoreCommand) Help() string {
	return `The data folder is made if it is not there. No server may run on it. Messages that were waiting when the backup was made
are sent when a server starts, also those that left after it was made.

Example:

    staffetta restore /backup/staffetta-2031-02-03.db --data /var/lib/staffetta`
}

func (c restoreCommand) Run(t *terminal) error {
	cfg, err := t.config(nil)
	if err != nil {
		return err
	}
	err = admin.Restore(t, cfg, c.File, c.Force)
	if refusal, ok := errors.AsType[*sms.Error](err); ok && refusal.Code == sms.Conflict {
		return errors.New(refusal.Message + ": --force replaces it")
	}
	if err == nil {
		t.say("Restored into %s.", cfg.Data)
	}
	return err
}
