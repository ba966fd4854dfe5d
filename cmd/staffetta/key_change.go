package main

import (
	"fmt"
	"io"
	"strings"
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

type keySet struct {
	keyName
	Expires  *duration `placeholder:"DURATION" help:"From now on, such as 90d; 0 for ever."`
	Allow    []string  `placeholder:"CIDR" help:"Addresses from which it may be used, in place of those before."`
	AllowAll bool      `help:"It may be used from every address of the account's allow-list."`
	output
}

func (keySet) Help() string {
	return `Examples:

    staffetta key set acme 3kTq0Zb81xYw --allow 203.0.113.0/24,2001:db8::/48
    staffetta key set acme 3kTq0Zb81xYw --expires 90d --allow-all`
}

func (c keySet) Run(t *terminal) error {
	change := admin.KeyChange{KeyName: c.key()}
	if c.Expires != nil {
		length := time.Duration(*c.Expires)
		change.Expires = &length
	}
	if len(c.Allow) > 0 || c.AllowAll {
		list := append([]string{}, c.Allow...) // never nil: that would be no change
		change.Allow = &list
	}
	key, err := ask(t, existing, admin.ChangeKey, change)
	if err != nil {
		return err
	}
	return c.print(t, key, func(w io.Writer) {
		expires := "never"
		if key.ExpiresAt != nil {
			expires = key.ExpiresAt.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "id\t%s\nexpires\t%s\nallow-list\t%s\n", key.ID, expires, ranges(key.AllowList))
	})
}

// ranges are the addresses of a list; all when it is off.
func ranges(list admin.AllowList) string {
	if !list.Enabled {
		return "all"
	}
	var text []string
	for _, e := range list.Entries {
		text = append(text, e.CIDR)
	}
	return strings.Join(text, ",")
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
