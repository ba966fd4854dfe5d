package settings

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// KeyChange is what shall be different about a key; nil: that stays.
type KeyChange struct {
	Expires   *time.Time // zero: never
	AllowList *sms.AllowList

	From  netip.Addr // the address of who asks
	Force bool       // the list may shut out its own sender
}

func checkExpiry(at time.Time) error {
	if !at.IsZero() && !at.After(time.Now()) {
		return sms.InvalidField("expiresAt", "must not be in the past; a key is ended by revoking it")
	}
	if at.Year() > 9999 {
		return sms.InvalidField("expiresAt", "must be before the year 10000")
	}
	return nil
}

// ChangeKey changes a key in force. Errors: sms.Invalid; sms.NotFound; sms.Conflict when the key is revoked, or when its
// list would shut out its own sender; sms.Forbidden when it grants what the caller does not have.
func (s *Service) ChangeKey(ctx context.Context, by By, account *sms.Account, id string, change KeyChange) (key sms.Key, err error) {
	if change.Expires != nil {
		if err := checkExpiry(*change.Expires); err != nil {
			return sms.Key{}, err
		}
	}
	if own := by.Actor == auth.ShownKey(id); own && change.AllowList != nil && !change.Force && !auth.Permits(*change.AllowList, change.From) {
		return sms.Key{}, sms.Errorf(sms.Conflict, `the list would shut out your own address %s: add it, or say "force": true`, change.From)
	}
	err = s.store.ChangeKey(ctx, by.deed("key change", account, change.describe(id)), sms.Key{ID: id, Account: account.ID}, func(k *sms.Key) error {
		if !k.Revoked.IsZero() {
			return sms.Errorf(sms.Conflict, "the key %s is revoked", k.ID)
		}
		if !by.grants(k.Operations) {
			return sms.Errorf(sms.Forbidden, "the key %s grants operations that the caller does not have", k.ID)
		}
		if change.Expires != nil {
			k.Expires = change.Expires.UTC().Truncate(time.Second)
		}
		if change.AllowList != nil {
			k.AllowList = *change.AllowList
		}
		key = *k
		return nil
	})
	return key, s.settled(ctx, err)
}

func (c KeyChange) describe(id string) string {
	text := "key " + id
	if c.Expires != nil {
		text += ", expires never"
		if !c.Expires.IsZero() {
			text = fmt.Sprintf("key %s, expires %s", id, c.Expires.Format(time.RFC3339))
		}
	}
	if c.AllowList != nil {
		text += ", allow-list " + describe(*c.AllowList)
	}
	return text
}
