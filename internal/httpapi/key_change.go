package httpapi

import (
	"net/http"
	"time"

	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
)

// keyChange is the members of a key that can be changed, as they stand in a body.
type keyChange struct {
	expires        string
	expiresGiven   bool
	enabled        *bool
	entries        []settings.Entry
	allowListGiven bool
	force          bool
}

// member reads a member; false when it is another one. null is a value here: never, or no list.
func (k *keyChange) member(b *body, name []byte) (taken bool, err error) {
	switch string(name) {
	case "expiresAt":
		k.expiresGiven = true
		return true, b.stringInto(&k.expires, "expiresAt")
	case "allowList":
		k.allowListGiven = true
		return true, b.objectInto("allowList", func(b *body, name []byte) error {
			switch string(name) {
			case "enabled":
				return b.optionalBoolInto(&k.enabled, "allowList.enabled")
			case "entries":
				return b.arrayInto("allowList.entries", func(field string) error {
					k.entries = append(k.entries, settings.Entry{})
					return b.entryInto(&k.entries[len(k.entries)-1], field)
				})
			}
			return b.skip(name)
		})
	case "force":
		return true, b.boolInto(&k.force, "force")
	}
	return false, nil
}

// parse judges what was read.
func (k *keyChange) parse(c *call) (change settings.KeyChange, err error) {
	change = settings.KeyChange{From: c.caller.Address, Force: k.force}
	if k.expiresGiven {
		at := time.Time{}
		if k.expires != "" {
			if at, err = time.Parse(time.RFC3339, k.expires); err != nil {
				return change, sms.InvalidField("expiresAt", "must be a moment of RFC 3339, such as 2031-02-03T07:45:00Z, or null for never")
			}
		}
		change.Expires = &at
	}
	if k.allowListGiven {
		enabled := len(k.entries) > 0
		if k.enabled != nil {
			enabled = *k.enabled
		}
		list, err := settings.ParseAllowList(enabled, k.entries)
		if err != nil {
			return change, err
		}
		change.AllowList = &list
	}
	return change, nil
}

// changeKey answers PATCH …/{id}: when a key ends, and from where it may be used.
func (d *Door) changeKey(c *call) error {
	var members keyChange
	if err := decode(c, false, func(b *body, name []byte) error {
		if taken, err := members.member(b, name); taken {
			return err
		}
		return b.skip(name)
	}); err != nil {
		return err
	}
	change, err := members.parse(c)
	if err != nil {
		return err
	}
	key, err := d.parts.Settings.ChangeKey(c.r.Context(), c.by(), c.caller.Account, c.r.PathValue("id"), change)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusOK, appendKey(nil, c, &key, ""))
	return nil
}
