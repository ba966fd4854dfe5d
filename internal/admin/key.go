package admin

import (
	"slices"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
)

// KeyRequest asks for a new key of an account.
type KeyRequest struct {
	Account     string          `json:"account"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Operations  []sms.Operation `json:"operations"` // none: all
	Expires     time.Duration   `json:"expires"`    // from now; zero: never
	Allow       []string        `json:"allow"`      // the addresses from which it may be used; none: all
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
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	Description  string          `json:"description,omitempty"`
	Prefix       string          `json:"prefix"` // the part of the value that may be shown
	Operations   []sms.Operation `json:"operations"`
	Status       string          `json:"status"` // ACTIVE, EXPIRED or REVOKED
	CreatedAt    time.Time       `json:"createdAt"`
	ExpiresAt    *time.Time      `json:"expiresAt,omitempty"`
	OldUntil     *time.Time      `json:"oldValueUntil,omitempty"` // the value before is valid until then
	LastUsedAt   *time.Time      `json:"lastUsedAt,omitempty"`    // stored every half minute
	LastUsedFrom string          `json:"lastUsedFrom,omitempty"`
	AllowList    AllowList       `json:"allowList"`
}

// NewKey is a key with its new value, which is shown this once.
type NewKey struct {
	APIKey string `json:"apiKey"`
	Key
}

func (s *Service) createKey(c call, in KeyRequest) (NewKey, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return NewKey{}, err
	}
	list, err := allowOnly(in.Allow)
	if err != nil {
		return NewKey{}, err
	}
	value, key, err := s.settings.CreateKey(c, c.by(), account, settings.KeyRequest{
		Name: in.Name, Description: in.Description, Operations: in.Operations, Lifetime: in.Expires, AllowList: list})
	if err != nil {
		return NewKey{}, err
	}
	return NewKey{value, shownKey(&key, time.Now())}, nil
}

func (s *Service) listKeys(c call, in Named) ([]Key, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return nil, err
	}
	stored, err := s.settings.Keys(c, account)
	keys := make([]Key, len(stored))
	for i := range stored {
		keys[i] = shownKey(&stored[i], time.Now())
	}
	return keys, err
}

func shownKey(k *sms.Key, now time.Time) Key {
	return Key{ID: k.ID, Name: k.Name, Description: k.Description, Prefix: auth.ShownKey(k.ID), Operations: k.Operations,
		Status: settings.KeyStatus(k, now), CreatedAt: k.Created, ExpiresAt: optional(k.Expires), OldUntil: optional(k.OldUntil),
		LastUsedAt: optional(k.LastUsed), LastUsedFrom: k.LastFrom, AllowList: shownAllowList(k.AllowList)}
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Service) regenerateKey(c call, in RegenerateRequest) (NewKey, error) {
	account, id, err := s.keyNamed(c, in.KeyName)
	if err != nil {
		return NewKey{}, err
	}
	value, key, err := s.settings.RegenerateKey(c, c.by(), account, id, in.Overlap)
	if err != nil {
		return NewKey{}, err
	}
	return NewKey{value, shownKey(&key, time.Now())}, nil
}

// KeyChange changes a key.
type KeyChange struct {
	KeyName
	Expires *time.Duration `json:"expires"` // from now; zero: never; nil: as it is
	Allow   *[]string      `json:"allow"`   // the addresses from which it may be used; none: all; nil: as it is
}

func (s *Service) changeKey(c call, in KeyChange) (Key, error) {
	account, id, err := s.keyNamed(c, in.KeyName)
	if err != nil {
		return Key{}, err
	}
	change := settings.KeyChange{Force: true}
	if in.Expires != nil {
		change.Expires = new(time.Time)
		if *in.Expires > 0 {
			*change.Expires = time.Now().Add(*in.Expires)
		}
	}
	if in.Allow != nil {
		list, err := allowOnly(*in.Allow)
		if err != nil {
			return Key{}, err
		}
		change.AllowList = &list
	}
	key, err := s.settings.ChangeKey(c, c.by(), account, id, change)
	if err != nil {
		return Key{}, err
	}
	return shownKey(&key, time.Now()), nil
}

// allowOnly is a list of addresses that is on when there are any.
func allowOnly(cidrs []string) (sms.AllowList, error) {
	var entries []settings.Entry
	for _, cidr := range cidrs {
		if _, err := auth.ParseAllowEntry(cidr); err != nil {
			return sms.AllowList{}, sms.InvalidField("allow", "%q %s", cidr, err)
		}
		entries = append(entries, settings.Entry{CIDR: cidr})
	}
	return settings.ParseAllowList(len(entries) > 0, entries)
}

func (s *Service) revokeKey(c call, in KeyName) (Key, error) {
	account, id, err := s.keyNamed(c, in)
	if err != nil {
		return Key{}, err
	}
	key, err := s.settings.RevokeKey(c, c.by(), account, id)
	if err != nil {
		return Key{}, err
	}
	return shownKey(&key, time.Now()), nil
}

// keyNamed finds a key of an account: by its id, or the prefix of its value; without either, the only one in use.
func (s *Service) keyNamed(c call, name KeyName) (account *sms.Account, id string, err error) {
	if account, err = s.account(name.Account); err != nil {
		return nil, "", err
	}
	keys, err := s.settings.Keys(c, account)
	if err != nil {
		return nil, "", err
	}
	if id := strings.TrimPrefix(name.ID, auth.ShownKey("")); id != "" {
		for _, key := range keys {
			if key.ID == id {
				return account, id, nil
			}
		}
		return nil, "", sms.Errorf(sms.NotFound, "account %q has no key with this id; `staffetta key list %[1]s` shows all", name.Account)
	}
	keys = slices.DeleteFunc(keys, func(k sms.Key) bool { return settings.KeyStatus(&k, time.Now()) != "ACTIVE" })
	switch len(keys) {
	case 0:
		return nil, "", sms.Errorf(sms.NotFound, "account %q has no key in use; `staffetta key create %[1]s` makes one", name.Account)
	case 1:
		return account, keys[0].ID, nil
	}
	return nil, "", sms.InvalidField("id", "is needed: account %q has %d keys in use; `staffetta key list %[1]s` shows them", name.Account, len(keys))
}
