package httpapi

import (
	"net/http"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
)

// by is the caller as settings and the audit log see them.
func (c *call) by() settings.By {
	return settings.By{Actor: c.caller.Credential, Operations: c.caller.Operations}
}

// keys answers GET /api/partner-gateway/v1/authentication: the keys of the account, never a value. The optional userId
// is a username: the account has no keys of another user.
func (d *Door) keys(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	keys, err := d.parts.Settings.Keys(c.r.Context(), c.caller.Account)
	if err != nil {
		return err
	}
	if user := query.Get("userId"); user != "" && user != c.caller.Account.Name && user != c.caller.Username {
		keys = nil
	}
	body := append(make([]byte, 0, 2+400*len(keys)), '[')
	for i := range keys {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendKey(body, c, &keys[i], "")
	}
	c.secretAnswer(http.StatusOK, append(body, ']'))
	return nil
}

// createKey answers POST on the same path; the value of the new key is in this answer only.
func (d *Door) createKey(c *call) error {
	var r settings.KeyRequest
	var change keyChange
	if err := decode(c, false, func(b *body, name []byte) error {
		if taken, err := change.member(b, name); taken {
			return err
		}
		switch string(name) {
		case "name":
			return b.stringInto(&r.Name, "name")
		case "description":
			return b.stringInto(&r.Description, "description")
		case "operations":
			return b.operationsInto(&r.Operations, "operations")
		}
		return b.skip(name)
	}); err != nil {
		return err
	}
	asked, err := change.parse(c)
	if err != nil {
		return err
	}
	if asked.Expires != nil {
		r.Expires = *asked.Expires
	}
	if asked.AllowList != nil {
		r.AllowList = *asked.AllowList
	}
	value, key, err := d.parts.Settings.CreateKey(c.r.Context(), c.by(), c.caller.Account, r)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusCreated, appendKey(nil, c, &key, value))
	return nil
}

// lookUpKey answers POST …/lookup: the key that has a value. (A value in a path would stand in every log.)
func (d *Door) lookUpKey(c *call) error {
	var value string
	if err := decode(c, false, func(b *body, name []byte) error {
		if string(name) == "apiKey" {
			return b.stringInto(&value, "apiKey")
		}
		return b.skip(name)
	}); err != nil {
		return err
	}
	if value == "" {
		return sms.InvalidField("apiKey", "is missing")
	}
	key, err := d.parts.Settings.KeyOf(c.r.Context(), c.caller.Account, value)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusOK, appendKey(nil, c, &key, ""))
	return nil
}

// revokeKey answers DELETE …/{id}: from now on the key is refused.
func (d *Door) revokeKey(c *call) error {
	if _, err := d.parts.Settings.RevokeKey(c.r.Context(), c.by(), c.caller.Account, c.r.PathValue("id")); err != nil {
		return err
	}
	c.WriteHeader(http.StatusNoContent)
	return nil
}

// regenerateKey answers POST …/{id}/regenerate: a new value for the same key. A body is not needed.
func (d *Door) regenerateKey(c *call) error {
	overlap, err := decodeOverlap(c, 0, settings.LongestOverlap)
	if err != nil {
		return err
	}
	value, key, err := d.parts.Settings.RegenerateKey(c.r.Context(), c.by(), c.caller.Account, c.r.PathValue("id"), overlap)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusOK, appendKey(nil, c, &key, value))
	return nil
}

// decodeOverlap reads the optional body {"overlapSeconds":3600}: how long what is replaced stays valid.
func decodeOverlap(c *call, usual, longest time.Duration) (time.Duration, error) {
	var seconds *int64
	err := decode(c, true, func(b *body, name []byte) error {
		if string(name) == "overlapSeconds" {
			return b.wholeInto(&seconds, "overlapSeconds")
		}
		return b.skip(name)
	})
	switch most := int64(longest / time.Second); {
	case err != nil || seconds == nil:
		return usual, err
	case *seconds < 0 || *seconds > most:
		return usual, sms.InvalidField("overlapSeconds", "must be 0 to %d", most)
	}
	return time.Duration(*seconds) * time.Second, nil
}

// secretAnswer sends JSON that nobody may keep.
func (c *call) secretAnswer(status int, body []byte) {
	c.set("Cache-Control", "no-store")
	c.answer(status, jsonType, body)
}

// decode reads the object of a body; an optional one may be absent.
func decode(c *call, optional bool, take func(b *body, name []byte) error) error {
	if optional && c.r.ContentLength == 0 {
		return nil
	}
	b, err := readBody(c)
	if err != nil {
		return err
	}
	defer b.release()
	return b.members(take)
}

// operationsInto reads an array of operations; whether they are known is judged later. An empty one is a fault: absent
// means all of them, and who wrote none meant something else.
func (b *body) operationsInto(target *[]sms.Operation, field string) error {
	isArray := b.decoder.PeekKind() == '['
	err := b.arrayInto(field, func(field string) error {
		var text string
		err := b.stringInto(&text, field)
		*target = append(*target, sms.Operation(text))
		return err
	})
	if isArray && len(*target) == 0 {
		b.fault(field, "must name at least one; without this member the key grants all that the caller may")
	}
	return err
}

// appendKey writes the object of the contract, section 9; with a value when it was made just now. There is one kind of
// traffic, so trafficType is null.
func appendKey(dst []byte, c *call, k *sms.Key, value string) []byte {
	dst = appendText(append(dst, `{"id":`...), k.ID)
	dst = appendText(append(dst, `,"name":`...), k.Name)
	dst = appendText(append(dst, `,"description":`...), k.Description)
	dst = appendText(append(dst, `,"username":`...), c.caller.Account.Name)
	dst = append(dst, `,"operations":[`...)
	for i, operation := range k.Operations {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, string(operation))
	}
	dst = appendText(append(dst, `],"trafficType":null,"prefix":`...), auth.ShownKey(k.ID))
	dst = appendTime(append(dst, `,"createdAt":`...), present(k.Created))
	dst = appendTime(append(dst, `,"lastUsedAt":`...), present(k.LastUsed))
	dst = appendTime(append(dst, `,"expiresAt":`...), present(k.Expires))
	dst = appendText(append(dst, `,"status":`...), settings.KeyStatus(k, time.Now()))
	dst = appendAllowList(append(dst, `,"allowList":`...), k.AllowList)
	if value != "" {
		dst = appendText(append(dst, `,"apiKey":`...), value)
	}
	return append(dst, '}')
}

// present is a moment as an answer has it; nil: not yet, or never.
func present(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
