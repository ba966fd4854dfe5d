package main

import (
	"fmt"
	"io"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

// keyName is a key of an account.
type keyName struct {
	accountName
	ID string `arg:"" optional:"" name:"id" help:"Id of the key; not needed when the account has only one in use."`
}

func (k keyName) key() admin.KeyName { return admin.KeyName{Account: k.Account, ID: k.ID} }

type keyRegenerate struct {
	keyName
	Overlap duration `placeholder:"DURATION" help:"How long the old value stays valid beside the new one, such as 24h; default 0."`
	output
}

func (keyRegenerate) Help() string {
	return `Prints the new value, once. Everything else about the key stays. Without --overlap the old value stops at once.

Examples:

    staffetta key regenerate acme
    staffetta key regenerate acme 3kTq0Zb81xYw --overlap 24h`
}

func (c keyRegenerate) Run(t *terminal) error {
	key, err := ask(t, existing, admin.RegenerateKey, admin.RegenerateRequest{KeyName: c.key(), Overlap: time.Duration(c.Overlap)})
	if err != nil {
		return err
	}
	return printKey(t, c.output, key)
}

type keyRevoke struct {
	keyName
	output
}

func (keyRevoke) Help() string {
	return `A revoked key is refused from now on, and cannot be brought back.

Example:

    staffetta key revoke acme 3kTq0Zb81xYw`
}

func (c keyRevoke) Run(t *terminal) error {
	key, err := ask(t, existing, admin.RevokeKey, c.key())
	if err != nil {
		return err
	}
	return c.print(t, key, func(w io.Writer) { fmt.Fprintf(w, "%s\t%s\n", key.ID, key.Status) })
}
