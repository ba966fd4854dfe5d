package store

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"
)

// KeyUse is when and from where an API key was used last.
type KeyUse struct {
	Key  string // its id
	At   time.Time
	From netip.Addr
}

// SaveKeyUses stores last uses; an older one than is stored changes nothing. Nobody's revision changes: last uses are
// read with the keys, not followed.
func (s *Store) SaveKeyUses(ctx context.Context, uses []KeyUse) error {
	uses = slices.Clone(uses) // in one order on all nodes, so that none waits for another
	slices.SortFunc(uses, func(a, b KeyUse) int { return cmp.Compare(a.Key, b.Key) })
	return s.wait(ctx, &keyUseMember{uses: uses})
}

type keyUseMember struct {
	answer
	uses []KeyUse
}

func (k *keyUseMember) apply(tx *Tx) error {
	for _, u := range k.uses {
		if _, err := tx.Exec(`INSERT INTO key_use (key_id, used_at, used_from) VALUES (?, ?, ?) ON CONFLICT (key_id)
			DO UPDATE SET used_at = excluded.used_at, used_from = excluded.used_from WHERE excluded.used_at > key_use.used_at`,
			u.Key, u.At.UnixMilli(), u.From.String()); err != nil {
			return err
		}
	}
	return nil
}
