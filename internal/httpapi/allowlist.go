package httpapi

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
)

// allowList answers GET /api/partner-gateway/v1/settings/ip-allow-list.
func (d *Door) allowList(c *call) error {
	c.secretAnswer(http.StatusOK, appendAllowList(nil, c.caller.Account.AllowList))
	return nil
}

// replaceAllowList answers PUT on the same path. A list that would shut out its own sender needs "force": true.
func (d *Door) replaceAllowList(c *call) error {
	list, force, err := decodeAllowList(c)
	if err != nil {
		return err
	}
	list, err = d.parts.Settings.ReplaceAllowList(c.r.Context(), c.by(), c.caller.Account, list, c.caller.Address, force)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusOK, appendAllowList(nil, list))
	return nil
}

func decodeAllowList(c *call) (list sms.AllowList, force bool, err error) {
	var enabled *bool
	var entries []settings.Entry
	listed := false
	err = decode(c, false, func(b *body, name []byte) error {
		switch string(name) {
		case "enabled":
			return b.optionalBoolInto(&enabled, "enabled")
		case "force":
			return b.boolInto(&force, "force")
		case "entries":
			listed = true
			return b.arrayInto("entries", func(field string) error {
				entries = append(entries, settings.Entry{})
				return b.entryInto(&entries[len(entries)-1], field)
			})
		}
		return b.skip(name)
	})
	switch {
	case err != nil:
		return list, force, err
	case enabled == nil:
		return list, force, sms.InvalidField("enabled", "is missing: true lets only these addresses in, false lets all in")
	case !listed:
		return list, force, sms.InvalidField("entries", "is missing: an empty array is a list of nobody")
	}
	list, err = settings.ParseAllowList(*enabled, entries)
	return list, force, err
}

// entryInto reads {"cidr":"203.0.113.0/24","note":"office"}.
func (b *body) entryInto(entry *settings.Entry, field string) error {
	return b.objectInto(field, func(b *body, name []byte) error {
		switch string(name) {
		case "cidr":
			return b.stringInto(&entry.CIDR, field+".cidr")
		case "note":
			return b.stringInto(&entry.Note, field+".note")
		}
		return b.skip(name)
	})
}

func appendAllowList(dst []byte, list sms.AllowList) []byte {
	dst = strconv.AppendBool(append(dst, `{"enabled":`...), list.Enabled)
	dst = append(dst, `,"entries":[`...)
	for i, e := range list.Entries {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, `{"cidr":`...), e.Prefix.String())
		dst = append(appendText(append(dst, `,"note":`...), e.Note), '}')
	}
	return append(dst, ']', '}')
}

// arrayInto reads an array; item consumes each element, whose field is named like entries[0].
func (b *body) arrayInto(field string, item func(field string) error) error {
	if b.decoder.PeekKind() != '[' {
		return b.notA("an array", field)
	}
	if _, err := b.decoder.ReadToken(); err != nil {
		return err
	}
	for i := 0; b.decoder.PeekKind() != ']'; i++ {
		if err := item(fmt.Sprintf("%s[%d]", field, i)); err != nil {
			return err
		}
	}
	_, err := b.decoder.ReadToken()
	return err
}

// objectInto reads an object inside of the body.
func (b *body) objectInto(field string, take func(b *body, name []byte) error) error {
	if b.decoder.PeekKind() != '{' {
		return b.notA("an object", field)
	}
	return b.object(take)
}

// notA consumes a value of a wrong kind; null is an absent one.
func (b *body) notA(kind, field string) error {
	value, err := b.decoder.ReadValue()
	if err == nil && value.Kind() != 'n' {
		b.fault(field, "must be "+kind+", not "+kindName(value))
	}
	return err
}
