package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

func aCarrier(name string, isDefault bool) *sms.Carrier {
	return &sms.Carrier{Name: name, Kind: "smpp", Address: "smpp://me@" + name + ":2775", Secret: "open sesame", Default: isDefault}
}

func save(t *testing.T, s *store.Store, c *sms.Carrier) {
	t.Helper()
	if err := s.SaveCarrier(t.Context(), deed("carrier add"), c); err != nil {
		t.Fatal(err)
	}
}

func carriers(t *testing.T, s *store.Store) []sms.Carrier {
	t.Helper()
	all, err := s.Carriers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCarriers(t *testing.T) {
	s, _ := running(t, t.TempDir())
	a, b := aCarrier("a", true), aCarrier("b", true)
	save(t, s, a)
	save(t, s, b)
	a.Default = false // b took its place
	if diff := cmp.Diff([]sms.Carrier{*a, *b}, carriers(t, s)); diff != "" {
		t.Error(diff)
	}
	again := aCarrier("b", false)
	again.Address, again.Secret = "smpp://me@elsewhere:2775", "changed"
	save(t, s, again)
	got := carriers(t, s)[1]
	if got.ID != b.ID || got.Address != again.Address || got.Secret != "changed" || !got.Default {
		t.Errorf("saved again under its name: %+v; it keeps its id and stays the default", got)
	}
}

func TestRemovedCarrier(t *testing.T) {
	s, _ := running(t, t.TempDir())
	c := aCarrier("a", true)
	save(t, s, c)
	before, _ := s.Changes(t.Context(), 0)
	if gone, err := s.RemoveCarrier(t.Context(), deed("carrier remove"), "a"); err != nil || len(gone) != 0 {
		t.Fatal(gone, err)
	}
	news, err := s.Changes(t.Context(), before.Revision)
	gone := sms.Carrier{ID: c.ID, Name: "a", Kind: "smpp", Address: c.Address}
	if diff := cmp.Diff([]directory.CarrierChange{{Carrier: gone, Removed: true}}, news.Carriers); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if n := count(t, s, `SELECT LENGTH(secret) FROM carrier`); n != 0 {
		t.Errorf("the password of a removed carrier is kept, %d octets", n)
	}
	next := aCarrier("a", false)
	save(t, s, next)
	if next.ID == c.ID {
		t.Error("the id of a removed carrier was used again")
	}
	if _, err := s.RemoveCarrier(t.Context(), deed("carrier remove"), "b"); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("error %v", err)
	}
}

func TestPasswordOfCarrierIsSealed(t *testing.T) {
	dir := t.TempDir()
	s, stop := running(t, dir)
	save(t, s, aCarrier("a", true))
	stop()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("open sesame")) {
			t.Errorf("%s holds the password of the carrier in the clear", name)
		}
	}
	s, _ = running(t, dir)
	if got := carriers(t, s)[0].Secret; got != "open sesame" {
		t.Errorf("after a restart the password is %q", got)
	}
}

func TestSealIsBoundToItsCarrier(t *testing.T) {
	s, _ := running(t, t.TempDir())
	save(t, s, aCarrier("a", true))
	save(t, s, aCarrier("b", false))
	swap := func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE carrier SET secret = (SELECT secret FROM carrier WHERE name = 'a') WHERE name = 'b'`)
		return err
	}
	if err := s.Change(t.Context(), "test", swap); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Carriers(t.Context()); err == nil {
		t.Errorf("a password moved to another carrier was accepted: %v", all)
	}
}
