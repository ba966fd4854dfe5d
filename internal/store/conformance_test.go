package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/internal/store/storetest"
)

var conformanceSecret = []byte("a secret of the tests, 32 octets")

func openSQLite(t testing.TB, place string) *store.Store {
	t.Helper()
	return openLimited(t, place, 0)
}

func openLimited(t testing.TB, place string, most int64) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{Dir: place, Secret: conformanceSecret, MaxBacklog: most})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSQLite(t *testing.T) { storetest.Run(t, openSQLite) }

func TestSQLiteLimit(t *testing.T) {
	storetest.Limit(t, func(t testing.TB, place string) *store.Store { return openLimited(t, place, storetest.LimitOfTest) })
}

func TestField_receipt_before_response(t *testing.T) {
	storetest.Field(t, "receipt_before_response", openSQLite)
}
func TestField_id_formats(t *testing.T)        { storetest.Field(t, "id_formats", openSQLite) }
func TestField_multipart_receipt(t *testing.T) { storetest.Field(t, "multipart_receipt", openSQLite) }
func TestField_charged_for_nothing(t *testing.T) {
	storetest.Field(t, "charged_for_nothing", openSQLite)
}
func TestField_duplicate_receipt(t *testing.T) { storetest.Field(t, "duplicate_receipt", openSQLite) }
func TestField_inbound_parts(t *testing.T)     { storetest.Field(t, "inbound_parts", openSQLite) }
func TestField_duplicate_inbound(t *testing.T) { storetest.Field(t, "duplicate_inbound", openSQLite) }

func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	s := openSQLite(t, dir)
	_, err := store.Open(t.Context(), store.Options{Dir: dir, Secret: conformanceSecret})
	if !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second one: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openSQLite(t, dir).Close(); err != nil {
		t.Errorf("after the first was closed: %v", err)
	}
}

func TestWrongSecret(t *testing.T) {
	dir := t.TempDir()
	if err := openSQLite(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Options{Dir: dir, Secret: []byte("another")}); !errors.Is(err, store.ErrSecret) {
		t.Errorf("another secret: %v", err)
	}
	if err := openSQLite(t, dir).Close(); err != nil {
		t.Errorf("the first secret, after a wrong one: %v", err)
	}
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	s, _ := running(t, dir)
	create(t, s, "acme", 1) // a write, so that the log is there
	for name, want := range map[string]os.FileMode{".": 0o700, store.FileName: 0o600, store.FileName + "-wal": 0o600,
		store.FileName + "-shm": 0o600, "lock": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, want %v, error %v", name, info.Mode().Perm(), want, err)
		}
	}
}
