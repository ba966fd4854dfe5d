package settings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

const (
	longestName        = 64
	longestDescription = 255

	// LongestOverlap is how long the old value of a regenerated key can stay valid.
	LongestOverlap = 366 * 24 * time.Hour
)

// KeyRequest asks for a new key.
type KeyRequest struct {
	Name        string          // empty: one is made up
	Description string          // at most 255 characters
	Operations  []sms.Operation // none: all that the caller has
	Lifetime    time.Duration   // from now; zero: until Expires
	Expires     time.Time       // zero: for ever
	AllowList   sms.AllowList   // its own, on top of the account's
}

// CreateKey makes a key of an account. value is shown once and kept nowhere. Errors: sms.Invalid names the field;
// sms.Forbidden when the caller does not have an operation that the key would grant.
func (s *Service) CreateKey(ctx context.Context, by By, account *sms.Account, r KeyRequest) (value string, key sms.Key, err error) {
	if err := complete(&r, by); err != nil {
		return "", sms.Key{}, err
	}
	value, key = auth.NewKey(s.secret)
	key.Account, key.Name, key.Description, key.Operations = account.ID, r.Name, r.Description, r.Operations
	key.Expires, key.AllowList = r.Expires.UTC().Truncate(time.Second), r.AllowList
	if r.Lifetime > 0 {
		key.Expires = time.Now().UTC().Add(r.Lifetime).Truncate(time.Second)
	}
	deed := by.deed("key create", account, fmt.Sprintf("key %s for %v", key.ID, key.Operations))
	if err := s.settled(ctx, s.store.CreateKey(ctx, deed, &key)); err != nil {
		return "", sms.Key{}, err
	}
	return value, key, nil
}

func complete(r *KeyRequest, by By) error {
	if r.Name == "" {
		r.Name = "key of " + time.Now().UTC().Format(time.DateOnly)
	}
	if err := checkText("name", r.Name, longestName); err != nil {
		return err
	}
	if err := checkText("description", r.Description, longestDescription); err != nil {
		return err
	}
	if r.Lifetime < 0 {
		return sms.InvalidField("expires", "must not be in the past")
	}
	if err := checkExpiry(r.Expires); err != nil {
		return err
	}
	if len(r.Operations) == 0 {
		if r.Operations = by.Operations; by.Operations == nil {
			r.Operations = sms.Operations
		}
	}
	for _, operation := range r.Operations {
		if !slices.Contains(sms.Operations, operation) {
			return sms.InvalidField("operations", "%q must be one of %v", operation, sms.Operations)
		}
	}
	r.Operations = inOrder(r.Operations)
	if !by.grants(r.Operations) {
		return sms.Errorf(sms.Forbidden, "a key can grant only operations that the caller has: %v", by.Operations)
	}
	return nil
}

// inOrder is operations without repetitions, as they are always shown.
func inOrder(operations []sms.Operation) []sms.Operation {
	return slices.DeleteFunc(slices.Clone(sms.Operations), func(o sms.Operation) bool { return !slices.Contains(operations, o) })
}

func checkText(field, text string, longest int) error {
	if utf8.RuneCountInString(text) > longest || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return sms.InvalidField(field, "must be at most %d characters, without control characters", longest)
	}
	return nil
}

// Keys are those of an account, the oldest first, revoked and expired ones too.
func (s *Service) Keys(ctx context.Context, account *sms.Account) ([]sms.Key, error) {
	keys, err := s.store.Keys(ctx, account.ID)
	for i := range keys {
		s.addLastUse(&keys[i])
	}
	return keys, err
}

func (s *Service) addLastUse(k *sms.Key) {
	if s.uses == nil {
		return
	}
	if use, ok := s.uses.Last(k.ID); ok && use.At.After(k.LastUsed) {
		k.LastUsed, k.LastFrom = use.At.UTC().Truncate(time.Millisecond), use.From.String()
	}
}

// Key finds a key of an account by its id; sms.NotFound when the account has none.
func (s *Service) Key(ctx context.Context, account *sms.Account, id string) (sms.Key, error) {
	keys, err := s.Keys(ctx, account)
	if err != nil {
		return sms.Key{}, err
	}
	at := slices.IndexFunc(keys, func(k sms.Key) bool { return k.ID == id })
	if at < 0 {
		return sms.Key{}, errKeyUnknown
	}
	return keys[at], nil
}

// KeyOf finds the key of an account that has, or within an overlap had, a value; sms.NotFound when none has.
func (s *Service) KeyOf(ctx context.Context, account *sms.Account, value string) (sms.Key, error) {
	id, ok := auth.ParseKey(value)
	if !ok {
		return sms.Key{}, errKeyUnknown
	}
	key, err := s.Key(ctx, account, id)
	if err == nil && !auth.HasValue(s.secret, key, value, time.Now()) {
		return sms.Key{}, errKeyUnknown
	}
	return key, err
}

var errKeyUnknown = sms.Errorf(sms.NotFound, "this account has no such key")

// KeyStatus is ACTIVE, EXPIRED or REVOKED.
func KeyStatus(k *sms.Key, now time.Time) string {
	switch {
	case !k.Revoked.IsZero():
		return "REVOKED"
	case !k.Expires.IsZero() && !now.Before(k.Expires):
		return "EXPIRED"
	}
	return "ACTIVE"
}

// RegenerateKey makes a new value for a key; the old one stays valid for the overlap, 0 to LongestOverlap. Errors:
// sms.NotFound; sms.Conflict when the key is revoked or expired; sms.Forbidden when it grants what the caller does not have.
func (s *Service) RegenerateKey(ctx context.Context, by By, account *sms.Account, id string, overlap time.Duration) (value string, key sms.Key, err error) {
	if overlap < 0 || overlap > LongestOverlap {
		return "", sms.Key{}, sms.InvalidField("overlap", "must be 0 to %s", LongestOverlap)
	}
	var until time.Time
	if overlap > 0 {
		until = time.Now().UTC().Add(overlap).Truncate(time.Second)
	}
	deed := by.deed("key regenerate", account, fmt.Sprintf("key %s, overlap %s", id, overlap))
	err = s.store.ChangeKey(ctx, deed, sms.Key{ID: id, Account: account.ID}, func(k *sms.Key) error {
		if KeyStatus(k, time.Now()) != "ACTIVE" {
			return sms.Errorf(sms.Conflict, "the key %s is not in use any more", k.ID)
		}
		if !by.grants(k.Operations) {
			return sms.Errorf(sms.Forbidden, "the key %s grants operations that the caller does not have", k.ID)
		}
		value, *k = auth.RegenerateKey(s.secret, *k, until)
		key = *k
		return nil
	})
	if err := s.settled(ctx, err); err != nil {
		return "", sms.Key{}, err
	}
	return value, key, nil
}

// RevokeKey ends a key at once, the value of an overlap too; again is no error. sms.NotFound when the account has none.
func (s *Service) RevokeKey(ctx context.Context, by By, account *sms.Account, id string) (key sms.Key, err error) {
	err = s.store.ChangeKey(ctx, by.deed("key revoke", account, "key "+id), sms.Key{ID: id, Account: account.ID}, func(k *sms.Key) error {
		if k.Revoked.IsZero() {
			k.Revoked = time.Now().UTC().Truncate(time.Millisecond)
		}
		k.OldHash, k.OldUntil = nil, time.Time{}
		key = *k
		return nil
	})
	return key, s.settled(ctx, err)
}
