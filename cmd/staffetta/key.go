package main

import (
	"fmt"
	"io"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type keyCommands struct {
	Create     keyCreate     `cmd:"" help:"Make another key."`
	List       keyList       `cmd:"" help:"List the keys, without their values."`
	Regenerate keyRegenerate `cmd:"" help:"Give a key a new value."`
	Set        keySet        `cmd:"" help:"Change when a key ends, and from where it may be used."`
	Revoke     keyRevoke     `cmd:"" help:"End a key."`
}

type keyCreate struct {
	accountName
	Name        string          `help:"What the key is for, in a few words."`
	Description string          `help:"More about it."`
	Operations  []sms.Operation `placeholder:"OPERATION" help:"What it may do: SMS, RCS, WHATSAPP, PLATFORM; default all."`
	Expires     duration        `placeholder:"DURATION" help:"How long it is valid, such as 90d; default for ever."`
	Allow       []string        `placeholder:"CIDR" help:"Addresses from which it may be used, on top of the account's allow-list; default all."`
	output
}

func (keyCreate) Help() string {
	return `Prints the value of the key, once.

Example:

    staffetta key create acme --name "web shop" --operations SMS --expires 90d`
}

func (c keyCreate) Run(t *terminal) error {
	key, err := ask(t, existing, admin.CreateKey, admin.KeyRequest{Account: c.Account, Name: c.Name,
		Description: c.Description, Operations: c.Operations, Expires: time.Duration(c.Expires), Allow: c.Allow})
	if err != nil {
		return err
	}
	return printKey(t, c.output, key)
}

func printKey(t *terminal, o output, key admin.NewKey) error {
	return o.print(t, key, func(w io.Writer) {
		fmt.Fprintf(w, "API key\t%s\nid\t%s\n", key.APIKey, key.ID)
		if key.ExpiresAt != nil {
			fmt.Fprintf(w, "expires\t%s\n", key.ExpiresAt.Format(time.RFC3339))
		}
		if key.OldUntil != nil {
			fmt.Fprintf(w, "old value\tvalid until %s\n", key.OldUntil.Format(time.RFC3339))
		}
		fmt.Fprintln(w, "\nKeep the key: it is shown this once.")
	})
}

type keyList struct {
	accountName
	output
}

func (keyList) Help() string {
	return `Example:

    staffetta key list acme`
}

func (c keyList) Run(t *terminal) error {
	keys, err := ask(t, existing, admin.ListKeys, c.named())
	if err != nil {
		return err
	}
	return c.print(t, keys, func(w io.Writer) {
		fmt.Fprintln(w, "ID\tNAME\tSTATUS\tOPERATIONS\tCREATED\tEXPIRES\tLAST USED")
		for _, k := range keys {
			expires := "never"
			if k.ExpiresAt != nil {
				expires = k.ExpiresAt.Format(time.DateOnly)
			}
			used := "never"
			if k.LastUsedAt != nil {
				used = k.LastUsedAt.Format(time.RFC3339) + " from " + k.LastUsedFrom
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, k.Status, joined(k.Operations), k.CreatedAt.Format(time.DateOnly), expires, used)
		}
	})
}

func joined(operations []sms.Operation) (text string) {
	for i, operation := range operations {
		if i > 0 {
			text += ","
		}
		text += string(operation)
	}
	return text
}
