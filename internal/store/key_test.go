package store_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestKeyComesBackAsItWasStored(t *testing.T) {
	s, _ := running(t, t.TempDir())
	account := create(t, s, "acme", 0).ID
	at := time.Date(2031, 2, 3, 4, 5, 6, 7e6, time.UTC)
	key := sms.Key{ID: "second", Account: account, Name: "n", Description: "d", Operations: []sms.Operation{sms.OpSMS},
		Hash: []byte{1, 0, 255}, OldHash: []byte{2}, OldUntil: at, Expires: at.Add(time.Hour),
		AllowList: sms.AllowList{Enabled: true, Entries: []sms.AllowEntry{{Prefix: netip.MustParsePrefix("10.0.0.0/8")}}}}
	if err := s.CreateKey(t.Context(), deed("key create"), &key); err != nil {
		t.Fatal(err)
	}
	keys, err := s.Keys(t.Context(), account)
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys, error %v", len(keys), err)
	}
	if diff := cmp.Diff(key, keys[1], sameTimes); diff != "" {
		t.Error(diff)
	}
}

func TestChangeKey(t *testing.T) {
	s, _ := running(t, t.TempDir())
	account, other := create(t, s, "acme", 0).ID, create(t, s, "other", 0).ID
	revoked := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	err := s.ChangeKey(t.Context(), deed("key revoke"), sms.Key{Account: account, ID: "key-acme"}, func(k *sms.Key) error {
		k.Revoked, k.Hash, k.Name = revoked, []byte("new"), "renamed"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := s.Keys(t.Context(), account)
	if err != nil || !keys[0].Revoked.Equal(revoked) || string(keys[0].Hash) != "new" || keys[0].Name != "renamed" {
		t.Errorf("%+v, error %v", keys, err)
	}
	err = s.ChangeKey(t.Context(), deed("key revoke"), sms.Key{Account: other, ID: "key-acme"}, func(*sms.Key) error { return nil })
	if sms.CodeOf(err) != sms.NotFound {
		t.Errorf("the key of another account: error %v", err)
	}
}
