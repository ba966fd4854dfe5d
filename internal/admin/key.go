package admin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// KeyRequest asks for a new key of an account.
type KeyRequest struct {
	Account     string          `json:"account"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Operations  []sms.Operation `json:"operations"` // none: all
	Expires     time.Duration   `json:"expires"`    // from now; zero: never
}

// KeyName names a key of an account. Without an ID it is the account's only key that is in use.
type KeyName struct {
	Account string `json:"account"`
	ID      string `json:"id"`
}

// RegenerateRequest asks for a new value of a key; the old one stays valid for the overlap.
type RegenerateRequest struct {
	KeyName
	Overlap time.Duration `json:"overlap"`
}

// Key is what is known of a key.
type Key struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Prefix      string          `json:"prefix"` // the part of the value that may be shown
	Operations  []sms.Operation `json:"operations"`
	Status      string          `json:"status"` // ACTIVE, EXPIRED or REVOKED
	CreatedAt   time.Time       `json:"createdAt"`
	ExpiresAt   *time.Time      `json:"expiresAt,omitempty"`
	OldUntil    *time.Time      `json:"oldValueUntil,omitempty"` // the value before is valid until then
}

// NewKey is a key with its new value, which is shown this once.
type NewKey struct {
	APIKey string `json:"apiKey"`
	Key
}

const longestOverlap = 366 * 24 * time.Hour

func (s *Service) createKey(c call, in KeyRequest) (NewKey, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return NewKey{}, err
	}
	value, key := auth.NewKey(s.Secret)
	key.Account, key.Name, key.Description, key.Operations = account.ID, in.Name, in.Description, in.Operations
	if err := completeKey(&key, in.Expires); err != nil {
		return NewKey{}, err
	}
	deed := c.deed("key create", in.Account, fmt.Sprintf("key %s for %v", key.ID, key.Operations))
	if err := s.settled(c, s.Store.CreateKey(c, deed, &key)); err != nil {
		return NewKey{}, err
	}
	return NewKey{value, shownKey(&key, time.Now())}, nil
}

func completeKey(key *sms.Key, lifetime time.Duration) error {
	if key.Name == "" {
		key.Name = "key of " + time.Now().UTC().Format(time.DateOnly)
	}
	if err := checkName(key.Name); err != nil {
		return err
	}
	if len(key.Operations) == 0 {
		key.Operations = sms.Operations
	}
	for _, operation := range key.Operations {
		if !slices.Contains(sms.Operations, operation) {
			return sms.InvalidField("operations", "%q must be one of %v", operation, sms.Operations)
		}
	}
	if lifetime < 0 {
		return sms.InvalidField("expires", "must not be in the past")
	}
	if lifetime > 0 {
		key.Expires = time.Now().UTC().Add(lifetime).Truncate(time.Second)
	}
	return nil
}

func (s *Service) listKeys(c call, in Named) ([]Key, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return nil, err
	}
	stored, err := s.Store.Keys(c, account.ID)
	keys := make([]Key, len(stored))
	for i := range stored {
		keys[i] = shownKey(&stored[i], time.Now())
	}
	return keys, err
}

func shownKey(k *sms.Key, now time.Time) Key {
	return Key{ID: k.ID, Name: k.Name, Description: k.Description, Prefix: auth.ShownKey(k.ID), Operations: k.Operations,
		Status: keyStatus(k, now), CreatedAt: k.Created, ExpiresAt: optional(k.Expires), OldUntil: optional(k.OldUntil)}
}

func keyStatus(k *sms.Key, now time.Time) string {
	switch {
	case !k.Revoked.IsZero():
		return "REVOKED"
	case !k.Expires.IsZero() && !now.Before(k.Expires):
		return "EXPIRED"
	}
	return "ACTIVE"
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Service) regenerateKey(c call, in RegenerateRequest) (NewKey, error) {
	key, err := s.keyNamed(c, in.KeyName)
	if err != nil {
		return NewKey{}, err
	}
	if in.Overlap < 0 || in.Overlap > longestOverlap {
		return NewKey{}, sms.InvalidField("overlap", "must be 0 to %s", longestOverlap)
	}
	var until time.Time
	if in.Overlap > 0 {
		until = time.Now().UTC().Add(in.Overlap).Truncate(time.Second)
	}
	var value string
	deed := c.deed("key regenerate", in.Account, fmt.Sprintf("key %s, overlap %s", key.ID, in.Overlap))
	err = s.Store.ChangeKey(c, deed, key, func(k *sms.Key) error {
		if keyStatus(k, time.Now()) != "ACTIVE" {
			return sms.Errorf(sms.Conflict, "the key %s is not in use any more", k.ID)
		}
		value, *k = auth.RegenerateKey(s.Secret, *k, until)
		key = *k
		return nil
	})
	if err := s.settled(c, err); err != nil {
		return NewKey{}, err
	}
	return NewKey{value, shownKey(&key, time.Now())}, nil
}

func (s *Service) revokeKey(c call, in KeyName) (Key, error) {
	key, err := s.keyNamed(c, in)
	if err != nil {
		return Key{}, err
	}
	err = s.Store.ChangeKey(c, c.deed("key revoke", in.Account, "key "+key.ID), key, func(k *sms.Key) error {
		if k.Revoked.IsZero() {
			k.Revoked = time.Now().UTC().Truncate(time.Millisecond)
		}
		k.OldHash, k.OldUntil = nil, time.Time{}
		key = *k
		return nil
	})
	if err := s.settled(c, err); err != nil {
		return Key{}, err
	}
	return shownKey(&key, time.Now()), nil
}

// keyNamed finds a key of an account: by its id, or the prefix of its value; without either, the only one in use.
func (s *Service) keyNamed(c call, name KeyName) (sms.Key, error) {
	account, err := s.account(name.Account)
	if err != nil {
		return sms.Key{}, err
	}
	keys, err := s.Store.Keys(c, account.ID)
	if err != nil {
		return sms.Key{}, err
	}
	if id := strings.TrimPrefix(name.ID, auth.ShownKey("")); id != "" {
		for _, key := range keys {
			if key.ID == id {
				return key, nil
			}
		}
		return sms.Key{}, sms.Errorf(sms.NotFound, "account %q has no key with this id; `staffetta key list %[1]s` shows all", name.Account)
	}
	keys = slices.DeleteFunc(keys, func(k sms.Key) bool { return keyStatus(&k, time.Now()) != "ACTIVE" })
	switch len(keys) {
	case 0:
		return sms.Key{}, sms.Errorf(sms.NotFound, "account %q has no key in use; `staffetta key create %[1]s` makes one", name.Account)
	case 1:
		return keys[0], nil
	}
	return sms.Key{}, sms.InvalidField("id", "is needed: account %q has %d keys in use; `staffetta key list %[1]s` shows them", name.Account, len(keys))
}
